"""Finds out how a file writes its table: the delimiter, the header, known layouts."""

import re
from collections.abc import Sequence

from sentiment_repl.errors import FileError
from sentiment_repl.files.columns import WantedColumn, matching_columns
from sentiment_repl.files.formats import DELIMITER_NAMES
from sentiment_repl.files.lines import Lines
from sentiment_repl.files.rows import Problem, TableStyle
from sentiment_repl.files.table_reader import TableReader, split_fields

SENTIMENT140 = ("polarity", "id", "date", "query", "user", "text")
"""The columns of Sentiment140. The file has no header."""
_POLARITIES = ("0", "2", "4")

_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?[\r\n]*', re.IGNORECASE)
_COMPARED = 20  # lines that must have the same number of fields, where there is no header


def open_table(
    lines: Lines,
    wanted: Sequence[WantedColumn],
    expected: str,
    *,
    delimiter: str | None = None,
    header: bool = True,
    remedies: str = "",
) -> TableReader:
    """Return the reader of a table.

    :param expected: the delimiter that the name of the file promises.
    :param delimiter: the one that the user says; None to find out.
    :param header: whether the first row holds the names of the columns. Sentiment140 is known
        without.
    :param remedies: what a user can do if a column is not found, for the message.
    :raises FileError: there is no header.
    :raises UsageError: a wanted column is missing or ambiguous.
    """
    first = _peek(lines)
    separator = _SEPARATOR_LINE.fullmatch(first)
    if separator:
        lines.take()
        first = _peek(lines)
        delimiter = delimiter or separator[1]
    if delimiter is None:
        delimiter = _find_delimiter(lines, first, wanted, expected, header)
    style = TableStyle(delimiter, header, separator is not None)
    if _is_sentiment140(first, delimiter):
        return TableReader(lines, wanted, style._replace(header=False), SENTIMENT140)
    remedies = f"; the first row is split at {delimiter!r}{remedies}" if remedies else ""
    return TableReader(lines, wanted, style, remedies=remedies)


def is_sentiment140(lines: Lines) -> bool:
    """Return whether a file has the layout of Sentiment140."""
    first = _peek(lines)
    return any(_is_sentiment140(first, delimiter) for delimiter in _delimiters(","))


def _is_sentiment140(line: str, delimiter: str) -> bool:
    fields = split_fields(line, delimiter)
    return len(fields) == len(SENTIMENT140) and fields[0] in _POLARITIES


def _peek(lines: Lines) -> str:
    first = lines.peek()
    if isinstance(first, Problem):
        raise FileError(f"{lines.path}:{first.line}: the header can't be read: {first.what}")
    return first


def _delimiters(expected: str) -> list[str]:
    """Return the usual delimiters, the expected one first."""
    return list(dict.fromkeys([expected, *DELIMITER_NAMES.values()]))


def _find_delimiter(
    lines: Lines, first: str, wanted: Sequence[WantedColumn], expected: str, header: bool
) -> str:
    """Return the delimiter: the first one that yields the wanted columns.

    :param first: the first line.
    """
    present = [one for one in _delimiters(expected) if one in first]
    for delimiter in present:
        if _is_sentiment140(first, delimiter):
            return delimiter
        if header:
            names = split_fields(first, delimiter)
            if all(matching_columns(names, column) for column in wanted):
                return delimiter
        elif _splits_evenly(lines, delimiter):
            return delimiter
    if not header:
        return expected
    return max(present, key=lambda one: len(split_fields(first, one)), default=expected)


def _splits_evenly(lines: Lines, delimiter: str) -> bool:
    """Return whether the first lines all have the same number of fields, and more than one."""
    compared: list[str | Problem] = []
    while len(compared) < _COMPARED and (line := lines.take()):
        compared.append(line)
    lines.give_back(compared)
    counts = {len(split_fields(line, delimiter)) for line in compared if isinstance(line, str)}
    return len(counts) == 1 and counts.pop() > 1
