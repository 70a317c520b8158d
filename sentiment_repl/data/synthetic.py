"""Synthetic sentences: labelled sentences from templates.

They teach what labels by emoticon hardly teach:

- negation and contrast: a negated dislike is no dislike, and the end of a "but" outweighs its
  start;
- praise and complaint in set phrases: "can't fault", "stay away from", "2 stars";
- facts that are good or bad news: "found a cockroach in the kitchen";
- remarks of a word or a few: "yikes", "made my week", "3/5";
- neutral statements of fact, requests and questions;
- identity terms and first names in neutral statements, and in good news as often as in bad;
- signs (emoticons, emoji and hashtags), which decide what the words leave open.

The templates and their words are in ``synthetic.json``. The project's own test sentences
(``results/sets``) have other adjectives, other things and other templates. Only the plainest
templates ("… was not …") occur in both.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from sentiment_repl.classifier import NEGATIVE, NEUTRAL, POSITIVE
from sentiment_repl.data.identity_terms import words_of_form
from sentiment_repl.data.labels import LabelledText

_SHARES = {"opinion": 0.45, "remark": 0.15, "statement": 0.25, "question": 0.15}
_ABOUT_SHARE = 0.3  # of the remarks name what they are about
_SIGN_SHARE = 0.4  # of the statements
_OPINION_SIGN_SHARE = 0.1


_CONTENT = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
OPINION_WORDS: dict[str, list[str]] = _CONTENT["opinion_words"]
"""The words for each slot of an opinion."""
_WORDS: dict[str, list[str]] = {
    **OPINION_WORDS,
    **_CONTENT["statement_words"],
    "identity": words_of_form("adjective"),
    "group": words_of_form("plural"),
    "name": words_of_form("name"),
}
_OPINIONS: list[tuple[str, str]] = _CONTENT["opinions"]  # (label, template)
_REMARKS: list[tuple[str, str]] = [
    (label, remark) for label, remarks in _CONTENT["remarks"].items() for remark in remarks
]
_STATEMENTS: list[str] = _CONTENT["statements"]
_QUESTIONS: list[str] = _CONTENT["questions"]  # and requests
_SIGNS: dict[str, list[str]] = _CONTENT["signs"]  # by label
_SLOT = re.compile(r"\{(\w+)\}")


def synthetic_sentences(count: int, seed: int) -> Iterator[LabelledText]:
    """Yield random sentences. The same seed yields the same ones.

    :return: sentences with the labels negative, neutral and positive.
    """
    rng = random.Random(seed)
    kinds = {
        "opinion": _opinion,
        "remark": _remark,
        "statement": _statement,
        "question": _question,
    }
    for _ in range(count):
        yield kinds[rng.choices(list(_SHARES), list(_SHARES.values()))[0]](rng)


def _opinion(rng: random.Random) -> LabelledText:
    label, template = rng.choice(_OPINIONS)
    text = _fill("{so} " + template + " {when} {end}", rng)
    if rng.random() < _OPINION_SIGN_SHARE:
        text = _add_sign(text, label, rng)
    return LabelledText(label, text)


def _remark(rng: random.Random) -> LabelledText:
    label, remark = rng.choice(_REMARKS)
    if rng.random() < _ABOUT_SHARE:
        remark = rng.choice((f"{{item}} : {remark}", f"{remark} , {{item}}"))
    text = _fill(remark + " {end}", rng)
    if rng.random() < _OPINION_SIGN_SHARE:
        text = _add_sign(text, label, rng)
    return LabelledText(label, text)


def _statement(rng: random.Random) -> LabelledText:
    text = _fill("{from} " + rng.choice(_STATEMENTS) + " {tail}", rng)
    if rng.random() >= _SIGN_SHARE:
        return LabelledText(NEUTRAL, text)
    label = rng.choice((NEGATIVE, NEUTRAL, POSITIVE))
    return LabelledText(label, _add_sign(text, label, rng))


def _question(rng: random.Random) -> LabelledText:
    return LabelledText(NEUTRAL, _fill("{hello} " + rng.choice(_QUESTIONS) + " {closing}", rng))


def _add_sign(text: str, label: str, rng: random.Random) -> str:
    """Add a sign of a label, sometimes two, mostly at the end."""
    signs = " ".join(rng.choices(_SIGNS[label], k=rng.choices((1, 2), (9, 1))[0]))
    return f"{signs} {text}" if rng.random() < 0.2 else f"{text} {signs}"


def _fill(template: str, rng: random.Random) -> str:
    """Fill the slots of a template, and those of the words in them. Spaces become single."""
    while _SLOT.search(template):
        template = _SLOT.sub(lambda slot: rng.choice(_WORDS[slot[1]]), template)
    return " ".join(template.split())
