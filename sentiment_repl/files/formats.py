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
    PARQUET = "Parquet"
    EXCEL = "Excel"


ENDINGS = {
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".txt": Format.TEXT,
    ".parquet": Format.PARQUET,
    ".xlsx": Format.EXCEL,
}
DELIMITERS = {Format.CSV: ",", Format.TSV: "\t"}
DELIMITER_NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
"""Names for delimiters that are hard to type in a shell."""

_TABLES = (Format.CSV, Format.TSV, Format.JSON_LINES)
CONVERSIONS = {
    Format.CSV: _TABLES,
    Format.TSV: _TABLES,
    Format.JSON_LINES: _TABLES,
    Format.TEXT: (Format.TEXT, *_TABLES),
    Format.PARQUET: _TABLES,
    Format.EXCEL: _TABLES,
}
"""The formats that a format can be written as without losing a column."""


def format_names(formats: Iterable[Format]) -> dict[str, Format]:
    """Return the names by which options call formats: their endings without the dot.

    >>> format_names([Format.TSV])
    {'tsv': <Format.TSV: 'TSV'>}
    """
    wanted = set(formats)
    return {ending[1:]: format for ending, format in ENDINGS.items() if format in wanted}


def format_of(name: str, option: str | None = None) -> Format:
    """Return the format that the ending of a file's name stands for; ``.gz`` is ignored.

    :param option: the option that says the format of a file without such an ending.
    :raises UsageError: the ending is not known.

    >>> format_of("reviews.tsv.gz")
    <Format.TSV: 'TSV'>
    """
    found = known_format(name)
    if found is None:
        raise UsageError(
            f"{name}: its ending does not say what it is; use one of {', '.join(ENDINGS)}, "
            f"each also with .gz{f', or say it with {option}' if option else ''}"
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
