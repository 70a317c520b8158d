"""Labelled texts from files of the layouts that people have.

- Sentiment140: six columns without a header; the polarity 0, 2 or 4 first, the text last.
- A label, a tab and the text, without a header.
- fastText: ``__label__pos``, a blank and the text.
- A table with a header, or JSON lines, with a label and a text among its columns. The
  article's ``ItemID,Sentiment,SentimentSource,SentimentText`` is one.

Each may be plain, ``.gz`` or in a ``.zip`` archive; a table may also be Parquet or Excel.
``label_sets`` knows what labels mean.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sentiment_repl.data.label_sets import (
    LABELS,
    SENTIMENT140,
    Meanings,
    is_label,
    read_label_set,
)
from sentiment_repl.files.columns import TEXT_NAMES, WantedColumn
from sentiment_repl.files.formats import DELIMITERS, Format, known_format
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.lines import Lines
from sentiment_repl.files.readers import open_reader
from sentiment_repl.files.rows import Problem, Reader, Row
from sentiment_repl.files.table_style import is_sentiment140, open_table
from sentiment_repl.files.tally import Tally
from sentiment_repl.files.text_reader import TextReader

__all__ = ["LABELS", "LABEL_NAMES", "LabelledText", "read_labelled"]

LABEL_NAMES = ("sentiment", "label", "polarity", "target", "class")
"""The names of a column that is taken for the label if none is named, in any case."""

_SENTIMENT140_MEMBER = "training."  # how its name begins in the public archive
_FORMS = {
    re.compile(r"([^\t]*)\t(.*)", re.DOTALL): "a label, a tab and a text",
    re.compile(r"(__label__\S*)\s+(?!\s|__label__)(.*)", re.DOTALL): "one __label__ and a text",
}
"""The forms of a line with a label and a text."""


class LabelledText(NamedTuple):
    """A text and what a person or an emoticon says of it."""

    label: str
    """``"negative"``, ``"neutral"`` or ``"positive"``."""
    text: str


class _Table(NamedTuple):
    """The rows of a file, whose values are the label and the text."""

    reader: Reader
    rows: Iterator[Row | Problem]
    numbers: Mapping[str, str] | None = None
    """The meanings of number labels in this layout; None if the numbers decide."""


def read_labelled(
    paths: Iterable[Path],
    tally: Tally,
    *,
    label_column: str | None = None,
    text_column: str | None = None,
    meanings: Meanings | None = None,
) -> Iterator[LabelledText]:
    """Yield the rows of several files, one file after the other.

    The rows of a file stay in memory until its last one is read: only all labels together say
    what each means.

    :param paths: files; ``archive.zip:member.csv`` names one of several in an archive.
    :param tally: counts the rows, and reports those that can't be read. They are left out.
    :param label_column: the name of the label column; by default one of ``LABEL_NAMES``.
    :param text_column: the name of the text column; by default one of ``TEXT_NAMES``.
    :param meanings: what labels mean, by normalized value, as ``parse_meanings`` returns it.
    :raises FileError: a file can't be opened or unpacked, or is empty.
    :raises UsageError: a file has no such column, or several, or a label without a clear meaning.
    """
    wanted = (
        WantedColumn("label", "--label-column", LABEL_NAMES, label_column, numbers=True),
        WantedColumn("text", "--text-column", TEXT_NAMES, text_column),
    )
    for path in paths:
        with InputFile(path, preferred=_SENTIMENT140_MEMBER) as file:
            table = _open_table(file, wanted)
            labels, texts = _read_all(path, table.rows, tally)
            for note in table.reader.notes():
                tally.print(note)
        found = read_label_set(path, Counter(labels), meanings or {}, table.numbers)
        tally.print(found.note)
        for value, text in zip(labels, texts):
            label = found.meanings[value]
            if label is not None:
                tally.rows += 1
                yield LabelledText(label, text)


def _read_all(
    path: Path, rows: Iterable[Row | Problem], tally: Tally
) -> tuple[list[str], list[str]]:
    """Return the labels and the texts of all rows that can be read."""
    labels: list[str] = []
    texts: list[str] = []
    known: dict[str, str] = {}  # equal labels share one string
    for row in rows:
        if isinstance(row, Problem):
            tally.add_problem(path, row)
            continue
        label, text = row.values
        if not label or label.isspace():
            tally.add_problem(path, Problem(row.line, "no label"))
        elif not text or text.isspace():
            tally.add_problem(path, Problem(row.line, "no text"))
        else:
            labels.append(known.setdefault(label, label))
            texts.append(text)
    return labels, texts


def _open_table(file: InputFile, wanted: Sequence[WantedColumn]) -> _Table:
    """Return the rows of a file, by its layout."""
    format = known_format(file.name) or Format.CSV
    if format not in (Format.TEXT, *DELIMITERS):
        return _table(open_reader(file, format, wanted))
    lines = Lines(file)
    if is_sentiment140(lines):
        # The names that a user gives are those of the other files.
        wanted = [column._replace(name=None) for column in wanted]
        return _table(open_table(lines, wanted, ","), SENTIMENT140)
    first = lines.peek()
    for form, what in _FORMS.items():
        found = form.match(first) if isinstance(first, str) else None
        # A number before several tabs is rather the first column of a table.
        if found and is_label(found[1]) and (found[1].isalpha() or "\t" not in found[2]):
            reader = TextReader(lines)
            return _Table(reader, _split_lines(reader.rows(), form, what))
    return _table(open_table(lines, wanted, DELIMITERS.get(format, ",")))


def _table(reader: Reader, numbers: Mapping[str, str] | None = None) -> _Table:
    return _Table(reader, reader.rows(), numbers)


def _split_lines(
    rows: Iterable[Row | Problem], form: re.Pattern[str], what: str
) -> Iterator[Row | Problem]:
    """Split lines into a label and a text. The text may have quotes and tabs."""
    for row in rows:
        if isinstance(row, Problem):
            yield row
        elif found := form.match(row.values[0]):
            yield row._replace(values=found.groups())
        elif row.values[0].strip():
            yield Problem(row.line, f"not {what}")
