"""Answer every row of a file: open, check, read, classify, write, account for it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_repl.modes import stream
from sentiment_repl import render
from sentiment_repl.errors import Exit, FileError, StreamError, UsageError
from sentiment_repl.files import atomic, readers, writers
from sentiment_repl.files.lines import Lines, Problem
from sentiment_repl.files.progress import Progress

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier

STDOUT = "-"
"""The output's name for the standard output."""

_KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".txt": "txt"}
_DELIMITERS = {"csv": ",", "tsv": "\t"}
# What each kind can be written as without losing a column.
_OUTPUTS = {
    "csv": ("csv", "tsv", "jsonl"),
    "tsv": ("csv", "tsv", "jsonl"),
    "jsonl": ("jsonl",),
    "txt": ("txt", "csv", "tsv", "jsonl"),
}

# A batch is large enough to be read while the network answers, and small enough for the memory.
_ROWS, _CHARACTERS = 4096, 2**20
_EXPLAINED = 256  # rows of a batch whose words are explained, which takes many times as long


class Tally:
    """Counts the rows, and says of the first that can't be read where they are."""

    SHOWN = 10

    def __init__(self, name: str, progress: Progress) -> None:
        self.answered = 0
        self.unreadable = 0
        self._name = name
        self._progress = progress

    def report(self, problem: Problem) -> None:
        """Count a row that can't be read."""
        self.unreadable += 1
        if self.unreadable <= self.SHOWN:
            self._progress.say(f"{self._name}:{problem.line}: {problem.what}")

    def close(self) -> None:
        """Count those that were not shown."""
        if self.unreadable > self.SHOWN:
            self._progress.say(f"{self._name}: and {self.unreadable - self.SHOWN:,} more such rows")

    @property
    def rows(self) -> int:
        return self.answered + self.unreadable

    def __str__(self) -> str:
        return (
            f"{self._name}: {self.rows:,} row{'s' if self.rows != 1 else ''} read, "
            f"{self.answered:,} answered, {self.unreadable:,} could not be read"
        )


def run(
    load: Callable[[], Classifier],
    source: str,
    column: str | None,
    target: str,
    *,
    quiet: bool = False,
    explain: bool = False,
) -> Exit:
    """Answer a file.

    :param load: brings the classifier; called once the files are known to be in order.
    :param source: the input.
    :param column: the name of its text column; None for the usual one.
    :param target: the output, or ``STDOUT``.
    :param quiet: no progress bar, and no closing sentence where every row was answered.
    :param explain: whether to add the words that move an answer.
    :return: ``FAILED`` if rows could not be read; the output is there nevertheless.
    :raises Failure: the output is not there.
    """
    to_stdout = target == STDOUT
    kind = _kind(source)
    wanted = kind if to_stdout else _kind(target)
    if wanted not in _OUTPUTS[kind]:
        raise UsageError(
            f"{target}: {kind} can't be written as {wanted}, only as {' or '.join(_OUTPUTS[kind])}"
        )
    if not to_stdout:
        if _same(source, target):
            raise UsageError(f"{target}: it is the input itself; name another file")
        atomic.check(Path(target))
    elif sys.stdout is None:
        raise StreamError("standard output: it is closed")
    progress = Progress(
        Path(source).name, bar=not quiet and not (to_stdout and sys.stdout.isatty())
    )
    tally = Tally(source, progress)
    with closing(Lines(Path(source), "" if kind in _DELIMITERS else "\n")) as lines:
        reader = _reader(kind, lines, column, explain)
        writer = _writer(kind, wanted, reader.columns, explain)
        sink = nullcontext(_to_stdout()) if to_stdout else atomic.whole(Path(target))
        try:
            with sink as write:
                classifier = load()
                write(writer.head().encode())
                for rows in _batches(reader, _EXPLAINED if explain else _ROWS, tally.report):
                    predictions = classifier.classify_batch(
                        (row.text for row in rows), explain=explain
                    )
                    written = map(writer.line, (row.content for row in rows), predictions)
                    write("".join(written).encode(errors="replace"))
                    tally.answered += len(rows)
                    progress.show(lines.done(), tally.rows)
                tally.close()
                if tally.unreadable and not tally.answered:
                    raise FileError(
                        f"{source}: none of its {tally.rows:,} rows could be read; "
                        "there is no output"
                    )
        finally:
            progress.clear()
        if complaint := lines.complaint():
            progress.say(complaint)
    if tally.unreadable or not quiet:
        progress.say(str(tally))
    return Exit.FAILED if tally.unreadable else Exit.DONE


def _to_stdout() -> Callable[[bytes], object]:
    """What writes to the standard output; nothing in a file may drive a terminal."""
    out = sys.stdout.buffer
    if not sys.stdout.isatty():
        return partial(stream.put, out)

    def put(content: bytes) -> None:
        text = re.sub(r"[^\t\n]+", lambda match: render.escape(match[0]), content.decode())
        stream.put(out, text.encode())

    return put


def _kind(name: str) -> str:
    """What is in a file, by the ending of its name."""
    path = Path(name.lower().removesuffix(".gz"))
    if path.suffix not in _KINDS:
        raise UsageError(
            f"{name}: its ending does not say what it is; known are {', '.join(_KINDS)}, "
            "each also with .gz"
        )
    return _KINDS[path.suffix]


def _same(source: str, target: str) -> bool:
    try:
        return os.path.samefile(source, target)
    except OSError:  # one of them is not there
        return False


def _reader(
    kind: str, lines: Lines, column: str | None, explain: bool
) -> readers.Table | readers.JsonLines | readers.Text:
    if kind in _DELIMITERS:
        return readers.Table(lines, column, _DELIMITERS[kind])
    if kind == "jsonl":
        return readers.JsonLines(lines, column, explain)
    return readers.Text(lines, column)


def _writer(kind: str, wanted: str, columns: list[str], explain: bool) -> writers.Writer:
    if wanted in _DELIMITERS:
        return writers.Table(columns, _DELIMITERS[wanted], explain)
    if wanted == "txt":
        return writers.Text()
    return (writers.JsonLines if kind == "jsonl" else writers.Objects)(columns, explain)


def _batches(
    rows: Iterable[readers.Row | Problem], most: int, report: Callable[[Problem], None]
) -> Iterator[list[readers.Row]]:
    collected: list[readers.Row] = []
    characters = 0
    for row in rows:
        if isinstance(row, Problem):
            report(row)
            continue
        collected.append(row)
        characters += row.size
        if len(collected) == most or characters > _CHARACTERS:
            yield collected
            collected, characters = [], 0
    if collected:
        yield collected
