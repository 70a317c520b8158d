"""The rows of a file, whatever its format."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from sentiment_repl.files.encodings import Encoding
from sentiment_repl.prediction import LONGEST_TEXT


class Row(NamedTuple):
    """One row of a file."""

    line: int
    """The line of the file on which the row begins, from 1; the row itself in a format without
    lines."""
    values: tuple[str, ...]
    """The wanted columns, in the order of the request. A missing value is an empty string."""
    size: int
    """Characters of the whole row."""
    fields: Sequence[object] = ()
    """All fields of a table, in the order of its columns; empty for JSON. A CSV file has strings,
    other tables have all that JSON has."""
    source: str = ""
    """A JSON object as the file has it; empty for a table."""
    record: Mapping[str, object] | None = None
    """A JSON object; None for a table."""


class Problem(NamedTuple):
    """A row that can't be read."""

    line: int
    """The line of the file on which the row begins, from 1."""
    what: str
    """What is wrong with it."""
    row: Row | None = None
    """The row without its meaning, so that an output can have it; None if that is impossible."""


class TableStyle(NamedTuple):
    """How a file writes a table."""

    delimiter: str
    header: bool = True
    """Whether the first row holds the names of the columns."""
    separator_line: bool = False
    """Whether a line before it names the delimiter, as in ``sep=;``. Excel reads it."""


class Reader(Protocol):
    """Reads the rows of one file."""

    columns: Sequence[str]
    """The names of the columns, or the keys of the first objects."""

    @property
    def encoding(self) -> Encoding:
        """The encoding of what was read so far. What was read as ASCII is ASCII in each one."""

    @property
    def style(self) -> TableStyle | None:
        """How the file writes its table; None if it is no CSV or TSV."""

    def rows(self, reserved: Collection[str] = (), closed: bool = False) -> Iterator[Row | Problem]:
        """Yield the rows in order, and a problem for each one that can't be read.

        :param reserved: names that are not in ``columns`` and that no later row may have.
        :param closed: whether a later row may have no key at all that is not in ``columns``.
        :raises FileError: the file can't be read further.
        """

    def share_read(self) -> float | None:
        """Return how much of the file has been read, 0–1; None if nobody knows."""

    def notes(self) -> Iterator[str]:
        """Yield sentences about the file that its user should know, after it was read."""


def check_length(row: Row) -> Row | Problem:
    """Return the row; a problem if one of its values is too long to be classified."""
    if row.size > LONGEST_TEXT and any(len(value) > LONGEST_TEXT for value in row.values):
        return Problem(row.line, f"a text of more than {LONGEST_TEXT:,} characters", row)
    return row


def fit(fields: Sequence[str], columns: int, delimiter: str) -> list[str]:
    """Return as many fields as there are columns. The last one has those that are too many.

    >>> fit(["1"], 2, ","), fit(["1", "good", "bad"], 2, ",")
    (['1', ''], ['1', 'good,bad'])
    """
    if len(fields) > columns:
        return [*fields[: columns - 1], delimiter.join(fields[columns - 1 :])]
    return [*fields, *[""] * (columns - len(fields))]
