"""The numbered lines of an input file."""

import io
from collections.abc import Iterator
from typing import NamedTuple

from sentiment_repl.files import decoding
from sentiment_repl.files.input_file import UNREADABLE, InputFile

MAX_CHARACTERS = 2**22
"""Characters of the longest line or row. The limit bounds the memory."""


class Problem(NamedTuple):
    """A row that can't be read."""

    line: int
    """The line of the file on which the row begins, from 1."""
    what: str
    """What is wrong with it."""


class Lines:
    """The lines of a file, decoded and numbered, with a way back.

    :param newline: what ends a line, as for ``open``: ``"\\n"`` only that; ``""`` also a
        carriage return.
    """

    def __init__(self, file: InputFile, newline: str = "") -> None:
        self.path = file.path
        self.number = 0
        """The number of the line that was taken last, from 1."""
        self._file = file
        self._decoder = decoding.Decoder()
        self._waiting: list[str | Problem] = []
        self._text = io.TextIOWrapper(file.binary, "utf-8", decoding.ERRORS, newline)
        self._ends = newline or "\r\n"

    def take(self) -> str | Problem:
        """Return the next line with its newline, or a problem if it is too long; "" at the end.

        :raises FileError: the file can't be read further.
        """
        if self._waiting:
            self.number += 1
            return self._waiting.pop()
        try:
            line = self._text.readline(MAX_CHARACTERS)
            too_long = len(line) == MAX_CHARACTERS
            while too_long and len(line) == MAX_CHARACTERS and line[-1] not in self._ends:
                line = self._text.readline(MAX_CHARACTERS)
        except UNREADABLE as error:
            raise self._file.failure(error) from error
        if not line and not too_long:
            return ""
        self.number += 1
        line = self._decoder.repair(line)
        if too_long:
            return Problem(self.number, f"a line of more than {MAX_CHARACTERS:,} characters")
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

    def note(self) -> str | None:
        """Return a sentence about the lines that are not UTF-8, or None if all are."""
        return self._decoder.note(str(self.path))
