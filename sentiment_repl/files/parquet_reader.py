"""The rows of a Parquet file. pyarrow reads it, and is imported for nothing else."""

import sys
from collections.abc import Collection, Iterator, Sequence

from sentiment_repl.errors import FileError
from sentiment_repl.files.cells import to_cell, to_json_value
from sentiment_repl.files.columns import WantedColumn, find_column, matching_columns
from sentiment_repl.files.encodings import UTF_8, Encoding
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.json_reader import look_up
from sentiment_repl.files.rows import Problem, Row, TableStyle, check_length

_ROWS = 1024  # that are decoded at once


class ParquetReader:
    """The rows of a Parquet file, a batch at a time.

    :raises FileError: the file can't be read, or pyarrow is not installed.
    :raises UsageError: a wanted column is missing or ambiguous.
    """

    encoding: Encoding = UTF_8
    style: TableStyle | None = None

    def __init__(self, file: InputFile, wanted: Sequence[WantedColumn]) -> None:
        try:
            from pyarrow import parquet
        except ImportError as error:
            raise FileError(
                f"{file.path}: reading Parquet needs pyarrow; "
                f"run: {sys.executable} -m pip install pyarrow"
            ) from error
        self._file = file
        self._done = 0
        try:
            self._parquet = parquet.ParquetFile(file.seekable())
        except (FileError, MemoryError):
            raise
        except Exception as error:  # a damaged file raises anything
            raise file.failure(error) from error
        self._rows: int = self._parquet.metadata.num_rows
        self.columns: Sequence[str] = self._parquet.schema_arrow.names
        self._wanted = [self._find_path(column) for column in wanted]

    def rows(self, reserved: Collection[str] = (), closed: bool = False) -> Iterator[Row | Problem]:
        """Yield the rows in order."""
        for fields in self._read():
            self._done += 1
            values = tuple(to_cell(look_up(fields[index], path)) for index, path in self._wanted)
            size = sum(map(len, map(str, fields)))
            yield check_length(Row(self._done, values, size, fields))

    def share_read(self) -> float | None:
        """Return how much of the file has been read, 0–1."""
        return self._done / max(1, self._rows)

    def notes(self) -> Iterator[str]:
        """Yield nothing."""
        yield from ()

    def _find_path(self, column: WantedColumn) -> tuple[int, tuple[str, ...]]:
        """Return the index of a wanted column, and the keys that lead to a value in it."""
        if column.name is not None and not matching_columns(self.columns, column):
            name, *path = column.name.split(".")
            if path and name in self.columns:
                return self.columns.index(name), tuple(path)
        return find_column(self._file.path, "column", self.columns, column), ()

    def _read(self) -> Iterator[Sequence[object]]:
        try:
            for batch in self._parquet.iter_batches(batch_size=_ROWS):
                yield from zip(*(map(to_json_value, one.to_pylist()) for one in batch.columns))
        except MemoryError:
            raise
        except Exception as error:
            raise self._file.failure(error) from error
