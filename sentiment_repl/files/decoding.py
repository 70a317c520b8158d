"""Bytes to text: UTF-8, and each byte that is not UTF-8 as Windows-1252.

Files, pipes and training data share this rule, so that a byte is the same text everywhere.
"""

import re

ERRORS = "surrogateescape"
"""The error handler of the first step: it marks each byte that is not UTF-8."""

_MARKED = re.compile("[\udc80-\udcff]")


def _windows_1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:  # five bytes have no character there
        return chr(byte)  # Latin-1


_BY_MARK = {0xDC00 + byte: _windows_1252(byte) for byte in range(0x80, 0x100)}


class Decoder:
    """Decodes the lines of one input and counts those that are not UTF-8.

    >>> Decoder().decode(b"it\\x92s caf\\xc3\\xa9")
    'it’s café'
    """

    def __init__(self) -> None:
        self.lines = 0
        self.not_utf8 = 0
        self._first_not_utf8 = 0

    def decode(self, line: bytes) -> str:
        """Decode the next line. The first line loses its byte order mark."""
        return self.repair(line.decode("utf-8", ERRORS))

    def repair(self, line: str) -> str:
        """Finish the next line, which is decoded as UTF-8 with ``ERRORS``."""
        self.lines += 1
        if line.isascii():
            return line
        if self.lines == 1:
            line = line.removeprefix("\ufeff")
        if _MARKED.search(line):
            self.not_utf8 += 1
            self._first_not_utf8 = self._first_not_utf8 or self.lines
            line = line.translate(_BY_MARK)
        return line

    def note(self, name: str) -> str | None:
        """Return a sentence about the lines that are not UTF-8, or None if all are.

        :param name: what the sentence calls the input.
        """
        if not self.not_utf8:
            return None
        return (
            f"{name}: {self.not_utf8:,} of {self.lines:,} lines are not UTF-8, "
            f"first in line {self._first_not_utf8}; read as Windows-1252"
        )


def replace_surrogates(text: str) -> str:
    """Replace each surrogate that belongs to no pair with U+FFFD, and join the pairs.

    >>> replace_surrogates("so \\ud83d\\ude00 \\ud83d")
    'so 😀 �'
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
