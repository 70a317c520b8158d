"""Rows and their predictions as lines of a table, of JSON or of plain text."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Sequence
from typing import cast

from sentiment_repl import render
from sentiment_repl.files.cells import to_cell
from sentiment_repl.files.formats import DELIMITERS, Format
from sentiment_repl.files.rows import Reader, Row, TableStyle
from sentiment_repl.prediction import Prediction

ADDED = ("label", "confidence", "uncertain")
"""The columns that a prediction adds."""
EXPLANATION = "contributions"
"""The column that an explained prediction adds after them."""


def free_names(columns: Sequence[str], added: Sequence[str]) -> list[str]:
    """Return names for added columns that a file does not have yet.

    >>> free_names(["text", "Label"], ["label", "confidence"])
    ['label_2', 'confidence']
    """
    taken = {column.strip().casefold() for column in columns}
    numbers: dict[str, int] = {}
    return [_free_name(name, taken, numbers) for name in added]


def distinct_names(columns: Iterable[str]) -> list[str]:
    """Return the names of columns; of several columns with one name, the later get a number.

    >>> distinct_names(["n", "n", "n_2"])
    ['n', 'n_2', 'n_2_2']
    """
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    names = []
    for column in columns:
        names.append(_free_name(column, taken, numbers))
        taken.add(names[-1])
    return names


def _free_name(name: str, taken: Container[str], numbers: dict[str, int]) -> str:
    """Return the name with the first number that makes it a new one.

    :param numbers: the last number of each name. It spares a search from the start.
    """
    candidate, number = name, numbers.get(name, 1)
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    numbers[name] = number
    return candidate


class Writer(ABC):
    """Makes the lines of an output, each with its newline."""

    def header(self) -> str:
        """Return what stands before the first row: nothing, unless the output is a table."""
        return ""

    @abstractmethod
    def line(self, row: Row, prediction: Prediction) -> str:
        """Return a row with its prediction."""


def make_writer(source: Format, target: Format, reader: Reader, added: Sequence[str]) -> Writer:
    """Return the writer of a format.

    :param source: the format of the input.
    :param reader: the reader of the input.
    :param added: names for the columns of ``ADDED``, and for ``EXPLANATION`` if predictions
        are explained.
    """
    if target in DELIMITERS:
        style = reader.style or TableStyle(DELIMITERS[target])
        if source is not target:
            style = TableStyle(DELIMITERS[target], style.header)
        return TableWriter(reader.columns, added, style, _fields_of(source, reader.columns))
    if target is Format.TEXT:
        return TextWriter()
    return JsonLinesWriter(added) if source is target else ObjectWriter(reader.columns, added)


Fields = Callable[[Row], Sequence[str]]


def _fields_of(source: Format, columns: Sequence[str]) -> Fields:
    """Return the function that returns the fields of a row as strings."""
    if source is Format.JSON_LINES:
        return lambda row: [to_cell((row.record or {}).get(column)) for column in columns]
    if source in (Format.PARQUET, Format.EXCEL):
        return lambda row: [to_cell(field) for field in row.fields]
    return lambda row: cast(Sequence[str], row.fields)


class TableWriter(Writer):
    """Rows of a table as CSV or TSV. A missing label is an empty field.

    In a TSV, a quote inside of a field stays single. Every reader accepts that, and one that
    knows no quoting would show a double one.

    :param fields: returns the fields of a row as strings.
    """

    def __init__(
        self, columns: Sequence[str], added: Sequence[str], style: TableStyle, fields: Fields
    ) -> None:
        self._columns = [*columns, *added]
        self._style = style
        self._fields = fields

    def header(self) -> str:
        """Return the row of column names, and the line that names the delimiter."""
        separator = f"sep={self._style.delimiter}\n" if self._style.separator_line else ""
        return separator + (self._to_line(self._columns) if self._style.header else "")

    def line(self, row: Row, prediction: Prediction) -> str:
        """Return all columns of a row, then the prediction."""
        fields = [*self._fields(row), *map(_to_field, _added_values(prediction))]
        if prediction.contributions is not None:  # a person reads a table
            fields.append(render.notable_words(prediction))
        return self._to_line(fields)

    def _to_line(self, fields: Sequence[str]) -> str:
        # csv.writer takes three times as long, and quotes no lone carriage return.
        delimiter = self._style.delimiter
        quotes_quotes = delimiter != "\t"
        written = [
            '"' + field.replace('"', '""') + '"'
            if delimiter in field
            or "\n" in field
            or "\r" in field
            or ('"' in field and (quotes_quotes or field[0] == '"'))
            else field
            for field in fields
        ]
        return delimiter.join(written) + "\n"


class ObjectWriter(Writer):
    """Rows of a table or a text as JSON lines. A missing label is null."""

    def __init__(self, columns: Sequence[str], added: Sequence[str]) -> None:
        self._keys = distinct_names(columns)  # a table may have two of a name, an object may not
        self._added = free_names(self._keys, added)

    def line(self, row: Row, prediction: Prediction) -> str:
        """Return one object."""
        fields = dict(zip(self._keys, row.fields))
        return _encode_json(fields | _added_object(self._added, prediction)) + "\n"


class JsonLinesWriter(Writer):
    """JSON lines to the letter as they were, with the prediction's keys at the end."""

    def __init__(self, added: Sequence[str]) -> None:
        self._added = added

    def line(self, row: Row, prediction: Prediction) -> str:
        """Return the object of the input with more keys."""
        added = _encode_json(_added_object(self._added, prediction))
        begun = row.source.rstrip().removesuffix("}").rstrip()
        return f"{begun}{'' if begun.endswith('{') else ', '}{added[1:]}\n"


class TextWriter(Writer):
    """Plain text as ``--format tsv`` writes it: label, confidence, text."""

    def line(self, row: Row, prediction: Prediction) -> str:
        """Return one line."""
        return render.to_tsv(prediction) + "\n"


_encode_json = json.JSONEncoder(ensure_ascii=False).encode


def _added_values(prediction: Prediction) -> tuple[str | None, float | None, bool]:
    """Return the values of the columns ``ADDED``."""
    return prediction.label, prediction.confidence, prediction.uncertain


def _to_field(value: str | float | bool | None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else f"{value:.8f}"


def _added_object(names: Sequence[str], prediction: Prediction) -> dict[str, object]:
    label, confidence, uncertain = _added_values(prediction)
    values: list[object] = [label, None if confidence is None else round(confidence, 8), uncertain]
    if prediction.contributions is not None:
        values.append(render.contributions_to_json(prediction.contributions))
    return dict(zip(names, values))
