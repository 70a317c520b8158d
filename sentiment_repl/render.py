"""A prediction as a line: the article's sentences, TSV or JSON.

No line here can drive a terminal, whatever the text held: what is not printable
is written as a backslash escape.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # which brings NumPy, and the prompt is drawn before that
    from sentiment_repl.classifier import Prediction
    from sentiment_repl.effects import WordEffect

# These two join emoji and letters of some scripts; they move no cursor.
HARMLESS = "\u200c\u200d"

CANNOT_TELL = "Can't tell: no word here is in the training corpus."
TOO_CLOSE = "too close to call"

_NAMED = 8  # words, at most, of an explanation
_LEAST = 0.3  # of log-odds, as in the colours of the prompt


def escape(text: str) -> str:
    """Write control, formatting and surrogate characters as backslash escapes."""
    if text.isprintable():
        return text
    return "".join(
        char
        if char.isprintable() or char in HARMLESS
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def out_of_vocabulary(prediction: Prediction) -> Iterator[str]:
    """The article's warnings, one for each unknown word."""
    for word in prediction.unknown_words:
        yield f"'{escape(word)}' not in training corpus; ignoring."


def text(prediction: Prediction) -> str:
    """The article's sentence, or one that says that no answer is possible."""
    if prediction.confidence is None:
        return CANNOT_TELL
    sentence = f"{prediction.label} sentiment; {100 * prediction.confidence:f}% confidence"
    if prediction.uncertain:
        sentence += f" ({TOO_CLOSE})"
    if prediction.word_effects is not None:
        sentence += f"; {explanation(prediction)}"
    return sentence


def explanation(prediction: Prediction) -> str:
    """A sentence about the words that move an explained prediction most."""
    return f"words: {strongest(prediction) or 'none moves it much'}"


def strongest(prediction: Prediction) -> str:
    """Those words with their effects, in the order of the text; empty if there are none."""
    # A model that only asks whether a word is there gives each of its places one effect.
    effects: dict[tuple[str, float], WordEffect] = {}
    for word in prediction.word_effects or ():
        effects.setdefault((word.word.lower(), word.effect), word)
    chosen = sorted(effects.values(), key=lambda word: -abs(word.effect))[:_NAMED]
    named = [word for word in effects.values() if word in chosen and abs(word.effect) >= _LEAST]
    return " | ".join(f"{escape(word.word)} {word.effect:+.2f}" for word in named)


def word_effects(effects: Iterable[WordEffect]) -> list[dict[str, object]]:
    """All effects as JSON has them."""
    return [{**word._asdict(), "effect": round(word.effect, 6)} for word in effects]


def tsv(prediction: Prediction) -> str:
    """Label, confidence (0.5–1, eight decimals) and text; the first two empty for no answer.

    A label that is too close to call ends in a question mark. Of a prediction that was
    explained the words that move it stand in a fourth field.
    """
    fields = ["", "", escape(prediction.text)]
    if prediction.confidence is not None:
        doubt = "?" if prediction.uncertain else ""
        fields[:2] = f"{prediction.label}{doubt}", f"{prediction.confidence:.8f}"
    if prediction.word_effects is not None:
        fields.append(strongest(prediction))
    return "\t".join(fields)


_encode = json.JSONEncoder().encode  # ASCII only: safe in every encoding and terminal


def jsonl(prediction: Prediction) -> str:
    """One JSON object; ``label`` and ``confidence`` are null for no answer.

    ``word_effects`` is there if the prediction was explained.
    """
    fields = prediction._asdict()
    if prediction.confidence is not None:
        fields["confidence"] = round(prediction.confidence, 8)
    if prediction.word_effects is None:
        del fields["word_effects"]
    else:
        fields["word_effects"] = word_effects(prediction.word_effects)
    return _encode(fields).replace("\x7f", "\\u007f")  # the one that JSON leaves raw


FORMATS: dict[str, Callable[[Prediction], str]] = {"text": text, "tsv": tsv, "jsonl": jsonl}
