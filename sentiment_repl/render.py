"""Write a prediction as a line: the article's sentences, TSV or JSON lines.

No line can drive a terminal, whatever the text holds: characters that are not printable
become backslash escapes.
"""

import json
from collections.abc import Callable, Iterable, Iterator

from sentiment_repl.prediction import TOO_LONG, Prediction, WordContribution

JOINERS = "\u200c\u200d"
"""Invisible characters that join emoji and letters of some scripts; safe on a terminal."""

CANNOT_TELL = "Can't tell: no word here is in the training corpus."
TOO_CLOSE = "too close to call"

NOTABLE = 0.3
"""The contribution (log-odds) from which a word is named and coloured."""
_MOST_NAMED = 8  # words of an explanation


def escape(text: str) -> str:
    """Replace control, format and surrogate characters with backslash escapes."""
    if text.isprintable():
        return text
    return "".join(
        char
        if char.isprintable() or char in JOINERS
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def unknown_word_warnings(prediction: Prediction) -> Iterator[str]:
    """Yield the article's warning for each out-of-vocabulary word."""
    for word in prediction.unknown_words:
        yield f"'{escape(word)}' not in training corpus; ignoring."


def to_sentence(prediction: Prediction) -> str:
    """Return the article's sentence, or one that says that there is no answer."""
    if prediction.confidence is None:
        return TOO_LONG if prediction.too_long else CANNOT_TELL
    sentence = f"{prediction.label} sentiment; {100 * prediction.confidence:f}% confidence"
    if prediction.uncertain:
        sentence += f" ({TOO_CLOSE})"
    if prediction.contributions is not None:
        sentence += f"; {explanation(prediction)}"
    return sentence


def explanation(prediction: Prediction) -> str:
    """Return a phrase that names the words with the largest contributions."""
    return f"words: {notable_words(prediction) or 'none moves it much'}"


def notable_words(prediction: Prediction) -> str:
    """Return the words with the largest contributions, in the order of the text.

    At most eight words, each with a contribution of ``NOTABLE`` or more; empty if none has.
    """
    # A bag of words gives every occurrence of a word the same contribution: name it once.
    distinct: dict[tuple[str, float], WordContribution] = {}
    for word in prediction.contributions or ():
        distinct.setdefault((word.word.lower(), word.contribution), word)
    largest = sorted(distinct.values(), key=lambda word: -abs(word.contribution))[:_MOST_NAMED]
    return " | ".join(
        f"{escape(word.word)} {word.contribution:+.2f}"
        for word in distinct.values()
        if word in largest and abs(word.contribution) >= NOTABLE
    )


def contributions_to_json(words: Iterable[WordContribution]) -> list[dict[str, object]]:
    """Return contributions as JSON objects, rounded to six decimals."""
    return [{**word._asdict(), "contribution": round(word.contribution, 6)} for word in words]


def to_tsv(prediction: Prediction) -> str:
    """Return label, confidence (eight decimals) and text, with tabs between.

    The first two are empty if there is no answer. A question mark follows a label that is too
    close to call. An explained prediction has a fourth field with the notable words.
    """
    fields = ["", "", escape(prediction.text)]
    if prediction.confidence is not None:
        doubt = "?" if prediction.uncertain else ""
        fields[:2] = f"{prediction.label}{doubt}", f"{prediction.confidence:.8f}"
    if prediction.contributions is not None:
        fields.append(notable_words(prediction))
    return "\t".join(fields)


_encode_json = json.JSONEncoder().encode  # ASCII only: safe in every encoding and terminal


def to_json(prediction: Prediction) -> str:
    """Return one JSON object. See ``json_fields``."""
    encoded = _encode_json(json_fields(prediction))
    return encoded.replace("\x7f", "\\u007f")  # JSON leaves DEL raw


def json_fields(prediction: Prediction) -> dict[str, object]:
    """Return the fields of the JSON object.

    ``label``, ``confidence`` and ``probabilities`` are None if there is no answer.
    ``contributions`` is there if the prediction was explained.
    """
    text, label, confidence, unknown_words, uncertain, probabilities, contributions = prediction
    fields: dict[str, object] = {
        "text": text,
        "label": label,
        "confidence": None if confidence is None else round(confidence, 8),
        "unknown_words": unknown_words,
        "uncertain": uncertain,
        "probabilities": probabilities
        and {name: round(probability, 8) for name, probability in probabilities.items()},
    }
    if contributions is not None:
        fields["contributions"] = contributions_to_json(contributions)
    return fields


FORMATS: dict[str, Callable[[Prediction], str]] = {
    "text": to_sentence,
    "tsv": to_tsv,
    "jsonl": to_json,
}
