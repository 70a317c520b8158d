"""Synthetic sentences: labelled sentences from templates.

They teach what labels by emoticon hardly teach:

- negation and contrast: a negated dislike is no dislike, and the end of a "but" outweighs its
  start;
- neutral statements of fact;
- emoticons, which decide what the words leave open.

The templates and their words are in ``synthetic.json``. The project's own test sentences
(``results/sets``) have other adjectives, other things and other templates. Only the plainest
templates ("… was not …") occur in both.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from sentiment_repl.data.labels import NEGATIVE, NEUTRAL, POSITIVE, LabelledText

_STATEMENT_SHARE = 0.6  # of all sentences; the others are opinions
_EMOTICON_SHARE = 0.3  # of the statements


_CONTENT = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
OPINION_WORDS: dict[str, list[str]] = _CONTENT["opinion_words"]
"""The words for each slot of an opinion."""
_OPINIONS: list[tuple[str, str]] = _CONTENT["opinions"]  # (label, template)
_STATEMENT_WORDS: dict[str, list[str]] = _CONTENT["statement_words"]
_STATEMENTS: list[str] = _CONTENT["statements"]
_EMOTICONS: dict[str, list[str]] = _CONTENT["emoticons"]  # by label
_SLOT = re.compile(r"\{(\w+)\}")


def synthetic_sentences(count: int, seed: int) -> Iterator[LabelledText]:
    """Yield random sentences. The same seed yields the same ones.

    :return: sentences with the labels negative, neutral and positive.
    """
    rng = random.Random(seed)
    for _ in range(count):
        yield _statement(rng) if rng.random() < _STATEMENT_SHARE else _opinion(rng)


def _opinion(rng: random.Random) -> LabelledText:
    label, template = rng.choice(_OPINIONS)
    return LabelledText(label, _fill("{so} " + template + " {when} {end}", OPINION_WORDS, rng))


def _statement(rng: random.Random) -> LabelledText:
    text = _fill("{from} " + rng.choice(_STATEMENTS) + " {tail}", _STATEMENT_WORDS, rng)
    if rng.random() >= _EMOTICON_SHARE:
        return LabelledText(NEUTRAL, text)
    label = rng.choice((NEGATIVE, POSITIVE))
    emoticon = rng.choice(_EMOTICONS[label])
    comes_first = rng.random() < 0.2
    return LabelledText(label, f"{emoticon} {text}" if comes_first else f"{text} {emoticon}")


def _fill(template: str, words: dict[str, list[str]], rng: random.Random) -> str:
    """Fill the slots of a template, and those of the words in them. Spaces become single."""
    while _SLOT.search(template):
        template = _SLOT.sub(lambda slot: rng.choice(words[slot[1]]), template)
    return " ".join(template.split())
