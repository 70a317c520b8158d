"""The formats of files, by the ending of a name."""

from collections.abc import Iterable
from enum import Enum
from pathlib import PurePath

from sentiment_repl.errors import UsageError


class Format(Enum):
    """What a file holds."""

    CSV = "CSV"
    TSV = "TSV"
    JSON_LINES = "JSON lines"
    TEXT = "plain text"


ENDINGS = {
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".txt": Format.TEXT,
}
DELIMITERS = {Format.CSV: ",", Format.TSV: "\t"}
CONVERSIONS = {
    Format.CSV: (Format.CSV, Format.TSV, Format.JSON_LINES),
    Format.TSV: (Format.CSV, Format.TSV, Format.JSON_LINES),
    Format.JSON_LINES: (Format.JSON_LINES,),
    Format.TEXT: (Format.TEXT, Format.CSV, Format.TSV, Format.JSON_LINES),
}
"""The formats that a format can be written as without losing a column."""


def format_of(name: str) -> Format:
    """Return the format that the ending of a file's name stands for; ``.gz`` is ignored.

    :raises UsageError: the ending is not known.

    >>> format_of("reviews.tsv.gz")
    <Format.TSV: 'TSV'>
    """
    found = known_format(name)
    if found is None:
        raise UsageError(
            f"{name}: its ending does not say what it is; use one of {', '.join(ENDINGS)}, "
            "each also with .gz"
        )
    return found


def known_format(name: str) -> Format | None:
    """Return the format that the ending of a file's name stands for, or None."""
    return ENDINGS.get(PurePath(name.lower().removesuffix(".gz")).suffix)


def list_names(formats: Iterable[Format]) -> str:
    """Return the names of formats for a sentence.

    >>> list_names([Format.CSV, Format.TSV, Format.TEXT])
    'CSV, TSV or plain text'
    """
    *first, last = (one.value for one in formats)
    return f"{', '.join(first)} or {last}" if first else last
