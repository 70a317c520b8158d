"""Arguments and pipes: one line out for each text in.

Predictions go to standard output. Warnings about out-of-vocabulary words, and nothing else,
go to standard error.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sentiment_repl import render, runtime, stdio
from sentiment_repl.errors import Exit, StreamError
from sentiment_repl.files.decoding import Decoder
from sentiment_repl.files.lines import LineSplitter
from sentiment_repl.files.rows import Problem
from sentiment_repl.files.tally import Tally
from sentiment_repl.prediction import LONGEST_TEXT

if TYPE_CHECKING:  # importing it brings NumPy, and the BLAS threads are limited before that
    from sentiment_repl.classifier import Classifier

_STDIN = Path("standard input")  # in messages
_CHUNK = 1 << 18  # bytes; a read of a pipe returns what the pipe holds


class LineWriter:
    """Writes one line a prediction to standard output, in UTF-8.

    :param format: a name in ``render.FORMATS``.
    :param warn: whether out-of-vocabulary words are named on standard error. If that breaks,
        the predictions go on without warnings.
    :param explain: whether to compute the contribution of each word.
    :raises StreamError: standard output is closed.
    """

    def __init__(self, format: str, *, warn: bool, explain: bool) -> None:
        if sys.stdout is None:
            raise StreamError("standard output: it is closed")
        self._out: BinaryIO = sys.stdout.buffer
        self._err: BinaryIO | None = sys.stderr.buffer if warn else None
        self._render = render.FORMATS[format]
        self._explain = explain
        # On one terminal a warning comes before its prediction. Two streams are written a
        # batch at a time, which is several times faster.
        self._together = warn and stdio.is_same_file(sys.stdout.buffer, sys.stderr.buffer)

    def write_predictions(self, classifier: Classifier, texts: Iterable[str]) -> None:
        """Classify a batch of texts, write the predictions and flush.

        :raises BrokenPipeError: the reader of the predictions has gone.
        :raises StreamError: the predictions can't be written.
        """
        lines: list[str] = []
        warnings: list[str] = []
        for prediction in classifier.classify_batch(texts, explain=self._explain):
            if self._err is not None:
                unknown = render.unknown_word_warnings(prediction)
                (lines if self._together else warnings).extend(unknown)
            lines.append(self._render(prediction))
        if self._err is not None and warnings:
            try:
                stdio.write_all(self._err, _encode_lines(warnings))
            except OSError:
                stdio.silence(self._err)
                self._err = None
        stdio.write_stdout(self._out, _encode_lines(lines))


def classify_stdin(classifier: Classifier, writer: LineWriter, encoding: str | None = None) -> Exit:
    """Classify each line of standard input. Line N of the output belongs to line N.

    :param encoding: the name of the encoding; None to find out.
    :return: ``FAILED`` if a line was too long.
    :raises StreamError: standard input can't be read, or standard output can't be written.
    :raises UsageError: no encoding has the name.
    """
    if sys.stdin is None:
        raise StreamError("standard input: it is closed")
    decoder = Decoder(encoding)
    # The raw stream returns what has arrived without waiting for more.
    stdin: Any = sys.stdin.buffer
    with Tally(str(_STDIN)) as tally:
        for texts in read_batches(getattr(stdin, "raw", stdin), decoder):
            _report_long(texts, tally)
            writer.write_predictions(classifier, texts)
        tally.print(decoder.note(str(_STDIN)))
    return Exit.FAILED if tally.unreadable else Exit.DONE


def read_batches(stream: io.RawIOBase, decoder: Decoder) -> Iterator[list[str]]:
    """Yield the lines of a stream, without their newlines, in batches.

    A batch is what one read returns. That is up to 256 KiB of a file or a busy pipe. A program
    that waits for each result sends a single line, and that line is a batch at once. A line
    that is too long is cut, and is still too long.

    :param stream: an unbuffered stream.
    :raises StreamError: the stream can't be read.
    """
    _widen_pipe(stream)
    splitter = LineSplitter("\n", LONGEST_TEXT + len("\r\n"))
    ended = False
    while not ended:
        chunk = _read_chunk(stream)
        ended = not chunk
        lines = splitter.split(decoder.decode(chunk, final=ended), final=ended)
        if lines:
            yield [line.removesuffix("\n").removesuffix("\r") for line in lines]


def _report_long(texts: Sequence[str], tally: Tally) -> None:
    """Count the texts, and report those that are too long."""
    first = tally.rows + tally.unreadable + 1
    tally.rows += len(texts)
    if sum(map(len, texts)) > LONGEST_TEXT:
        for line, text in enumerate(texts, start=first):
            if len(text) > LONGEST_TEXT:
                what = f"a text of more than {LONGEST_TEXT:,} characters"
                tally.add_problem(_STDIN, Problem(line, what))
                tally.rows -= 1
                tally.kept += 1


def _widen_pipe(stream: io.RawIOBase) -> None:
    """Let a pipe hold a whole read. Only Linux can; elsewhere a pipe holds about 64 KiB."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        if fcntl.fcntl(stream, fcntl.F_GETPIPE_SZ) < _CHUNK:
            fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, _CHUNK)


def _read_chunk(stream: io.RawIOBase) -> bytes:
    try:
        chunk = None
        while chunk is None:  # the first time, or another program made the pipe non-blocking
            runtime.wait_for_input(stream)
            chunk = stream.read(_CHUNK)
        return chunk
    except OSError as error:
        raise StreamError(f"standard input: it can't be read: {error.strerror}") from error


def _encode_lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode(errors="replace")
