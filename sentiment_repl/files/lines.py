"""The lines of an input file: opened, unpacked, decoded and numbered."""

import codecs
import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sentiment_repl.modes import stream
from sentiment_repl.errors import FileError

LONGEST = 2**22
"""Characters that a line or a row may have; a longer one would cost memory without bound."""

_CHUNK = 1 << 16
_UNREADABLE = (OSError, EOFError, zlib.error)  # what opening and unpacking raise
_UNDECODABLE = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8, as surrogateescape has it
_FOREIGN = {
    codecs.BOM_UTF16_LE: "it is UTF-16, which is not read; save it as UTF-8",
    codecs.BOM_UTF16_BE: "it is UTF-16, which is not read; save it as UTF-8",
    b"\x1f\x8b": "it is compressed; give it a name that ends in .gz",
    b"PK\x03\x04": "it is a spreadsheet or a zip archive; save it as CSV",
}


TOO_LONG = "\0"
"""Stands, itself and no string like it, for a line that is longer."""

TOO_LONG_SENTENCE = f"a line of more than {LONGEST:,} characters"


class Problem(NamedTuple):
    """A row that can't be read."""

    line: int
    """The line of the file on which the row begins, from 1."""
    what: str


class Lines:
    """The numbered lines of a file, with a way back.

    Bytes that are not UTF-8 are replaced, and counted.

    :param path: a file; unpacked if its name ends in ``.gz``.
    :param newline: what ends a line, as for ``open``.
    :raises FileError: it can't be opened, or holds something other than text.
    """

    def __init__(self, path: Path, newline: str) -> None:
        self.path = path
        self.number = 0  # of the line that was taken last
        self._waiting: list[str] = []
        self._replaced = 0
        self._first_replaced = 0
        try:
            self._raw = io.FileIO(path)
            status = os.fstat(self._raw.fileno())
            # A pipe tells neither its size nor how much of it has been read.
            self._size = status.st_size if stat.S_ISREG(status.st_mode) else 0
            packed = path.suffix.lower() == ".gz"
            binary = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
            buffered = io.BufferedReader(binary, _CHUNK)
            start = buffered.peek(4)
        except _UNREADABLE as error:
            raise self._failure(error) from error
        for mark, what in _FOREIGN.items():
            if start.startswith(mark):
                raise FileError(f"{path}: {what}")
        self._text = io.TextIOWrapper(buffered, "utf-8-sig", "surrogateescape", newline)

    def close(self) -> None:
        self._text.close()
        self._raw.close()

    def take(self) -> str:
        """The next line with its newline, or ``TOO_LONG``; empty at the end.

        :raises FileError: the file can't be read on.
        """
        if self._waiting:
            self.number += 1
            return self._waiting.pop()
        try:
            line = self._text.readline(LONGEST)
            if len(line) == LONGEST:
                while len(line) == LONGEST and not line.endswith("\n"):
                    line = self._text.readline(LONGEST)
                line = TOO_LONG
        except _UNREADABLE as error:
            raise self._failure(error) from error
        if line:
            self.number += 1
        if not line.isascii() and _UNDECODABLE.search(line):
            self._replaced += 1
            self._first_replaced = self._first_replaced or self.number
            line = line.encode(errors="surrogateescape").decode(errors="replace")
        return line

    def give_back(self, lines: list[str]) -> None:
        """Take these lines, the last ones taken, another time."""
        self._waiting.extend(reversed(lines))
        self.number -= len(lines)

    def __iter__(self) -> Iterator[str | Problem]:
        while line := self.take():
            yield line if line is not TOO_LONG else Problem(self.number, TOO_LONG_SENTENCE)

    def done(self) -> float | None:
        """The share of the file's bytes, as they lie on the disk, that has been read."""
        return self._raw.tell() / self._size if self._size else None

    def complaint(self) -> str | None:
        """A sentence about the lines that were not UTF-8, if there were any."""
        if not self._replaced:
            return None
        return stream.not_utf8(str(self.path), self._replaced, self.number, self._first_replaced)

    def _failure(self, error: Exception) -> FileError:
        if isinstance(error, EOFError):
            return FileError(f"{self.path}: it is cut off: the end of the packed data is missing")
        reason = getattr(error, "strerror", None) or str(error)
        return FileError(f"{self.path}: it can't be read: {reason}")
