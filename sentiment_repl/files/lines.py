"""The numbered lines of an input file, and of a pipe."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sentiment_repl.errors import FileError
from sentiment_repl.files.decoding import Decoder
from sentiment_repl.files.encodings import Encoding
from sentiment_repl.files.rows import Problem, Row

if TYPE_CHECKING:
    from sentiment_repl.files.input_file import InputFile

MAX_CHARACTERS = 2**22
"""Characters of the longest line or row. The limit bounds the memory."""

_NO_TEXT = {
    b"PK\x03\x04": "it is a spreadsheet or a zip archive; "
    "give it a name that ends in .xlsx or .zip",
    b"PAR1": "it is Parquet; give it a name that ends in .parquet",
    b"\xd0\xcf\x11\xe0": "it is a file of an old Office program; save it as .xlsx or CSV",
}
"""How files begin that are taken for text by mistake."""


class LineSplitter:
    """Splits a text that arrives in blocks into lines, which keep their newlines.

    :param newline: what ends a line: ``"\\n"`` only that; ``""`` also a carriage return.
    :param longest: characters of the longest line and its newline. A longer one is cut, so that
        it has one character more.

    >>> splitter = LineSplitter("", longest=5)
    >>> splitter.split("one\\ntw"), splitter.split("o\\rthr"), splitter.split("ee...", final=True)
    (['one\\n'], ['two\\r'], ['three.'])
    """

    def __init__(self, newline: str, longest: int) -> None:
        self._newline = newline
        self._ends = ("\n",) if newline else ("\n", "\r")
        self._longest = longest
        self._begun: list[str] = []  # the pieces of a line without an end yet
        self._size = 0  # their characters
        self._return = ""  # a carriage return that a newline may follow

    def split(self, text: str, final: bool = False) -> list[str]:
        """Return the lines that end in the next block.

        :param final: whether the text ends with this block, and with it the last line.
        """
        text, self._return = self._return + text, ""
        if text.endswith("\r") and not self._newline and not final:
            text, self._return = text[:-1], "\r"
        lines = list(io.StringIO(text, self._newline))
        rest = ""
        if lines and not lines[-1].endswith(self._ends):
            rest = lines.pop()
        if lines and self._begun:
            lines[0] = self._end_line(lines[0])
        if rest:
            self._add(rest)
        if final and self._begun:
            lines.append(self._end_line(""))
        return lines

    def _add(self, piece: str) -> None:
        room = self._longest + 1 - self._size
        if room > 0:
            self._begun.append(piece[:room])
            self._size += min(len(piece), room)

    def _end_line(self, last: str) -> str:
        self._add(last)
        line = "".join(self._begun)
        self._begun.clear()
        self._size = 0
        return line


class Lines:
    """The lines of a file, decoded and numbered, with a way back.

    :param newline: what ends a line, as for ``LineSplitter``.
    :param encoding: the name of the encoding; None to find out.
    :raises FileError: the file can't be read, or is no text.
    :raises UsageError: no encoding has the name.
    """

    def __init__(self, file: InputFile, newline: str = "", encoding: str | None = None) -> None:
        self.path = file.path
        self.number = 0
        """The number of the line that was taken last, from 1."""
        self._file = file
        self._decoder = Decoder(encoding)
        self._source = self._read(LineSplitter(newline, MAX_CHARACTERS))
        self._waiting: list[str | Problem] = []
        if first := next(self._source, ""):  # now the encoding is known
            self._waiting.append(first)

    @property
    def encoding(self) -> Encoding:
        """The encoding of what was read so far."""
        return self._decoder.encoding

    def take(self) -> str | Problem:
        """Return the next line with its newline, or a problem if it is too long; "" at the end.

        The problem has a row with the beginning of the line.

        :raises FileError: the file can't be read further.
        """
        line = self._waiting.pop() if self._waiting else next(self._source, "")
        if not line:
            return ""
        self.number += 1
        if isinstance(line, str) and len(line) > MAX_CHARACTERS:
            what = f"a line of more than {MAX_CHARACTERS:,} characters"
            return Problem(self.number, what, Row(self.number, (line,), len(line)))
        return line

    def give_back(self, lines: list[str | Problem]) -> None:
        """Take these lines, the last ones taken, once more."""
        self._waiting.extend(reversed(lines))
        self.number -= len(lines)

    def peek(self) -> str | Problem:
        """Return the next line that is not blank without taking it. Blank lines are skipped."""
        while isinstance(line := self.take(), str) and line.isspace():
            pass
        if line:
            self.give_back([line])
        return line

    def __iter__(self) -> Iterator[str | Problem]:
        while line := self.take():
            yield line

    def share_read(self) -> float | None:
        """Return how much of the file has been read, 0–1; None if nobody knows."""
        return self._file.share_read()

    def note(self) -> str | None:
        """Return sentences about bytes that are not what one would expect; None without any."""
        notes = (self._file.note(), self._decoder.note(str(self.path)))
        return "; ".join(filter(None, notes)) or None

    def _read(self, splitter: LineSplitter) -> Iterator[str]:
        block = self._file.read_block()
        for start, what in _NO_TEXT.items():
            if block.startswith(start):
                raise FileError(f"{self.path}: {what}")
        while block:
            yield from splitter.split(self._decoder.decode(block))
            block = self._file.read_block()
        yield from splitter.split(self._decoder.decode(b"", final=True), final=True)
