"""A prediction as a line: the article's sentences, TSV or JSON.

No line here can drive a terminal, whatever the text held: what is not printable
is written as a backslash escape.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # which brings NumPy, and the prompt is drawn before that
    from sentiment_repl.classifier import Prediction

# These two join emoji and letters of some scripts; they move no cursor.
_HARMLESS = "\u200c\u200d"

CANNOT_TELL = "Can't tell: no word here is in the training corpus."
TOO_CLOSE = "too close to call"


def escape(text: str) -> str:
    """Write control, formatting and surrogate characters as backslash escapes."""
    if text.isprintable():
        return text
    return "".join(
        char
        if char.isprintable() or char in _HARMLESS
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
    return f"{sentence} ({TOO_CLOSE})" if prediction.uncertain else sentence


def tsv(prediction: Prediction) -> str:
    """Label, confidence (0.5–1, eight decimals) and text; the first two empty for no answer.

    A label that is too close to call ends in a question mark.
    """
    if prediction.confidence is None:
        return f"\t\t{escape(prediction.text)}"
    doubt = "?" if prediction.uncertain else ""
    return f"{prediction.label}{doubt}\t{prediction.confidence:.8f}\t{escape(prediction.text)}"


_encode = json.JSONEncoder().encode  # ASCII only: safe in every encoding and terminal


def jsonl(prediction: Prediction) -> str:
    """One JSON object; ``label`` and ``confidence`` are null for no answer."""
    fields = prediction._asdict()
    if prediction.confidence is not None:
        fields["confidence"] = round(prediction.confidence, 8)
    return _encode(fields)


FORMATS: dict[str, Callable[[Prediction], str]] = {"text": text, "tsv": tsv, "jsonl": jsonl}
