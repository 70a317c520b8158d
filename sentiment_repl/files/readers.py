"""The reader of each format. A bad row costs itself and not those after it."""

from collections.abc import Sequence
from typing import NamedTuple

from sentiment_repl.errors import UsageError
from sentiment_repl.files.columns import WantedColumn
from sentiment_repl.files.formats import DELIMITERS, Format
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.json_reader import JsonLinesReader
from sentiment_repl.files.lines import Lines
from sentiment_repl.files.rows import Reader
from sentiment_repl.files.table_style import open_table
from sentiment_repl.files.text_reader import TextReader


class ReadOptions(NamedTuple):
    """What a user says about a file that could not be seen, or was seen wrongly."""

    encoding: str | None = None
    """The name of the encoding; None to find out."""
    delimiter: str | None = None
    """The delimiter of a table; None to find out."""
    header: bool = True
    """Whether the first row of a table holds the names of its columns."""


_FIND_OUT = ReadOptions()
_REMEDIES = "; --delimiter names another character, --no-header says that the first row is data"


def open_reader(
    file: InputFile,
    format: Format,
    wanted: Sequence[WantedColumn],
    options: ReadOptions = _FIND_OUT,
) -> Reader:
    """Return the reader of a format.

    :raises FileError: the file can't be read, or has no header.
    :raises UsageError: a wanted column is missing or ambiguous, or an option does not apply.
    """
    _check_options(file, format, options)
    if format in DELIMITERS:
        return open_table(
            Lines(file, encoding=options.encoding),
            wanted,
            DELIMITERS[format],
            delimiter=options.delimiter,
            header=options.header,
            remedies=_REMEDIES,
        )
    if format is Format.PARQUET:
        from sentiment_repl.files.parquet_reader import ParquetReader

        return ParquetReader(file, wanted)
    if format is Format.EXCEL:
        from sentiment_repl.files.excel_reader import ExcelReader

        return ExcelReader(file, wanted, options.header)
    # A carriage return inside of a line is part of a text.
    lines = Lines(file, "\n", options.encoding)
    return (
        JsonLinesReader(lines, wanted) if format is Format.JSON_LINES else TextReader(lines, wanted)
    )


def _check_options(file: InputFile, format: Format, options: ReadOptions) -> None:
    """Refuse options that would have no effect."""
    wrong = None
    if options.delimiter is not None and format not in DELIMITERS:
        wrong = "--delimiter"
    elif not options.header and format not in (*DELIMITERS, Format.EXCEL):
        wrong = "--no-header"
    elif options.encoding is not None and format in (Format.PARQUET, Format.EXCEL):
        wrong = "--encoding"
    if wrong is not None:
        raise UsageError(f"{file.path}: {format.value} has no use for {wrong}; leave it out")
