"""The objects of a file with one JSON object on each line."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sentiment_repl.errors import FileError
from sentiment_repl.files.columns import WantedColumn, find_column, matching_columns
from sentiment_repl.files.encodings import Encoding
from sentiment_repl.files.lines import Lines
from sentiment_repl.files.rows import Problem, Row, TableStyle, check_length

# How many objects, and characters of them, are read to learn which keys a file has.
_FIRST_OBJECTS, _FIRST_CHARACTERS = 1000, 2**20

_Path = tuple[str, ...]
"""A key, or the keys that lead to a value in nested objects."""


class JsonLinesReader:
    """The objects of a file with one on each line. Blank lines are skipped.

    :raises FileError: the file is one JSON value over several lines, or an array.
    :raises UsageError: the first objects lack a wanted key, or have several that fit.
    """

    def __init__(self, lines: Lines, wanted: Sequence[WantedColumn]) -> None:
        self.lines = lines
        self.style: TableStyle | None = None
        _refuse_whole_value(lines)
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
        self._wanted = [(self._find_path(column, objects), column.numbers) for column in wanted]

    @property
    def encoding(self) -> Encoding:
        """The encoding of what was read so far."""
        return self.lines.encoding

    def rows(self, reserved: Collection[str] = (), closed: bool = False) -> Iterator[Row | Problem]:
        """Yield the objects in order, and a problem for each one that can't be read."""
        taken, known = frozenset(reserved), frozenset(self.columns)
        for number, line, found in chain(self._first, self._records):
            if isinstance(found, str):
                yield Problem(number, found)
                continue
            values, what = self._values(found)
            row = Row(number, values, len(line), source=line, record=found)
            if closed and not known.issuperset(found):
                key = next(key for key in found if key not in known)
                what = f"a key {key!r}, which none of the first objects has; it is left out"
            elif not taken.isdisjoint(found):
                # Earlier rows have an added column of this name: nobody could tell them apart.
                key = min(taken.intersection(found))
                yield Problem(number, f"a key {key!r}, which none of the first objects has")
                continue
            yield check_length(row) if what is None else Problem(number, what, row)
        self._first.clear()

    def share_read(self) -> float | None:
        """Return how much of the file has been read, 0–1; None if nobody knows."""
        return self.lines.share_read()

    def notes(self) -> Iterator[str]:
        """Yield sentences about the file that its user should know."""
        if note := self.lines.note():
            yield note

    def _find_path(self, column: WantedColumn, objects: Sequence[dict[str, Any]]) -> _Path:
        """Return the key of a wanted column. ``data.text`` is one, or leads into ``data``."""
        if not objects:
            return (column.name or column.usual[0],)
        if column.name is not None and not matching_columns(self.columns, column):
            path = tuple(column.name.split("."))
            if len(path) > 1 and any(look_up(found, path) is not None for found in objects):
                return path
        return (self.columns[find_column(self.lines.path, "key", self.columns, column)],)

    def _values(self, found: Mapping[str, Any]) -> tuple[tuple[str, ...], str | None]:
        """Return the wanted values of an object, and what is wrong with them."""
        values, what = [], None
        for path, numbers in self._wanted:
            value = look_up(found, path)
            if value is None:
                value = ""
            elif numbers and isinstance(value, (int, float)):
                value = json.dumps(value)
            elif not isinstance(value, str):
                what = f"the key {'.'.join(path)!r} is not a string"
                value = ""
            values.append(value)
        return tuple(values), what

    def _parse(self) -> Iterator[tuple[int, str, dict[str, Any] | str]]:
        """Yield the number of each line, the line, and its object or what is wrong with it."""
        for line in self.lines:
            if isinstance(line, Problem):
                yield line.line, "", line.what
            elif not line.isspace():
                yield self.lines.number, line, _parse_object(line)


def look_up(found: object, path: _Path) -> Any:
    """Return a value of nested objects; None if it is missing or null.

    >>> look_up({"data": {"text": "good"}}, ("data", "text"))
    'good'
    """
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _refuse_whole_value(lines: Lines) -> None:
    """Refuse a file that is one array, or whose objects take several lines."""
    first = lines.peek()
    start = first.strip() if isinstance(first, str) else ""
    if start.startswith("[") or start == "{":
        what = "is a JSON array" if start.startswith("[") else "has objects over several lines"
        convert = "jq -c '.[]'" if start.startswith("[") else "jq -c ."
        raise FileError(
            f"{lines.path}: it {what}, where each line should be one JSON object; "
            f"convert it: {convert} < {lines.path} > lines.jsonl"
        )


def _parse_object(line: str) -> dict[str, Any] | str:
    """Return a JSON object, or what is wrong with it."""
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} (column {error.colno})"
    except (ValueError, RecursionError) as error:  # such as a number of thousands of digits
        return f"JSON that is not read: {error}"
    return found if isinstance(found, dict) else "not a JSON object"
