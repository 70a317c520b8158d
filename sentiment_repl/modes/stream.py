"""Answers without a terminal: one line out for each line or argument in.

Answers go to the standard output and nothing else does; the warnings about
unknown words go to the standard error.
"""

from __future__ import annotations

import os
import select
from collections.abc import Iterable, Iterator
from contextlib import suppress
from errno import EINVAL
from io import BufferedReader
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from sentiment_repl import render
from sentiment_repl.errors import StreamError

if TYPE_CHECKING:  # which brings NumPy, before its threads have been settled
    from sentiment_repl.classifier import Classifier

KEPT = 1 << 24
"""Bytes of a block that a batch frees, up to which it is kept for the next batch."""
_CHUNK = 1 << 18  # bytes; of a pipe a read brings what it holds


def read_batches(stream: BufferedReader) -> Iterator[list[bytes]]:
    """The lines of a stream, without their newlines, in batches.

    A batch is what one read brings: 256 KiB of a file or a busy pipe, and a single
    line, at once, of a program that waits for the answer to each.

    :raises StreamError: the stream can't be read.
    """
    _widen(stream)
    begun: list[bytes] = []
    while chunk := _read(stream):
        *ended, rest = chunk.split(b"\n")
        if ended:
            ended[0] = b"".join([*begun, ended[0]])
            begun.clear()
            yield ended
        if rest:
            begun.append(rest)
    if begun:
        yield [b"".join(begun)]


def _widen(stream: BufferedReader) -> None:
    """Let a pipe hold a whole read, where it is one and the system can (Linux; else 64 KiB)."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        if fcntl.fcntl(stream, fcntl.F_GETPIPE_SZ) < _CHUNK:
            fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, _CHUNK)


def _read(stream: BufferedReader) -> bytes:
    # The raw one tells an empty pipe, if another program has made it non-blocking, from its
    # end; and nothing of what it brings waits for more in a buffer.
    try:
        while (chunk := stream.raw.read(_CHUNK)) is None:
            select.select([stream], [], [])
        return chunk
    except OSError as error:
        raise StreamError(f"standard input: it can't be read: {error.strerror}") from error


class Decoder:
    """Lines of UTF-8 to text; keeps count of those that are something else."""

    def __init__(self) -> None:
        self.lines = 0
        self.replaced = 0
        self.first_replaced = 0

    def __call__(self, batch: Iterable[bytes]) -> Iterator[str]:
        for line in batch:
            self.lines += 1
            if self.lines == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            try:
                text = line.decode()
            except UnicodeDecodeError:
                text = line.decode(errors="replace")
                self.replaced += 1
                self.first_replaced = self.first_replaced or self.lines
            yield text.removesuffix("\r")

    def complaint(self) -> str | None:
        """A sentence about the lines that were not UTF-8, if there were any."""
        if not self.replaced:
            return None
        return not_utf8("standard input", self.replaced, self.lines, self.first_replaced)


def not_utf8(name: str, replaced: int, lines: int, first: int) -> str:
    """A sentence about the lines of an input that were not UTF-8."""
    return (
        f"{name}: not UTF-8 in {replaced} of {lines} lines, first in line {first}; "
        "the bytes in question were read as \N{REPLACEMENT CHARACTER}"
    )


class Writer:
    """Writes predictions to a binary stream, and warnings to another.

    :param out: takes one line a prediction, in UTF-8.
    :param err: takes the warnings about unknown words, or None for no warnings. If it
        breaks, the answers go on without them.
    :param format: a name in ``render.FORMATS``.
    :param explain: whether to name the words that move an answer.
    """

    def __init__(
        self, out: BinaryIO, err: BinaryIO | None, format: str, *, explain: bool = False
    ) -> None:
        self._explain = explain
        self._out = out
        self._err = err
        self._render = render.FORMATS[format]
        # On one terminal a warning belongs before its answer; apart, both streams
        # are written a batch at a time, which is several times faster.
        self._together = err is not None and _same_file(out, err)

    def write(self, classifier: Classifier, texts: Iterable[str]) -> None:
        """Answer a batch of texts and flush.

        :raises BrokenPipeError: the reader of the answers has gone.
        :raises StreamError: the answers can't be written.
        """
        answers: list[str] = []
        warnings: list[str] = []
        for prediction in classifier.classify_batch(texts, explain=self._explain):
            if self._err is not None:
                lines = render.out_of_vocabulary(prediction)
                (answers if self._together else warnings).extend(lines)
            answers.append(self._render(prediction))
        if self._err is not None and warnings:
            try:
                _write(self._err, _encoded(warnings))
            except OSError:
                discard(self._err)
                self._err = None
        put(self._out, _encoded(answers))


def put(out: BinaryIO, content: bytes) -> None:
    """Write to the standard output and flush.

    :raises BrokenPipeError: its reader has gone.
    :raises StreamError: it can't be written.
    """
    try:
        _write(out, content)
    except OSError as error:
        discard(out)
        # Windows reports a closed pipe as an invalid argument.
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == EINVAL):
            raise BrokenPipeError from error
        reason = error.strerror
        raise StreamError(f"standard output: it can't be written: {reason}") from error


def discard(stream: IO[Any]) -> None:
    """Send what else comes to a broken stream nowhere, the interpreter's last flush too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _encoded(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode(errors="replace")


def _write(stream: BinaryIO, content: bytes) -> None:
    # With PYTHONUNBUFFERED it is a raw one already, which may take a part only.
    raw = getattr(stream, "raw", stream)
    rest = memoryview(content)
    while rest:
        written = raw.write(rest)
        if written is None:  # it is full, and another program has made it non-blocking
            select.select([], [stream], [])
        else:
            rest = rest[written:]
    stream.flush()


def _same_file(a: BinaryIO, b: BinaryIO) -> bool:
    try:
        one, other = os.fstat(a.fileno()), os.fstat(b.fileno())
    except OSError:
        return False
    # Windows numbers no pipe and no console: there all of them look alike.
    return one.st_ino != 0 and os.path.samestat(one, other)
