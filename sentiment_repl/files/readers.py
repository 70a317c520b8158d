"""Rows of tables, JSON lines and plain text. A bad row costs itself and not those after it."""

import csv
import json
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, Protocol

from sentiment_repl.errors import FileError, UsageError
from sentiment_repl.files.columns import WantedColumn, find_column
from sentiment_repl.files.formats import DELIMITERS, Format
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.lines import MAX_CHARACTERS, Lines, Problem

# A quote that opens and never closes swallows what follows. After so many lines it counts as
# an error, and the lines are read again as rows of their own.
_MOST_LINES = 10_000
# A file may be full of such quotes. This bounds the characters that are read again, by a constant
# and the size of the file. Beyond it a quote has to close on its line, until more rows are read.
_READ_AGAIN = MAX_CHARACTERS
_OPEN_QUOTE = "a quote that opens and does not close"

# How many objects, and characters of them, are read to learn which keys a file has.
_FIRST_OBJECTS, _FIRST_CHARACTERS = 1000, 2**20


class Row(NamedTuple):
    """One row of a file."""

    line: int
    """The line of the file on which the row begins, from 1."""
    values: tuple[str, ...]
    """The wanted columns, in the order of the request."""
    size: int
    """Characters of the whole row."""
    fields: Sequence[str] = ()
    """All fields of a table, in the order of its columns; empty for JSON."""
    source: str = ""
    """A JSON object as the file has it; empty for a table."""


class Reader(Protocol):
    """Reads the rows of one file."""

    lines: Lines
    columns: Sequence[str]
    """The names of the columns, or the keys of the first objects."""

    def rows(self, reserved: Collection[str] = ()) -> Iterator[Row | Problem]:
        """Yield the rows in order, and a problem for each one that can't be read.

        :param reserved: names that are not in ``columns`` and that no later row may have.
        :raises FileError: the file can't be read further.
        """


def open_reader(file: InputFile, format: Format, wanted: Sequence[WantedColumn]) -> Reader:
    """Return the reader of a format.

    :raises FileError: there is no header.
    :raises UsageError: a wanted column is missing or ambiguous.
    """
    if format in DELIMITERS:
        return TableReader(Lines(file), wanted, delimiter=DELIMITERS[format])
    # A carriage return inside of a line is part of a text.
    lines = Lines(file, newline="\n")
    if format is Format.JSON_LINES:
        return JsonLinesReader(lines, wanted)
    return TextReader(lines, wanted)


class TableReader:
    """The rows of a CSV or TSV file. Blank lines are skipped.

    :param columns: the names of the columns; None if the first row holds them.
    :raises FileError: there is no header.
    :raises UsageError: a wanted column is missing or ambiguous.
    """

    def __init__(
        self,
        lines: Lines,
        wanted: Sequence[WantedColumn],
        *,
        delimiter: str,
        columns: Sequence[str] | None = None,
    ) -> None:
        csv.field_size_limit(MAX_CHARACTERS)
        self.lines = lines
        self._delimiter = delimiter
        self._taken: list[str | Problem] = []  # the lines of the row that is being read
        self._size = 0  # their characters
        self._credit = _READ_AGAIN  # characters that may be read again
        self._began = 0  # the number of the first of them
        self.columns: Sequence[str] = columns or ()
        self._records = self._parse()
        if columns is None:
            self.columns = self._read_header()
        self._indices = [find_column(lines.path, "column", self.columns, one) for one in wanted]

    def rows(self, reserved: Collection[str] = ()) -> Iterator[Row | Problem]:
        """Yield the rows in order, and a problem for each one that can't be read."""
        columns = len(self.columns)
        for fields in self._records:
            if isinstance(fields, str):
                yield Problem(self._began, fields)
            elif len(fields) == columns:
                values = tuple([fields[index] for index in self._indices])
                yield Row(self._began, values, self._size, fields)
            elif len(fields) > 1 or not fields[0].isspace():  # a blank line may hold spaces
                count = f"{len(fields)} column{'s' if len(fields) > 1 else ''}"
                yield Problem(self._began, f"{count} instead of {columns}")

    def _read_header(self) -> list[str]:
        header = next(self._records, None)
        if header is None:
            raise FileError(
                f"{self.lines.path}: it is empty, where a row of column names should be"
            )
        if isinstance(header, str):
            raise FileError(f"{self.lines.path}:{self._began}: the header can't be read: {header}")
        return header

    def _parse(self) -> Iterator[list[str] | str]:
        """Yield the fields of each row, or what is wrong with it. ``_began`` is its line."""
        ended = False
        while not ended:
            lines = iter(self._take, "")
            try:
                # Without strict mode, the end of the file closes an open quote in silence.
                for fields in csv.reader(lines, delimiter=self._delimiter, strict=True):
                    if len(self._taken) > 1 and self._unquoted(self._taken):
                        fields = self._first_line_alone()
                    if fields:
                        yield fields
                    self._forget()
                ended = True
            except csv.Error as error:
                what = _OPEN_QUOTE if "unexpected end of data" in str(error) else str(error)
                fields = self._first_line_alone()
                yield fields if self._unquoted(self._taken[:1]) else what
                self._forget()

    def _take(self) -> str:
        """Return the next line of the row. The parser asks until the row is complete."""
        if (
            len(self._taken) == _MOST_LINES
            or self._size > MAX_CHARACTERS
            or (self._taken and self._credit < 0)
        ):
            raise csv.Error(_OPEN_QUOTE)
        line = self.lines.take()
        if not self._taken:
            self._began = self.lines.number
        if not line:
            return ""
        self._taken.append(line)
        if isinstance(line, Problem):
            raise csv.Error(line.what)
        self._size += len(line)
        if "\0" in line:
            raise csv.Error("a NUL character")
        return line

    def _forget(self) -> None:
        self._credit += self._size
        self._taken.clear()
        self._size = 0

    def _unquoted(self, lines: Sequence[str | Problem]) -> bool:
        """Return whether quotes have no meaning here: each line alone has all columns.

        Many programs write TSV without quoting, and a tweet that opens a quote would swallow
        the next one. A quoted field of several lines looks the same only if it has tabs in the
        right places.
        """
        tabs = len(self.columns) - 1
        return (
            self._delimiter == "\t"
            and tabs > 0
            and all(
                isinstance(line, str) and line.count("\t") == tabs and "\0" not in line
                for line in lines
            )
        )

    def _first_line_alone(self) -> list[str]:
        """Split the row's first line without quoting; the lines after it are read again."""
        first, *others = self._taken
        self.lines.give_back(others)
        del self._taken[1:]
        first_size = 0 if isinstance(first, Problem) else len(first)
        self._credit -= self._size - first_size
        self._size = first_size
        if isinstance(first, Problem):
            return []
        return first.rstrip("\r\n").split(self._delimiter)


class JsonLinesReader:
    """The objects of a file with one on each line. Blank lines are skipped.

    :raises UsageError: the first object lacks a wanted key, or has several that fit.
    """

    def __init__(self, lines: Lines, wanted: Sequence[WantedColumn]) -> None:
        self.lines = lines
        self._records = self._parse()
        self._first: list[tuple[int, str, dict[str, Any] | str]] = []
        size = 0
        for record in self._records:
            self._first.append(record)
            size += len(record[1])
            if len(self._first) == _FIRST_OBJECTS or size > _FIRST_CHARACTERS:
                break
        objects = [found for _, _, found in self._first if isinstance(found, dict)]
        self.columns: Sequence[str] = list(dict.fromkeys(chain.from_iterable(objects)))
        self._wanted = [(self._key(column, objects), column.numbers) for column in wanted]

    def rows(self, reserved: Collection[str] = ()) -> Iterator[Row | Problem]:
        """Yield the objects in order, and a problem for each one that can't be read."""
        taken = frozenset(reserved)
        for number, line, found in chain(self._first, self._records):
            if isinstance(found, str):
                yield Problem(number, found)
                continue
            values = self._values(found)
            if isinstance(values, str):
                yield Problem(number, values)
            elif not taken.isdisjoint(found):
                # Earlier rows have an added column of this name: nobody could tell them apart.
                key = min(taken.intersection(found))
                yield Problem(number, f"a key {key!r}, which none of the first objects has")
            else:
                yield Row(number, values, len(line), source=line)
        self._first.clear()

    def _key(self, column: WantedColumn, objects: Sequence[dict[str, Any]]) -> str:
        if column.name is not None or not objects:
            return column.name or column.usual[0]
        keys = list(objects[0])
        return keys[find_column(self.lines.path, "key", keys, column)]

    def _values(self, found: dict[str, Any]) -> tuple[str, ...] | str:
        """Return the wanted values of an object, or what is wrong with them."""
        values = []
        for key, numbers in self._wanted:
            value = found.get(key)
            if numbers and isinstance(value, (int, float)):
                value = json.dumps(value)
            elif not isinstance(value, str):
                return f"the key {key!r} {'is not a string' if key in found else 'is missing'}"
            values.append(value)
        return tuple(values)

    def _parse(self) -> Iterator[tuple[int, str, dict[str, Any] | str]]:
        """Yield the number of each line, the line, and its object or what is wrong with it."""
        for line in self.lines:
            if isinstance(line, Problem):
                yield line.line, "", line.what
            elif not line.isspace():
                yield self.lines.number, line, _parse_object(line)


class TextReader:
    """The lines of a plain text, blank lines too. Each row has one value, the text.

    :raises UsageError: the user named a column.
    """

    columns: Sequence[str] = ("text",)

    def __init__(self, lines: Lines, wanted: Sequence[WantedColumn] = ()) -> None:
        for column in wanted:
            if column.name is not None:
                raise UsageError(
                    f"{lines.path}: plain text has no columns; leave {column.option} out"
                )
        self.lines = lines

    def rows(self, reserved: Collection[str] = ()) -> Iterator[Row | Problem]:
        """Yield the lines without their ends, and a problem for each one that is too long."""
        for line in self.lines:
            if isinstance(line, Problem):
                yield line
            else:
                text = line.removesuffix("\n").removesuffix("\r")
                yield Row(self.lines.number, (text,), len(text), [text])


def split_fields(line: str, delimiter: str) -> list[str]:
    """Split one line of a table into its fields; empty if it is no row.

    >>> split_fields('1,"a, b"', ",")
    ['1', 'a, b']
    """
    csv.field_size_limit(MAX_CHARACTERS)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _parse_object(line: str) -> dict[str, Any] | str:
    """Return a JSON object, or what is wrong with it."""
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} (column {error.colno})"
    except (ValueError, RecursionError) as error:  # such as a number of thousands of digits
        return f"JSON that is not read: {error}"
    return found if isinstance(found, dict) else "not a JSON object"
