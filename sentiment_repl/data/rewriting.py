"""Rewriting: new texts, made from training texts by rule, for a teacher to label.

Labelled texts are few, and most of their negations are complaints. A network that learns from them
alone learns that "not" is negative. A rule adds or removes a negation, changes the mood or the
degree, cuts out a clause, or joins two clauses with "but" (data augmentation for distillation;
Jiao et al. 2020, arXiv:1909.10351).

The rules need no parser, so some texts are odd English. The teacher judges what they say.
The words and their replacements are in ``rewriting.json``.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_JOINED_SHARE = 0.3
"""The share of results that join two parts."""
_CLAUSE_SHARE = 0.6
"""The share of parts that are a single clause of a text."""
_SPAN_SHARE = 0.1
"""The share of parts that are cut to a span of a few words."""
_LONGEST_SPAN = 6  # words
_SWAPPED_ALONE, _SWAPPED_JOINED = 0.85, 0.4
"""The share of parts that have a word replaced: of those that stand alone, and of joined ones."""
_SECOND_SWAP_SHARE = 0.15
"""The share of these that have two words replaced."""
_MOST_WORDS = 20
"""The words of the longest part; the rest of a text is cut off."""

_CONTENT = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_JOINTS: list[str] = _CONTENT["joints"]
_CLAUSE_END = re.compile(r"(?<=[.!?;])\s+|,\s+|\s+(?=(?:but|although|because|and|when|so)\b)")


def _swaps() -> dict[str, list[str]]:
    """Return the replacements of each word, and of each pronoun with a verb."""
    swaps: dict[str, list[str]] = dict(_CONTENT["swaps"])
    for base, third, past in _CONTENT["verbs"]:
        if past != base:
            swaps[past] = [f"{not_} {base}" for not_ in ("didn't", "never", "used to")]
        swaps[third] = [f"{not_} {base}" for not_ in ("doesn't", "never", "no longer")]
        for pronoun in ("i", "we", "you", "they", "people"):
            swaps[f"{pronoun} {base}"] = [
                f"{pronoun} {not_} {base}" for not_ in ("don't", "never", "no longer", "used to")
            ]
    return swaps


_SWAPS = _swaps()


def rewrite(texts: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """Yield rewritten texts. The same texts and seed yield the same ones.

    :param texts: the originals. Blank ones are left out.
    :param count: how many texts are tried. One that stays as it was is left out.
    """
    texts = [text for text in texts if text.strip()]
    rng = random.Random(seed)
    for _ in range(count if texts else 0):
        if rng.random() < _JOINED_SHARE:
            first, second = (_part(rng.choice(texts), _SWAPPED_JOINED, rng) for _ in range(2))
            yield f"{first.rstrip('.!?,;')}{rng.choice(_JOINTS)} {second}"
        else:
            original = rng.choice(texts)
            rewritten = _part(original, _SWAPPED_ALONE, rng)
            if rewritten != original:
                yield rewritten


def _part(text: str, swapped_share: float, rng: random.Random) -> str:
    """Return a text or a clause of it, mostly with a word replaced."""
    if rng.random() < _CLAUSE_SHARE:
        text = rng.choice(
            [clause for clause in _CLAUSE_END.split(text) if clause.strip()] or [text]
        )
    words = text.replace("’", "'").split()[:_MOST_WORDS]
    if rng.random() < _SPAN_SHARE:
        start = rng.randrange(len(words))
        words = words[start : start + rng.randint(1, _LONGEST_SPAN)]
    if rng.random() < swapped_share:
        words = _swap(words, rng)
        if rng.random() < _SECOND_SWAP_SHARE:
            words = _swap(words, rng)
    return " ".join(words)


def _swap(words: list[str], rng: random.Random) -> list[str]:
    """Replace a word, or a pronoun and its verb, if any has a replacement."""
    places = [
        (start, start + size, replacements)
        for size in (1, 2)
        for start in range(len(words) - size + 1)
        if (replacements := _SWAPS.get(" ".join(words[start : start + size]).lower()))
    ]
    if not places:
        return words
    start, end, replacements = rng.choice(places)
    return [*words[:start], *rng.choice(replacements).split(), *words[end:]]
