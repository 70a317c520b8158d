"""Labelled texts from files of the layouts that people have.

- Sentiment140: six columns without a header; the polarity 0, 2 or 4 first, the text last.
- ``neg``, ``neutral`` or ``pos``, a tab and the text, without a header.
- A table with a header, or JSON lines, with a label and a text among its columns. The
  article's ``ItemID,Sentiment,SentimentSource,SentimentText`` is one.

Each may be plain, ``.gz`` or in a ``.zip`` archive.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sentiment_repl.classifier import NEGATIVE, NEUTRAL, POSITIVE
from sentiment_repl.errors import FileError
from sentiment_repl.files.columns import TEXT_NAMES, WantedColumn
from sentiment_repl.files.formats import Format, known_format
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.lines import Lines, Problem
from sentiment_repl.files.readers import (
    JsonLinesReader,
    Row,
    TableReader,
    TextReader,
    split_fields,
)
from sentiment_repl.files.tally import Tally

LABELS = (NEGATIVE, NEUTRAL, POSITIVE)
"""Every label that a text can have, in the order of a model's classes."""

LABEL_NAMES = ("sentiment", "label", "polarity", "target", "class")
"""The names of a column that is taken for the label if none is named, in any case."""

_WORDS = {
    "neg": NEGATIVE,
    "negative": NEGATIVE,
    "neutral": NEUTRAL,
    "pos": POSITIVE,
    "positive": POSITIVE,
}
# A file keeps to one of these. One with both 1 and 4 holds stars or something else.
_SCALES = ({"0": NEGATIVE, "1": POSITIVE}, {"0": NEGATIVE, "2": NEUTRAL, "4": POSITIVE})
_KNOWN = "a file has 0 and 1, or 0, 2 (neutral) and 4, or neg, neutral and pos"
_NO_TAB = "no tab between a label and a text"

_SENTIMENT140_COLUMNS = ("polarity", "id", "date", "query", "user", "text")
_SENTIMENT140_MEMBER = "training."  # how its name begins in the public archive


class LabelledText(NamedTuple):
    """A text and what a person or an emoticon says of it."""

    label: str
    """``"negative"``, ``"neutral"`` or ``"positive"``."""
    text: str


def read_labelled(
    paths: Iterable[Path],
    tally: Tally,
    *,
    label_column: str | None = None,
    text_column: str | None = None,
) -> Iterator[LabelledText]:
    """Yield the rows of several files, one file after the other.

    :param paths: files; ``archive.zip:member.csv`` names one of several in an archive.
    :param tally: counts the rows, and reports those that can't be read. They are left out.
    :param label_column: the name of the label column; by default one of ``LABEL_NAMES``.
    :param text_column: the name of the text column; by default one of ``TEXT_NAMES``.
    :raises FileError: a file can't be opened or unpacked, or is empty.
    :raises UsageError: a file has no such column, or several.
    """
    wanted = (
        WantedColumn("label", "--label-column", LABEL_NAMES, label_column, numbers=True),
        WantedColumn("text", "--text-column", TEXT_NAMES, text_column),
    )
    for path in paths:
        with InputFile(path, preferred=_SENTIMENT140_MEMBER) as file:
            lines = Lines(file)
            scale = _LabelScale()
            for row in _read_layout(file, lines, wanted):
                parsed = row if isinstance(row, Problem) else scale.parse_row(row)
                if isinstance(parsed, Problem):
                    tally.add_problem(path, parsed)
                else:
                    tally.rows += 1
                    yield parsed
            tally.print(lines.note())


class _LabelScale:
    """Parses the labels of one file, words or numbers."""

    def __init__(self) -> None:
        self._scales: Sequence[dict[str, str]] = _SCALES

    def parse_row(self, row: Row) -> LabelledText | Problem:
        """Parse a row whose values are the label and the text."""
        label, text = row.values
        parsed = self.parse_label(label)
        if parsed is None:
            return Problem(row.line, f"a label {label[:20]!r}; {_KNOWN}")
        if not text or text.isspace():
            return Problem(row.line, "no text")
        return LabelledText(parsed, text)

    def parse_label(self, label: str) -> str | None:
        """Return what a label means; None if it is not a label, or not one of this file's."""
        label = label.strip().lower()
        if label in _WORDS:
            return _WORDS[label]
        fitting = [scale for scale in self._scales if label in scale]
        if not fitting:
            return None
        self._scales = fitting
        return fitting[0][label]


def _read_layout(
    file: InputFile, lines: Lines, wanted: tuple[WantedColumn, WantedColumn]
) -> Iterator[Row | Problem]:
    """Return the rows of a file, whose values are the label and the text."""
    if known_format(file.name) is Format.JSON_LINES:
        return JsonLinesReader(lines, wanted).rows()
    first = lines.peek()
    if isinstance(first, Problem):
        raise FileError(f"{lines.path}:{first.line}: the header can't be read: {first.what}")
    opening, tab, _ = first.partition("\t")
    if tab and opening.lower() in _WORDS:
        return _split_at_tab(TextReader(lines).rows())
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    if _is_sentiment140(first, delimiter):
        text = WantedColumn("text", "--text-column", ("text",))
        label = WantedColumn("label", "--label-column", ("polarity",))
        columns = _SENTIMENT140_COLUMNS
        return TableReader(lines, (label, text), delimiter=delimiter, columns=columns).rows()
    return TableReader(lines, wanted, delimiter=delimiter).rows()


def _is_sentiment140(line: str, delimiter: str) -> bool:
    fields = split_fields(line, delimiter)
    return len(fields) == len(_SENTIMENT140_COLUMNS) and fields[0] in _SCALES[1]


def _split_at_tab(rows: Iterable[Row | Problem]) -> Iterator[Row | Problem]:
    """Split lines of a label, a tab and a text. The text may have quotes and tabs."""
    for row in rows:
        if isinstance(row, Problem):
            yield row
        elif not row.values[0].isspace():
            label, tab, text = row.values[0].partition("\t")
            yield row._replace(values=(label, text)) if tab else Problem(row.line, _NO_TAB)
