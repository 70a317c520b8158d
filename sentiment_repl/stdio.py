"""Standard output and standard error, when they are full, closed or gone."""

import os
import select
import sys
from errno import EINVAL
from typing import IO, Any, BinaryIO

from sentiment_repl.errors import StreamError


def write_stdout(out: BinaryIO, content: bytes) -> None:
    """Write to standard output and flush.

    :raises BrokenPipeError: the reader has gone.
    :raises StreamError: the content can't be written.
    """
    try:
        write_all(out, content)
    except OSError as error:
        silence(out)
        # Windows reports a closed pipe as an invalid argument.
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == EINVAL):
            raise BrokenPipeError from error
        raise StreamError(f"standard output: it can't be written: {error.strerror}") from error


def write_all(stream: BinaryIO, content: bytes) -> None:
    """Write all of the content and flush, also to a non-blocking stream.

    :raises OSError: the content can't be written.
    """
    # With PYTHONUNBUFFERED the stream is raw, and may write only a part.
    raw = getattr(stream, "raw", stream)
    rest = memoryview(content)
    while rest:
        written = raw.write(rest)
        if written is None:  # full, and another program made it non-blocking
            select.select([], [stream], [])
        else:
            rest = rest[written:]
    stream.flush()


def write_stderr(text: str) -> None:
    """Write to standard error. If that breaks, the work goes on without it."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)


def silence(stream: IO[Any]) -> None:
    """Discard everything that is still written to a broken stream.

    The interpreter flushes each stream once more at exit, and would report the error again.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def is_same_file(a: BinaryIO, b: BinaryIO) -> bool:
    """Return whether two streams go to the same terminal, file or pipe."""
    try:
        one, other = os.fstat(a.fileno()), os.fstat(b.fileno())
    except OSError:
        return False
    # On Windows every pipe and console has the number 0.
    return one.st_ino != 0 and os.path.samestat(one, other)
