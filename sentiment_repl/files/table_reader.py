"""The rows of a CSV or TSV file. A bad row costs itself and not those after it."""

import csv
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from sentiment_repl.errors import FileError
from sentiment_repl.files.columns import WantedColumn, find_column, quote_names
from sentiment_repl.files.encodings import Encoding
from sentiment_repl.files.lines import MAX_CHARACTERS, Lines
from sentiment_repl.files.rows import Problem, Row, TableStyle, check_length, fit

# A quote that opens and never closes swallows what follows. After so many lines it counts as
# an error, and the lines are read again as rows of their own.
_MOST_LINES = 10_000
# A file may be full of such quotes. This bounds the characters that are read again, by a constant
# and the size of the file. Beyond it a quote has to close on its line, until more rows are read.
_READ_AGAIN = MAX_CHARACTERS
_OPEN_QUOTE = "a quote that opens and does not close"

# Before Python 3.11, csv refuses NUL. No decoder returns this surrogate.
_NUL = "\ud800"


class TableReader:
    """The rows of a table. Blank lines are skipped.

    :param columns: the names of the columns; None if the first row holds them, or if the style
        has no header: then they are numbers from 1.
    :param remedies: what a user can do if a column is not found, for the message.
    :raises FileError: there is no header.
    :raises UsageError: a wanted column is missing or ambiguous.
    """

    def __init__(
        self,
        lines: Lines,
        wanted: Sequence[WantedColumn],
        style: TableStyle,
        columns: Sequence[str] | None = None,
        remedies: str = "",
    ) -> None:
        csv.field_size_limit(MAX_CHARACTERS)
        self.lines = lines
        self.style = style
        self._taken: list[str | Problem] = []  # the lines of the row that is being read
        self._size = 0  # their characters
        self._began = 0  # the number of the first of them
        self._has_nul = False  # whether one of them has
        self._credit = _READ_AGAIN  # characters that may be read again
        self.columns: Sequence[str] = columns or ()
        self._records = self._parse()
        if columns is None:
            first = self._first_record()
            if style.header:
                self.columns = first
            else:
                self.columns = [str(number + 1) for number in range(len(first))]
                remedies = f"; the first row is {quote_names(first)}{remedies}"
                if len(first) == 1:
                    wanted = [one._replace(name=one.name or "1") for one in wanted]
        self._indices = [
            find_column(lines.path, "column", self.columns, one, remedies) for one in wanted
        ]

    @property
    def encoding(self) -> Encoding:
        """The encoding of what was read so far."""
        return self.lines.encoding

    def rows(self, reserved: Collection[str] = (), closed: bool = False) -> Iterator[Row | Problem]:
        """Yield the rows in order, and a problem for each one that can't be read."""
        columns = len(self.columns)
        for fields, what in self._records:
            if what is None and len(fields) == columns:
                yield check_length(self._row(fields))
            elif what is not None:
                row = self._row(fit(fields, columns, self.style.delimiter)) if fields else None
                yield Problem(self._began, what, row)
            elif len(fields) > 1 or not fields[0].isspace():  # a blank line may hold spaces
                yield self._fit(fields)

    def share_read(self) -> float | None:
        """Return how much of the file has been read, 0–1; None if nobody knows."""
        return self.lines.share_read()

    def notes(self) -> Iterator[str]:
        """Yield sentences about the file that its user should know."""
        if note := self.lines.note():
            yield note

    def _row(self, fields: list[str]) -> Row:
        values = tuple([fields[index] for index in self._indices])
        return Row(self._began, values, self._size, fields)

    def _fit(self, fields: list[str]) -> Row | Problem:
        """Return a row with too many or too few fields. Nobody misses empty ones at the end."""
        columns = len(self.columns)
        row = self._row(fit(fields, columns, self.style.delimiter))
        if len(fields) < columns and not any(self.columns[len(fields) :]):
            return check_length(row)
        if len(fields) > columns and not any(fields[columns:]):
            return check_length(self._row(fields[:columns]))
        count = f"{len(fields)} column{'s' if len(fields) > 1 else ''}"
        return Problem(self._began, f"{count} instead of {columns}", row)

    def _first_record(self) -> list[str]:
        """Return the header. Without one, return the first row, and leave it to be read."""
        found = next(self._records, None)
        path = self.lines.path
        if found is None:
            where = ", where a row of column names should be" if self.style.header else ""
            raise FileError(f"{path}: it is empty{where}")
        if not self.style.header:
            self._records = chain([found], self._records)
        elif found[1] is not None:
            raise FileError(f"{path}:{self._began}: the header can't be read: {found[1]}")
        return found[0]

    def _parse(self) -> Iterator[tuple[list[str], str | None]]:
        """Yield the fields of each row, and what is wrong with it. ``_began`` is its line."""
        ended = False
        while not ended:
            lines = iter(self._take, "")
            try:
                # Without strict mode, the end of the file closes an open quote in silence.
                for fields in csv.reader(lines, delimiter=self.style.delimiter, strict=True):
                    if len(self._taken) > 1 and self._unquoted(self._taken):
                        fields = self._first_line_alone()
                    elif self._has_nul:
                        fields = [field.replace(_NUL, "\0") for field in fields]
                    if fields:
                        yield fields, None
                    self._forget()
                ended = True
            except csv.Error as error:
                what = _OPEN_QUOTE if "unexpected end of data" in str(error) else str(error)
                fields = self._first_line_alone()
                yield fields, None if self._unquoted(self._taken[:1]) else what
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
            self._has_nul = True
            return line.replace("\0", _NUL)
        return line

    def _forget(self) -> None:
        self._credit += self._size
        self._taken.clear()
        self._size = 0
        self._has_nul = False

    def _unquoted(self, lines: Sequence[str | Problem]) -> bool:
        """Return whether quotes have no meaning here: each line alone has all columns.

        Many programs write TSV without quoting, and a tweet that opens a quote would swallow
        the next one. A quoted field of several lines looks the same only if it has tabs in the
        right places.
        """
        tabs = len(self.columns) - 1
        return (
            self.style.delimiter == "\t"
            and tabs > 0
            and all(isinstance(line, str) and line.count("\t") == tabs for line in lines)
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
        return first.rstrip("\r\n").split(self.style.delimiter)


def split_fields(line: str, delimiter: str) -> list[str]:
    """Split one line of a table into its fields; empty if it is no row.

    >>> split_fields('1,"a, b"', ",")
    ['1', 'a, b']
    """
    csv.field_size_limit(MAX_CHARACTERS)
    try:
        return next(csv.reader([line.replace("\0", _NUL)], delimiter=delimiter), [])
    except csv.Error:
        return []
