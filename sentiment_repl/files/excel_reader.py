"""The rows of a sheet of an Excel file. openpyxl reads it, and is imported for nothing else."""

import sys
import warnings
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Any

from sentiment_repl.errors import Failure, FileError, UsageError
from sentiment_repl.files.cells import to_cell, to_json_value
from sentiment_repl.files.columns import WantedColumn, find_column, quote_names
from sentiment_repl.files.encodings import UTF_8, Encoding
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.rows import Problem, Row, TableStyle, check_length


class ExcelReader:
    """The rows of a sheet: the one that the path names, or the first. Blank rows are skipped.

    :raises FileError: the file can't be read, or openpyxl is not installed.
    :raises UsageError: there is no such sheet, or a wanted column is missing or ambiguous.
    """

    encoding: Encoding = UTF_8
    style: TableStyle | None = None

    def __init__(
        self, file: InputFile, wanted: Sequence[WantedColumn], header: bool = True
    ) -> None:
        try:
            import openpyxl
        except ImportError as error:
            raise FileError(
                f"{file.path}: reading Excel files needs openpyxl; "
                f"run: {sys.executable} -m pip install openpyxl"
            ) from error
        self._file = file
        self._path = file.path
        try:
            with warnings.catch_warnings():  # about styles
                warnings.simplefilter("ignore")
                book = openpyxl.load_workbook(file.seekable(), read_only=True, data_only=True)
            self._sheet = _choose_sheet(file, book)
            self._sheet.reset_dimensions()  # some programs write wrong ones
            self._others = [sheet.title for sheet in book.worksheets if sheet is not self._sheet]
        except (Failure, MemoryError):
            raise
        except Exception as error:  # a damaged file raises anything
            raise file.failure(error) from error
        self._rows: Iterator[tuple[int, list[Any]]] = self._read()
        self.columns: Sequence[str] = self._find_columns(header)
        self._indices = [find_column(self._path, "column", self.columns, one) for one in wanted]

    def rows(self, reserved: Collection[str] = (), closed: bool = False) -> Iterator[Row | Problem]:
        """Yield the rows in order, and a problem for each one with too many cells."""
        columns = len(self.columns)
        for number, cells in self._rows:
            fields = [*cells[:columns], *[None] * (columns - len(cells))]
            more = [to_cell(cell) for cell in cells[columns:]]
            if more:
                fields[-1] = " ".join([to_cell(fields[-1]), *more])
            values = tuple(to_cell(fields[index]) for index in self._indices)
            row = Row(number, values, sum(map(len, map(str, fields))), fields)
            if more:
                yield Problem(number, f"{len(cells)} columns instead of {columns}", row)
            else:
                yield check_length(row)

    def share_read(self) -> float | None:
        """Return None: nobody knows."""
        return None

    def notes(self) -> Iterator[str]:
        """Yield a sentence about the sheets that were not read."""
        if self._others and self._file.sheet is None:
            yield (
                f"{self._path}: it has several sheets; {self._sheet.title!r} was read. "
                f"Name another one as {self._path}:SHEET: {quote_names(self._others)}"
            )

    def _find_columns(self, header: bool) -> list[str]:
        first = next(self._rows, None)
        if first is None:
            raise FileError(f"{self._path}: the sheet {self._sheet.title!r} is empty")
        if header:
            return [to_cell(cell) for cell in first[1]]
        self._rows = chain([first], self._rows)
        return [str(number + 1) for number in range(len(first[1]))]

    def _read(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield the number and the cells of each row, without the empty cells at its end."""
        try:
            for number, found in enumerate(self._sheet.iter_rows(values_only=True), start=1):
                cells = [to_json_value(cell) for cell in found]
                while cells and cells[-1] in (None, ""):
                    cells.pop()
                if cells:
                    yield number, cells
        except MemoryError:
            raise
        except Exception as error:
            raise self._file.failure(error) from error


def _choose_sheet(file: InputFile, book: Any) -> Any:
    """Return the sheet that the path names, or the first one that a user sees."""
    for sheet in book.worksheets:
        if file.sheet == sheet.title or (file.sheet is None and sheet.sheet_state == "visible"):
            return sheet
    names = quote_names([sheet.title for sheet in book.worksheets])
    raise UsageError(f"{file.path}: there is no such sheet; it has {names}")
