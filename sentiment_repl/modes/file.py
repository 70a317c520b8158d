"""``--input``: classify every row of a file and write all rows with their predictions."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_repl import stdio
from sentiment_repl.errors import Exit, FileError, StreamError, UsageError
from sentiment_repl.files.atomic import check_writable, write_atomically
from sentiment_repl.files.columns import TEXT_NAMES, WantedColumn
from sentiment_repl.files.formats import CONVERSIONS, format_of, list_names
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.lines import Problem
from sentiment_repl.files.readers import Reader, Row, open_reader
from sentiment_repl.files.tally import Tally
from sentiment_repl.files.writers import ADDED, EXPLANATION, Writer, free_names, make_writer
from sentiment_repl.render import escape

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier

STDOUT = "-"
"""The name of the output that stands for standard output."""

# A batch is large enough for the network to work while the next one is read, and small enough
# for the memory. Explanations take many times as long, so their batches are smaller.
_ROWS, _EXPLAINED_ROWS = 2048, 256
_CHARACTERS = 2**20

Write = Callable[[bytes], object]


def classify_file(
    load: Callable[[], Classifier],
    source: str,
    column: str | None,
    target: str,
    *,
    quiet: bool = False,
    explain: bool = False,
) -> Exit:
    """Classify every row of a file.

    :param load: returns the classifier; called once, after the files have been checked.
    :param source: the input.
    :param column: the name of its text column; None for a usual name.
    :param target: the output, or ``STDOUT``.
    :param quiet: no progress bar, and no summary if every row was read.
    :param explain: whether to add the contributions of the words.
    :return: ``FAILED`` if rows could not be read. The output then has the other rows.
    :raises Failure: the work failed; there is no output, and an older one stays.
    """
    _check_target(source, target)
    with (
        InputFile(Path(source)) as file,
        Tally(source, quiet=quiet, bar=not quiet and not _is_terminal(target)) as tally,
    ):
        reader, writer, rows = _open_rows(file, column, target, explain)
        with _open_output(target) as write:
            write(writer.header().encode())
            classifier = load()
            for batch in _batches(rows, _EXPLAINED_ROWS if explain else _ROWS, tally, file.path):
                texts = (row.values[0] for row in batch)
                predictions = classifier.classify_batch(texts, explain=explain)
                lines = "".join(map(writer.line, batch, predictions))
                write(lines.encode(errors="replace"))
                tally.rows += len(batch)
                tally.draw(file.share_read())
            if tally.unreadable and not tally.rows:
                raise FileError(
                    f"{source}: none of its {tally.unreadable:,} rows could be read; "
                    "there is no output"
                )
        tally.print(reader.lines.note())
    return Exit.FAILED if tally.unreadable else Exit.DONE


def _check_target(source: str, target: str) -> None:
    """Check, before any work, that the output can be written and is not the input."""
    if target == STDOUT:
        if sys.stdout is None:
            raise StreamError("standard output: it is closed")
        return
    format_of(target)
    with suppress(OSError):  # one of them does not exist
        if os.path.samefile(source, target):
            raise UsageError(f"{target}: it is the input; name another file")
    check_writable(Path(target))


def _open_rows(
    file: InputFile, column: str | None, target: str, explain: bool
) -> tuple[Reader, Writer, Iterator[Row | Problem]]:
    """Return the reader of the input, the writer of the output, and the rows."""
    source_format = format_of(file.name)
    target_format = source_format if target == STDOUT else format_of(target)
    possible = CONVERSIONS[source_format]
    if target_format not in possible:
        raise UsageError(
            f"{target}: {source_format.value} can't be written as {target_format.value}, "
            f"only as {list_names(possible)}"
        )
    wanted = WantedColumn("text", "--column", TEXT_NAMES, column)
    reader = open_reader(file, source_format, [wanted])
    added = free_names(reader.columns, [*ADDED, EXPLANATION] if explain else ADDED)
    writer = make_writer(source_format, target_format, reader.columns, added)
    return reader, writer, reader.rows(reserved=added)


def _open_output(target: str) -> AbstractContextManager[Write]:
    if target == STDOUT:
        return nullcontext(_stdout_writer())
    return write_atomically(Path(target))


def _stdout_writer() -> Write:
    """Return what writes to standard output. On a terminal it escapes control characters."""
    out = sys.stdout.buffer
    if not sys.stdout.isatty():
        return partial(stdio.write_stdout, out)

    def write(content: bytes) -> None:
        text = re.sub(r"[^\t\n]+", lambda match: escape(match[0]), content.decode())
        stdio.write_stdout(out, text.encode())

    return write


def _is_terminal(target: str) -> bool:
    return target == STDOUT and sys.stdout.isatty()


def _batches(
    rows: Iterable[Row | Problem], most_rows: int, tally: Tally, path: Path
) -> Iterator[list[Row]]:
    """Collect rows into batches, and report those that can't be read."""
    batch: list[Row] = []
    characters = 0
    for row in rows:
        if isinstance(row, Problem):
            tally.add_problem(path, row)
            continue
        batch.append(row)
        characters += row.size
        if len(batch) == most_rows or characters > _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
