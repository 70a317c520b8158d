"""Files to partitions: ranges of rows of Parquet files, bounded by bytes.

A Parquet file stays where it is. Any other table is read once, by the reader of ``--input``, and
written as temporary Parquet files. A quoted field may hold line breaks, so only reading a CSV
from its start shows where its rows begin.
"""

import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from dask.base import tokenize
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from sentiment_repl import __version__
from sentiment_repl.errors import UsageError
from sentiment_repl.files.cells import to_cell
from sentiment_repl.files.columns import WantedColumn, find_column
from sentiment_repl.files.decoding import replace_surrogates
from sentiment_repl.files.formats import format_of
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.readers import open_reader
from sentiment_repl.files.rows import Problem, Reader, Row
from sentiment_repl.files.tally import Tally
from sentiment_repl.files.writers import distinct_names, free_names

PARTS = ".parts"
"""The folder of unfinished files in the output folder. Readers of Parquet ignore its name."""

PARTITION_BYTES = 2**24
"""Uncompressed bytes of a partition: half a minute of work."""
_MOST_ROWS = 250_000  # of a partition: repeated values take few bytes in Parquet
_TEXT_TYPES = ("string", "large_string", "binary", "large_binary", "dictionary", "null")
_CONVERTED_ROWS = 256  # of a table that are converted at once; a row has at most some MB


class Job(NamedTuple):
    """What all partitions of a run share."""

    model: str
    """The SHA-256 of the model's ``manifest.json``, which has those of its files."""
    neutral: bool
    text: WantedColumn
    """The column with the text."""
    output: str
    """The address of the output folder."""


class Partition(NamedTuple):
    """A range of rows of a Parquet file."""

    source: str
    """The input file."""
    file: str
    """The Parquet file with the rows: the input, or a converted piece of it."""
    rows: range
    text: int
    """The index of the text column. In a converted file it is a copy, and the last column."""
    output: str
    key: str
    """The fingerprint of everything that the output depends on."""


@dataclass
class Plan:
    """The partitions of an input file."""

    partitions: list[Partition]
    unreadable: int
    """Rows that can't be read in full."""
    notes: list[str]
    """Sentences about the file, for its user."""


def plan_file(source: str, job: Job) -> Plan:
    """Return the partitions of an input file. Convert it first if it is not Parquet.

    :raises UsageError: the file has no such column, or is of no known format.
    """
    plan = Plan([], 0, [])
    fs, path = url_to_fs(source)
    pieces = _cut if path.lower().endswith(".parquet") else _convert
    name = f"{PurePosixPath(path).name.split('.')[0].lstrip('_')}-{tokenize(source)[:8]}"
    shared = __version__, tuple(job[:-1]), fs.ukey(path), PARTITION_BYTES
    for number, piece in enumerate(pieces(source, job, plan)):
        output = f"{job.output}/{name}-{number:05d}.parquet"
        plan.partitions.append(Partition(source, *piece, output, tokenize(shared, number)))
    return plan


def join_tables(tables: Iterable[pa.Table], limit: int) -> Iterator[pa.Table]:
    """Join small tables into tables of about ``limit`` bytes."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(one.nbytes for one in waiting) >= limit:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


_Piece = tuple[str, range, int]
"""The fields ``file``, ``rows`` and ``text`` of a partition."""


def _cut(source: str, job: Job, plan: Plan) -> Iterator[_Piece]:
    """Cut a Parquet file into ranges of rows."""
    with fsspec.open(source, "rb") as file:
        parquet = pq.ParquetFile(file)
        schema, rows = parquet.schema_arrow, parquet.metadata.num_rows
        groups = map(parquet.metadata.row_group, range(parquet.metadata.num_row_groups))
        size = sum(group.total_byte_size for group in groups)
    text = find_column(Path(source), "column", schema.names, job.text)
    if not str(schema.types[text]).startswith(_TEXT_TYPES):
        raise UsageError(
            f"{source}: the column {schema.names[text]!r} holds {schema.types[text]}, not text; "
            "name the one that holds the text with --column"
        )
    pieces = max(1, math.ceil(size / PARTITION_BYTES), math.ceil(rows / _MOST_ROWS))
    for number in range(pieces):
        yield source, range(rows * number // pieces, rows * (number + 1) // pieces), text


def _convert(source: str, job: Job, plan: Plan) -> Iterator[_Piece]:
    """Write the rows of another file as Parquet files, each with at least one row group."""
    fs, path = url_to_fs(source)
    with ExitStack() as stack:
        if not isinstance(fs, LocalFileSystem):
            folder = stack.enter_context(TemporaryDirectory())
            fs.get_file(path, path := f"{folder}/{PurePosixPath(path).name}")
        file = stack.enter_context(InputFile(Path(path)))
        reader = open_reader(file, format_of(file.name), [job.text])
        names = distinct_names(reader.columns)
        names += free_names(names, ["text"])
        for table in join_tables(_read_tables(source, reader, names, plan), PARTITION_BYTES):
            target = f"{job.output}/{PARTS}/{uuid.uuid4().hex}.parquet"
            with fsspec.open(target, "wb") as sink:
                pq.write_table(table, sink)
            yield target, range(len(table)), len(names) - 1
        plan.notes += reader.notes()


def _read_tables(
    source: str, reader: Reader, names: Sequence[str], plan: Plan
) -> Iterator[pa.Table]:
    """Yield the rows of a reader: its columns, and a copy of the text, as strings."""
    schema = pa.schema([(name, pa.string()) for name in names])
    yield schema.empty_table()  # a file without rows has an output without rows
    # JSON lines may have keys that none of the first objects has: the text counts all the same.
    found = reader.rows(closed=True)
    while batch := list(islice(found, _CONVERTED_ROWS)):
        for problem in batch:
            if isinstance(problem, Problem):
                plan.unreadable += 1
                if plan.unreadable <= Tally.MOST_PRINTED:
                    plan.notes.append(f"{source}:{problem.line}: {problem.what}")
        yield pa.table([*zip(*(_fields(one, reader.columns) for one in batch))], schema=schema)


def _fields(found: Row | Problem, columns: Sequence[str]) -> list[str | None]:
    row = found.row if isinstance(found, Problem) else found
    if row is None:
        return [None] * (len(columns) + 1)
    fields = row.fields if row.record is None else map(row.record.get, columns)
    text = row.values[0] if row.record is not None or row is found else None
    return [None if one is None else replace_surrogates(to_cell(one)) for one in (*fields, text)]
