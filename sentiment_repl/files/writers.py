"""Rows and their answers as lines of a table, of JSON or of plain text."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sentiment_repl import render

if TYPE_CHECKING:  # which brings NumPy, and the files are checked before that
    from sentiment_repl.classifier import Prediction

ADDED = ("label", "confidence", "uncertain")
"""The columns that ``answer`` adds, in its order; then ``EXPLAINED`` if it was asked for."""
EXPLAINED = "word_effects"


def answer(prediction: Prediction) -> dict[str, Any]:
    """What the output says of a prediction, column by column."""
    columns: dict[str, Any] = {
        "label": prediction.label,
        "confidence": prediction.confidence,
        "uncertain": prediction.uncertain,
    }
    if prediction.word_effects is not None:
        columns[EXPLAINED] = render.word_effects(prediction.word_effects)
    return columns


def free_names(columns: Sequence[str], explain: bool) -> list[str]:
    """The names of the added columns; ``label_2`` and so on where a name is taken."""
    taken = {column.strip().casefold() for column in columns}
    return [_free(name, taken) for name in (*ADDED, *[EXPLAINED] * explain)]


def _free(name: str, taken: Container[str]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


class Writer(Protocol):
    """Makes the lines of an output, each with its newline."""

    def head(self) -> str:
        """What stands before the first row."""

    def line(self, content: Any, prediction: Prediction) -> str:
        """A row with its answer; ``content`` as the reader of the input has it."""


class Table:
    """Rows of a table as CSV or TSV. No answer is an empty field.

    In a TSV a quote inside a field stays as it is: every reader takes it so, and those
    that know no quoting do not find it doubled.
    """

    def __init__(self, columns: Sequence[str], delimiter: str, explain: bool) -> None:
        self._columns = [*columns, *free_names(columns, explain)]
        self._delimiter = delimiter
        self._strict = delimiter == ","

    def head(self) -> str:
        return self._row(self._columns)

    def line(self, content: Any, prediction: Prediction) -> str:
        added = answer(prediction)
        if EXPLAINED in added:  # a person reads a table
            added[EXPLAINED] = render.strongest(prediction)
        return self._row([*content, *map(_field, added.values())])

    def _row(self, fields: list[str]) -> str:
        # csv.writer takes three times as long, and quotes no carriage return on its own.
        delimiter, strict = self._delimiter, self._strict
        written = [
            _quoted(field)
            if delimiter in field
            or "\n" in field
            or "\r" in field
            or ('"' in field and (strict or field[0] == '"'))
            else field
            for field in fields
        ]
        return delimiter.join(written) + "\n"


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'


def _field(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else f"{value:.8f}"


_json = json.JSONEncoder(ensure_ascii=False).encode


def _values(prediction: Prediction) -> list[Any]:
    """The answer's values for JSON."""
    values = answer(prediction).values()
    return [round(value, 8) if isinstance(value, float) else value for value in values]


class Objects:
    """Rows of a table as JSON lines. No answer is null."""

    def __init__(self, columns: Sequence[str], explain: bool) -> None:
        self._keys: list[str] = []
        for column in columns:  # a table may have two of a name, an object may not
            self._keys.append(_free(column, self._keys))
        self._added = free_names(self._keys, explain)

    def head(self) -> str:
        return ""

    def line(self, content: Any, prediction: Prediction) -> str:
        fields = dict(zip(self._keys, content))
        fields.update(zip(self._added, _values(prediction)))
        return _json(fields) + "\n"


class JsonLines:
    """JSON lines with the answer's keys at the end, to the letter as they were before it."""

    def __init__(self, columns: Sequence[str], explain: bool) -> None:
        self._added = free_names(columns, explain)

    def head(self) -> str:
        return ""

    def line(self, content: Any, prediction: Prediction) -> str:
        added = _json(dict(zip(self._added, _values(prediction))))
        # The object has a text, so that a comma is right.
        return f"{content.rstrip().removesuffix('}').rstrip()}, {added[1:]}\n"


class Text:
    """Plain text as ``--format tsv`` writes it: label, confidence, text."""

    def head(self) -> str:
        return ""

    def line(self, content: Any, prediction: Prediction) -> str:
        return render.tsv(prediction) + "\n"
