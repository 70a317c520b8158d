"""Rows from tables, JSON lines and plain text; a bad row costs itself and not those after it."""

import csv
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from sentiment_repl import render
from sentiment_repl.errors import FileError, UsageError
from sentiment_repl.files.lines import LONGEST, TOO_LONG, TOO_LONG_SENTENCE, Lines, Problem
from sentiment_repl.files.writers import free_names

USUAL = ("text", "sentence", "review", "tweet", "comment")
"""Columns that are taken for the text where none is named."""

# A quote that opens and never closes swallows what follows. Past so many lines it is
# taken for the error that it is, and the lines are read again as rows of their own.
_MOST_LINES = 10_000
_OPEN_QUOTE = "a quote that opens and does not close"

# Objects that are looked at to learn which keys a file has, and their characters.
_FIRST, _FIRST_CHARACTERS = 1000, 2**20


class Row(NamedTuple):
    """One text, and all that goes to the output with it."""

    text: str
    content: Any
    """The fields of a table in the order of its columns; the line of a JSON object."""
    size: int
    """Characters, of all of it."""


class Table:
    """The rows of a CSV or TSV file with a header; blank lines are none.

    :param column: the name of the text column; None for the usual one.
    :raises FileError: there is no header.
    :raises UsageError: it has no such column, or no usual one, or several.
    """

    def __init__(self, lines: Lines, column: str | None, delimiter: str) -> None:
        csv.field_size_limit(LONGEST)
        self._lines = lines
        self._delimiter = delimiter
        self._taken: list[str] = []  # the lines of the row that is being read
        self._size = 0  # their characters
        self._began = 0  # the number of the first of them
        self.columns: list[str] = []
        self._records = self._parse()
        number, header = next(self._records, (0, []))
        if isinstance(header, str):
            raise FileError(f"{lines.path}:{number}: the header can't be read: {header}")
        if not header:
            raise FileError(f"{lines.path}: it is empty, where a row of column names should be")
        self.columns = header
        self._text = choose(lines.path, "column", header, column)

    def __iter__(self) -> Iterator[Row | Problem]:
        text, columns = self._text, len(self.columns)
        for number, fields in self._records:
            if isinstance(fields, str):
                yield Problem(number, fields)
            elif len(fields) != columns:
                yield Problem(number, f"{len(fields)} columns, where {columns} are expected")
            else:
                yield Row(fields[text], fields, self._size)

    def _parse(self) -> Iterator[tuple[int, list[str] | str]]:
        """The line on which each row begins, and its fields or what is wrong with it."""
        ended = False
        while not ended:
            lines = iter(self._take, "")
            try:
                # Strict mode is the one that tells an open quote from a closed one.
                for fields in csv.reader(lines, delimiter=self._delimiter, strict=True):
                    if len(self._taken) > 1 and self._unquoted(self._taken):
                        fields = self._first_alone()
                    if fields:
                        yield self._began, fields
                    self._forget()
                ended = True
            except csv.Error as error:
                what = _OPEN_QUOTE if "unexpected end of data" in str(error) else str(error)
                fields = self._first_alone()
                yield self._began, fields if self._unquoted(self._taken[:1]) else what
                self._forget()

    def _take(self) -> str:
        """The next line of the row; the parser asks until the row is complete."""
        if len(self._taken) == _MOST_LINES or self._size > LONGEST:
            raise csv.Error(_OPEN_QUOTE)
        line = self._lines.take()
        if not self._taken:
            self._began = self._lines.number
        if line:
            self._taken.append(line)
            self._size += len(line)
        if line is TOO_LONG:
            raise csv.Error(TOO_LONG_SENTENCE)
        if "\0" in line:
            raise csv.Error("a NUL character")
        return line

    def _forget(self) -> None:
        self._taken.clear()
        self._size = 0

    def _unquoted(self, lines: Sequence[str]) -> bool:
        """Whether quotes are no more than quotes here: each line has all columns as it is.

        So do many programs write TSV, and a tweet that opens a quote would swallow the next.
        A quoted field of several lines looks like that only if it has tabs in the right places.
        """
        tabs = len(self.columns) - 1
        return (
            self._delimiter == "\t"
            and tabs > 0
            and all(line.count("\t") == tabs and "\0" not in line for line in lines)
        )

    def _first_alone(self) -> list[str]:
        """The row's first line split as it is; those after it are rows of their own."""
        self._lines.give_back(self._taken[1:])
        return self._taken[0].rstrip("\r\n").split(self._delimiter)


class JsonLines:
    """The objects of a file with one on each line; blank lines are none.

    :param column: the key of the text; None for the usual one of the first object.
    :param explain: whether the words that move an answer will be added, too.
    :raises UsageError: the first object has no usual one, or several.
    """

    def __init__(self, lines: Lines, column: str | None, explain: bool) -> None:
        self._lines, self._explain = lines, explain
        self._records = self._parse()
        self._first: list[tuple[int, str, dict[str, Any] | str]] = []
        size = 0
        for record in self._records:
            self._first.append(record)
            size += len(record[1])
            if len(self._first) == _FIRST or size > _FIRST_CHARACTERS:
                break
        objects = [found for _, _, found in self._first if isinstance(found, dict)]
        self.columns = list(dict.fromkeys(chain.from_iterable(objects)))
        if column is None and objects:
            keys = list(objects[0])
            column = keys[choose(lines.path, "key", keys, None)]
        self._key = column or USUAL[0]

    def __iter__(self) -> Iterator[Row | Problem]:
        added = frozenset(free_names(self.columns, self._explain))
        for number, line, found in chain(self._first, self._records):
            if isinstance(found, str):
                yield Problem(number, found)
            elif not isinstance(text := found.get(self._key), str):
                what = "is not a string" if self._key in found else "is missing"
                yield Problem(number, f"the key {self._key!r} {what}")
            elif not added.isdisjoint(found):
                # The answers before have this name already: mixed, nobody could tell them apart.
                key = min(added.intersection(found))
                yield Problem(number, f"a key {key!r}, which none of the first objects has")
            else:
                yield Row(text, line, len(line))
        self._first.clear()

    def _parse(self) -> Iterator[tuple[int, str, dict[str, Any] | str]]:
        """The number of each line, the line, and its object or what is wrong with it."""
        for line in self._lines:
            if isinstance(line, Problem):
                yield line.line, "", line.what
            elif not line.isspace():
                yield self._lines.number, line, _object(line)


def _object(line: str) -> dict[str, Any] | str:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} (column {error.colno})"
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, say
        return f"JSON that is not read: {error}"
    return found if isinstance(found, dict) else "not a JSON object"


class Text:
    """Each line of a plain text file, blank ones too.

    :raises UsageError: a column is asked for.
    """

    columns = ["text"]

    def __init__(self, lines: Lines, column: str | None) -> None:
        if column is not None:
            raise UsageError(f"{lines.path}: plain text has no columns; leave --column out")
        self._lines = lines

    def __iter__(self) -> Iterator[Row | Problem]:
        for line in self._lines:
            if isinstance(line, Problem):
                yield line
            else:
                text = line.removesuffix("\n").removesuffix("\r")
                yield Row(text, [text], len(text))


def choose(path: Path, noun: str, names: Sequence[str], wanted: str | None) -> int:
    """The place of the text column among the names of a header.

    :param noun: what the error calls a column.
    :param wanted: its name, in capitals or not; None for the one that has a usual name.
    :raises UsageError: none or several fit.
    """
    if wanted is not None and names.count(wanted) == 1:
        return names.index(wanted)
    fitting = USUAL if wanted is None else (wanted.strip().casefold(),)
    found = [i for i, name in enumerate(names) if name.strip().casefold() in fitting]
    if len(found) == 1:
        return found[0]
    number = "more than one" if found else "no"
    called = f"{noun} {wanted!r}" if wanted is not None else f"{noun} named {' or '.join(USUAL)}"
    listed = ", ".join(repr(name[:40]) for name in names[:30])
    rest = f" and {len(names) - 30} more" if len(names) > 30 else ""
    raise UsageError(
        f"{path}: {number} {called}; name the one that holds the text with --column: "
        f"{render.escape(listed)}{rest}"
    )
