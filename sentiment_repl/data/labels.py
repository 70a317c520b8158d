"""Labelled texts from CSV and TSV files, of the layouts that people have; lines of text.

- Sentiment140: six columns without a header, polarity 0, 2 or 4 first, text last;
- any header that names a label and a text column, as the article's
  ``ItemID,Sentiment,SentimentSource,SentimentText``;
- ``neg``, ``neutral`` or ``pos``, a tab and the text, without a header.

Plain, ``.gz`` or ``.zip``. A byte that is not UTF-8 is taken for Latin-1.
"""

import codecs
import csv
import gzip
import io
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from sentiment_repl.errors import DataError

try:
    from lzma import LZMAError
except ImportError:  # a Python without it unpacks nothing of the kind
    LZMAError = zlib.error  # type: ignore[assignment, misc]

_WORDS = {
    **dict.fromkeys(("neg", "negative"), 0),
    **dict.fromkeys(("pos", "positive"), 1),
    "neutral": None,
}
# A file keeps to one of these; one with both 1 and 4 holds stars or something else.
_SCALES = ({"0": 0, "1": 1}, {"0": 0, "2": None, "4": 1})
_LABEL_COLUMNS = ("sentiment", "label", "polarity", "target", "class")
_TEXT_COLUMNS = ("sentimenttext", "text", "tweet", "sentence", "review")

# A quote that opens a field and never closes swallows what follows. No text has so
# many lines; past them the quote is taken for the error that it is.
_MOST_LINES = 200
_LONGEST_FIELD = 1 << 17  # characters
_LONGEST_LINE = 1 << 18  # likewise; a small archive could hold one that fills the memory
_TOO_LONG = "too long"  # stands, itself and no string like it, for a line that is longer

# What opening and unpacking raise; zipfile has a KeyError for a member that is not
# there, a RuntimeError for one behind a password, a UnicodeDecodeError for a name.
_UNREADABLE = (
    OSError, EOFError, zlib.error, LZMAError, struct.error, zipfile.BadZipFile, KeyError,
    RuntimeError, UnicodeDecodeError,
)  # fmt: skip


class Row(NamedTuple):
    """One labelled text."""

    label: int | None
    """0 negative, 1 positive, None neutral."""
    text: str


class Problem(NamedTuple):
    """A row that can't be read."""

    path: Path
    line: int
    """The line of the file on which the row begins, from 1."""
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


class _Layout(NamedTuple):
    delimiter: str
    columns: int
    label: int
    text: int
    quoted: bool
    header: bool


class Tally:
    """Counts what reading brought, so that nothing is left out in silence.

    As a context it ends with the rows that could not be read, on the standard error.
    """

    SHOWN = 5  # problems that are kept in full

    def __init__(self) -> None:
        self.rows = 0
        self.neutral = 0
        self.neutral_used = False
        self.unreadable = 0
        self.problems: list[Problem] = []

    def add(self, problem: Problem) -> None:
        """Count a row that can't be read."""
        self.unreadable += 1
        if len(self.problems) < self.SHOWN:
            self.problems.append(problem)

    def __enter__(self) -> "Tally":
        return self

    def __exit__(self, *error: object) -> None:
        if self.unreadable:
            print(self.problems_shown(), file=sys.stderr, flush=True)

    def problems_shown(self) -> str:
        """The first rows that could not be read, a line each."""
        lines = [str(problem) for problem in self.problems]
        if self.unreadable > len(lines):
            lines.append(f"… and {self.unreadable - len(lines):,} more")
        return "\n".join(lines)

    def __str__(self) -> str:
        left_out = "" if self.neutral_used else " left out"
        neutral = f", {self.neutral:,} neutral rows{left_out}" if self.neutral else ""
        return f"{self.rows:,} rows read{neutral}, {self.unreadable:,} rows could not be read"


def read_all(
    paths: Iterable[Path],
    tally: Tally,
    *,
    label_column: str | None = None,
    text_column: str | None = None,
    neutral: bool = False,
) -> Iterator[Row]:
    """The negative and positive rows of several files, one after the other.

    :param tally: is brought up to date with each row.
    :param neutral: bring the neutral rows, too.
    :raises DataError: see ``read``.
    """
    tally.neutral_used = neutral
    for path in paths:
        for row in read(path, tally.add, label_column=label_column, text_column=text_column):
            if row.label is None:
                tally.neutral += 1
            else:
                tally.rows += 1
            if neutral or row.label is not None:
                yield row


def read(
    path: Path,
    report: Callable[[Problem], None],
    *,
    label_column: str | None = None,
    text_column: str | None = None,
) -> Iterator[Row]:
    """The rows of a file, in order.

    :param path: a file; ``archive.zip:member.csv`` names one of several in an archive.
    :param report: called with each row that can't be read; such a row is left out.
    :param label_column: the name of the label column; by default a usual one.
    :param text_column: the name of the text column; likewise.
    :raises DataError: the file can't be opened, or its layout is none of the above.
    """
    try:
        with _open(path) as file:
            lines = _Lines(file)
            layout = _layout(path, lines.peek(), label_column, text_column)
            labels = _Labels()
            for number, fields in _records(path, lines, layout, report):
                if number == 1 and layout.header:
                    continue
                row = _row(fields, layout, labels)
                if isinstance(row, Row):
                    yield row
                else:
                    report(Problem(path, number, row))
    except _UNREADABLE as error:
        raise DataError(f"{path}: it can't be read: {_reason(error)}") from error


def lines(path: Path, report: Callable[[Problem], None]) -> Iterator[tuple[int, str]]:
    """The lines of a plain text, ``.gz`` or not, and their numbers, but for empty ones.

    :param report: called with each line that is too long; such a line is left out.
    :raises DataError: the file can't be opened.
    """
    try:
        with _open(path) as file:
            numbered = _Lines(file)
            while line := numbered.take():
                if line is _TOO_LONG:
                    report(_too_long(path, numbered.number))
                elif line.strip():
                    yield numbered.number, line.strip()
    except _UNREADABLE as error:
        raise DataError(f"{path}: it can't be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


class _Labels:
    """Tells the labels of one file, words or numbers."""

    def __init__(self) -> None:
        self._scales = _SCALES

    def __getitem__(self, label: str) -> int | None:
        """0, 1 or None for neutral; KeyError for what is no label."""
        label = label.strip().lower()
        if label in _WORDS:
            return _WORDS[label]
        fitting = tuple(scale for scale in self._scales if label in scale)
        if not fitting:
            raise KeyError(label)
        self._scales = fitting
        return fitting[0][label]


def _row(fields: list[str], layout: _Layout, labels: _Labels) -> Row | str:
    if len(fields) != layout.columns:
        return f"{len(fields)} columns, where {layout.columns} are expected"
    label, text = fields[layout.label], fields[layout.text]
    if not text.strip():
        return "no text"
    try:
        return Row(labels[label], text)
    except KeyError:
        return (
            f"a label {label[:20]!r}; a file has 0 and 1, or 0, 2 (neutral) and 4, "
            "or neg, neutral and pos"
        )


def _layout(path: Path, first: str, label_column: str | None, text_column: str | None) -> _Layout:
    """Tell the layout from the first line."""
    if not first:
        raise DataError(f"{path}:1: the file is empty, or its first line is")
    opening, tab, _ = first.partition("\t")
    if tab and opening.lower() in _WORDS:
        return _Layout("\t", 2, 0, 1, quoted=False, header=False)
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    csv.field_size_limit(_LONGEST_FIELD)  # of the whole process; others may have set it
    try:
        fields = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error as error:
        raise DataError(f"{path}:1: it is no line of a table: {error}") from error
    if len(fields) == 6 and fields[0] in ("0", "2", "4"):
        return _Layout(delimiter, 6, 0, 5, quoted=True, header=False)
    names = [name.strip().lower() for name in fields]

    def find(option: str, wanted: str | None, usual: tuple[str, ...]) -> int:
        for name in [wanted.lower()] if wanted else usual:
            if name in names:
                return names.index(name)
        lacks = f"no column {wanted!r}" if wanted else f"none of the columns {', '.join(usual)}"
        raise DataError(
            f"{path}:1: the header {', '.join(fields)[:80]!r} has {lacks}; "
            f"name the right one with {option}"
        )

    label = find("--label-column", label_column, _LABEL_COLUMNS)
    text = find("--text-column", text_column, _TEXT_COLUMNS)
    return _Layout(delimiter, len(fields), label, text, quoted=True, header=True)


class _Lines:
    """The numbered lines of a file, with a look ahead and a way back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._waiting: list[str] = []
        self.number = 0  # of the line that was taken last

    def take(self) -> str:
        """The next line with its newline, or ``_TOO_LONG``; empty at the end."""
        line = self._waiting.pop() if self._waiting else self._read()
        self.number += bool(line)
        return line

    def _read(self) -> str:
        line = self._file.readline(_LONGEST_LINE)
        if len(line) < _LONGEST_LINE:
            return line
        while line and not line.endswith("\n"):
            line = self._file.readline(_LONGEST_LINE)
        return _TOO_LONG

    def give_back(self, lines: list[str]) -> None:
        self._waiting.extend(reversed(lines))
        self.number -= len(lines)

    def peek(self) -> str:
        line = self.take()
        if line:
            self.give_back([line])
        return line.rstrip("\r\n")


def _too_long(path: Path, number: int) -> Problem:
    return Problem(path, number, f"a line of more than {_LONGEST_LINE:,} characters")


def _records(
    path: Path, lines: _Lines, layout: _Layout, report: Callable[[Problem], None]
) -> Iterator[tuple[int, list[str]]]:
    """Parse line by line, so that a bad row costs itself and not those after it."""
    while line := lines.take():
        number = lines.number
        if line is _TOO_LONG:
            report(_too_long(path, number))
            continue
        if not line.strip() and layout.delimiter not in line:  # of tabs alone it is a row
            continue
        if not layout.quoted:
            yield number, line.rstrip("\n").split(layout.delimiter, layout.columns - 1)
            continue
        taken = [line]
        while True:
            try:
                yield number, next(csv.reader(taken, delimiter=layout.delimiter, strict=True))
                break
            except csv.Error as error:
                # Strict mode is the one that tells an open quote from a closed one.
                more = "unexpected end of data" in str(error) and len(taken) < _MOST_LINES
                if more and (line := lines.take()):
                    taken.append(line)
                    if line is not _TOO_LONG:
                        continue
                what = (
                    "a quote that opens and does not close"
                    if len(taken) > 1 or more
                    else str(error)
                )
                report(Problem(path, number, what))
                lines.give_back(taken[1:])
                break


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    with _open_binary(path) as binary:
        if binary.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise DataError(f"{path}: it is UTF-16, which is not read; save it as UTF-8")
        # newline=None: a carriage return alone ends a line too.
        yield io.TextIOWrapper(binary, encoding="utf-8-sig", errors="latin-1-byte", newline=None)


def _latin_1_byte(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("latin-1-byte", _latin_1_byte)


@contextmanager
def _open_binary(path: Path) -> Iterator[Any]:
    if named := re.fullmatch(r"(.+\.zip):(.+)", path.as_posix(), re.IGNORECASE):
        path = Path(named[1])
    if path.suffix.lower() == ".gz":
        with gzip.open(path) as file:
            yield file
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as zipped:
            member = named[2] if named else _only_table(path, zipped)
            with zipped.open(member) as file:
                yield file
    else:
        with open(path, "rb") as file:
            yield file


def _only_table(path: Path, archive: zipfile.ZipFile) -> str:
    # macOS packs a hidden shadow of every file.
    tables = [
        name
        for name in archive.namelist()
        if name.lower().endswith((".csv", ".tsv")) and not Path(name).name.startswith(".")
    ]
    # The public Sentiment140 archive holds its test set too.
    chosen = (
        tables if len(tables) == 1 else [n for n in tables if Path(n).name.startswith("training.")]
    )
    if len(chosen) != 1:
        raise DataError(
            f"{path}: {len(tables)} tables in it ({', '.join(map(repr, tables[:5]))}); "
            f"name one as {path}:MEMBER"
        )
    return chosen[0]
