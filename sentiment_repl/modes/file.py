"""``--input``: classify every row of a file and write all rows with their predictions."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sentiment_repl import stdio
from sentiment_repl.errors import Exit, FileError, StreamError, UsageError
from sentiment_repl.files.atomic import check_writable, write_atomically
from sentiment_repl.files.columns import TEXT_NAMES, WantedColumn
from sentiment_repl.files.encodings import UTF_8, Encoding
from sentiment_repl.files.formats import CONVERSIONS, Format, format_of, list_names
from sentiment_repl.files.input_file import STDIN, InputFile
from sentiment_repl.files.readers import ReadOptions, open_reader
from sentiment_repl.files.rows import Problem, Reader, Row
from sentiment_repl.files.tally import Tally
from sentiment_repl.files.writers import ADDED, EXPLANATION, Writer, free_names, make_writer
from sentiment_repl.prediction import Prediction
from sentiment_repl.render import escape

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier

STDOUT = "-"
"""The name of the output that stands for standard output."""

# A batch is large enough for the network to work while the next one is read, and small enough
# for the memory. Explanations take many times as long, so their batches are smaller.
_ROWS, _EXPLAINED_ROWS = 2048, 256
_CHARACTERS = 2**18

Write = Callable[[bytes], object]


class FileOptions(NamedTuple):
    """What to read and what to write."""

    source: str
    """The input, or ``STDIN``."""
    target: str
    """The output, or ``STDOUT``."""
    column: str | None = None
    """The name of the text column, or its number; None for a usual name."""
    source_format: Format | None = None
    """None if the name of the input says it."""
    target_format: Format | None = None
    """None if the name of the output says it; standard output then has the input's format."""
    reading: ReadOptions = ReadOptions()
    quiet: bool = False
    """Whether to leave out the progress bar, and the summary if every row was read."""
    explain: bool = False
    """Whether to add the contributions of the words."""


def classify_file(load: Callable[[], Classifier], options: FileOptions) -> Exit:
    """Classify every row of a file.

    :param load: returns the classifier; called once, after the files have been checked.
    :return: ``FAILED`` if rows could not be read. The output has them without a label, unless
        nothing of them can be told apart.
    :raises Failure: the work failed; there is no output, and an older one stays.
    """
    source, target = options.source, options.target
    _check_target(options)
    on_terminal = target == STDOUT and sys.stdout.isatty()
    quiet = options.quiet
    name = "standard input" if source == STDIN else source
    with (
        InputFile(Path(source)) as file,
        Tally(name, quiet=quiet, bar=not quiet and not on_terminal) as tally,
    ):
        if target != STDOUT and file.is_same(Path(target)):
            raise UsageError(f"{target}: it is the input; name another file")
        formats = _find_formats(file, options)
        wanted = WantedColumn("text", "--column", TEXT_NAMES, options.column)
        reader = open_reader(file, formats[0], [wanted], options.reading)
        output = _Output(reader, formats, options.explain, on_terminal)
        with _open_target(target) as write:
            write(output.start())
            classifier = load()
            for batch in _batches(output.rows(), options.explain, tally, file.path):
                write(output.encode(_classify(classifier, batch, output.writer, options.explain)))
                tally.draw(reader.share_read())
            if tally.unreadable and not tally.rows:
                absent = "" if target == STDOUT else "; there is no output"
                raise FileError(
                    f"{name}: none of its {tally.unreadable:,} rows could be read{absent}"
                )
        for note in (*reader.notes(), *output.notes(name, target)):
            tally.print(note)
    return Exit.FAILED if tally.unreadable else Exit.DONE


class _Output:
    """How the rows of an input are written."""

    def __init__(
        self, reader: Reader, formats: tuple[Format, Format], explain: bool, on_terminal: bool
    ) -> None:
        self._reader = reader
        self._formats = formats
        self._added = free_names(reader.columns, [*ADDED, EXPLANATION] if explain else ADDED)
        self._on_terminal = on_terminal
        self.writer = make_writer(*formats, reader, self._added)

    def rows(self) -> Iterator[Row | Problem]:
        """Return the rows of the input. None has a key that the output could not show."""
        changes_format = self._formats[0] is not self._formats[1]
        return self._reader.rows(reserved=self._added, closed=changes_format)

    @property
    def encoding(self) -> Encoding:
        """The encoding of the input; UTF-8 for a terminal, and for JSON as its standard asks."""
        if self._on_terminal or self._formats[1] is Format.JSON_LINES:
            return UTF_8
        return self._reader.encoding

    def start(self) -> bytes:
        """Return what stands before the first row."""
        return self.encoding.mark() + self.encode(self.writer.header())

    def encode(self, lines: str) -> bytes:
        """Encode lines."""
        return self.encoding.encode(lines)

    def notes(self, source: str, target: str) -> Iterator[str]:
        """Yield a sentence about the encoding, unless it is UTF-8 as everybody expects."""
        read, written = self._reader.encoding.name, self.encoding.name
        if read != UTF_8.name:
            target = "standard output" if target == STDOUT else target
            also = "also " if read == written else ""
            yield (
                f"{target}: {also}written as {written}; "
                f"--encoding names the encoding of {source} if it is not {read}"
            )


def _find_formats(file: InputFile, options: FileOptions) -> tuple[Format, Format]:
    """Return the formats of the input and of the output.

    :raises UsageError: a name does not say it, or the output would lose columns.
    """
    source, target = options.source_format, options.target_format
    if source is None:
        name = "standard input" if options.source == STDIN else file.name
        source = format_of(name, "--input-format")
    possible = CONVERSIONS[source]
    if target is None and options.target == STDOUT:
        target = source if source in possible else possible[0]
    target = target or format_of(options.target)
    if target not in possible:
        raise UsageError(
            f"{options.target}: {source.value} can't be written as {target.value}, "
            f"only as {list_names(possible)}; --output-format says which"
        )
    return source, target


def _check_target(options: FileOptions) -> None:
    """Check, before any work, that the output can be written."""
    if options.target == STDOUT:
        if sys.stdout is None:
            raise StreamError("standard output: it is closed")
        return
    if options.target_format is None:
        format_of(options.target, "--output-format")
    check_writable(Path(options.target))


def _open_target(target: str) -> AbstractContextManager[Write]:
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


Batch = list[tuple[Row, bool]]
"""Rows, and whether each could be read."""


def _batches(
    rows: Iterable[Row | Problem], explain: bool, tally: Tally, path: Path
) -> Iterator[Batch]:
    """Collect rows into batches; count them, and report those that can't be read.

    A batch also has the rows that can't be read, as far as they can be told apart.
    """
    most_rows = _EXPLAINED_ROWS if explain else _ROWS
    batch: Batch = []
    characters = 0
    for item in rows:
        if isinstance(item, Row):
            tally.rows += 1
            batch.append((item, True))
            characters += item.size
        else:
            tally.add_problem(path, item)
            if item.row is None:
                continue
            tally.kept += 1
            batch.append((item.row, False))
            characters += item.row.size
        if len(batch) == most_rows or characters > _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _classify(classifier: Classifier, batch: Batch, writer: Writer, explain: bool) -> str:
    """Return the lines of a batch."""
    texts = [row.values[0] for row, is_read in batch if is_read]
    predictions = iter(classifier.classify_batch(texts, explain=explain))
    return "".join(
        writer.line(row, next(predictions) if is_read else _unlabelled(row, explain))
        for row, is_read in batch
    )


def _unlabelled(row: Row, explain: bool) -> Prediction:
    """Return what stands in place of the prediction of a row that can't be read."""
    contributions = () if explain else None
    return Prediction(row.values[0], None, None, (), True, contributions=contributions)
