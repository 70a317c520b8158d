"""Bytes to text. Files, pipes and training data share it: a byte is the same text everywhere.

The encoding of an input is decided once: by its byte order mark, or as what the user says, or as
UTF-8, or else as Windows-1252. The decision needs only the start of the input, and the first
block with a byte that is not ASCII.
"""

import codecs
import re

from sentiment_repl.files.encodings import (
    MARKS,
    UNDEFINED_IN_1252,
    UTF_8,
    WINDOWS_1252,
    Encoding,
    find_encoding,
)

_ERRORS = "sentiment_repl.files.decoding"
"""The error handler of the first step: it marks each byte that is no character."""
_FIRST_MARK = 0xDC00
_MARKED = re.compile("[\udc00-\udcff]")  # no decoder returns these surrogates

_SEEN_BYTES = 4096  # of the start, to recognize UTF-16 without a byte order mark
_ZEROS = 0.75  # the share of its characters that are ASCII, so that one of their bytes is 0


def _windows_1252(byte: int) -> str:
    char = chr(byte)
    return char if char in UNDEFINED_IN_1252 else bytes([byte]).decode("cp1252")


_TO_1252 = {_FIRST_MARK + byte: _windows_1252(byte) for byte in range(256)}
_TO_ESCAPE = {_FIRST_MARK + byte: f"\\x{byte:02x}" for byte in range(256)}


class Decoder:
    """Decodes one input, block by block.

    :param encoding: a name that the user gave; None to find out.
    :raises UsageError: no encoding has the name.

    >>> Decoder().decode(b"it\\x92s caf\\xe9")
    'it’s café'
    """

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = UTF_8 if encoding is None else find_encoding(encoding)
        """The encoding, UTF-8 until another one is found."""
        self._decided = encoding is not None
        self._decoder: codecs.IncrementalDecoder | None = None
        self._waiting = b""  # bytes that do not decide yet
        self._lines = 1  # the number of the line that is being read
        self._guessed = False  # that it is Windows-1252
        self._bad_bytes = 0
        self._first_bad_line = 0

    def decode(self, block: bytes, final: bool = False) -> str:
        """Decode the next block. A byte order mark is left out.

        :param final: whether the input ends with this block.
        """
        block, self._waiting = self._waiting + block, b""
        if self._decoder is None:
            if not final and any(mark.startswith(block) for mark in MARKS):
                self._waiting = block
                return ""
            block = self._begin(block)
        assert self._decoder is not None
        if not self._decided and not block.isascii():
            known, used = codecs.utf_8_decode(block, _ERRORS, final)
            if known.isascii():  # nothing but the start of a character
                block, self._waiting = block[:used], block[used:]
            else:
                self._decide(known)
        text = self._decoder.decode(block, final)
        if not text.isascii() and _MARKED.search(text):
            text = self._repair(text)
        self._lines += max(text.count("\n"), text.count("\r"))
        return text

    def note(self, name: str) -> str | None:
        """Return a sentence about bytes that are not what one would expect, or None.

        :param name: what the sentence calls the input.
        """
        if self._bad_bytes:
            read_as = "Windows-1252" if self.encoding.codec == UTF_8.codec else "escapes"
            is_are = "byte is" if self._bad_bytes == 1 else "bytes are"
            return (
                f"{name}: {self._bad_bytes:,} {is_are} not {self.encoding.name}, first in line "
                f"{self._first_bad_line:,}; read as {read_as}"
            )
        if self._guessed:
            return f"{name}: it is not UTF-8; read as Windows-1252"
        return None

    def _begin(self, start: bytes) -> bytes:
        """Look at the first bytes of the input; return them without a byte order mark."""
        for mark, encoding in MARKS.items():
            if start.startswith(mark):
                self.encoding, self._decided = encoding, True
                start = start[len(mark) :]
                break
        else:
            if not self._decided and (codec := _utf_16_codec(start)):
                self.encoding, self._decided = Encoding("UTF-16", codec), True
        self._use(self.encoding)
        return start

    def _decide(self, known: str) -> None:
        """Decide between UTF-8 and Windows-1252.

        :param known: the first block with other characters than ASCII, decoded as UTF-8.
        """
        bad = len(_MARKED.findall(known))
        good = len(known) - len(known.encode("ascii", "ignore")) - bad
        self._decided = True
        if bad > good:
            self._guessed = True
            self._use(WINDOWS_1252)

    def _use(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding.codec)(_ERRORS)

    def _repair(self, text: str) -> str:
        """Replace the marks of bytes that are no characters."""
        if self.encoding is WINDOWS_1252:
            return text.translate(_TO_1252)
        marks = list(_MARKED.finditer(text))
        if not self._bad_bytes:
            before = text[: marks[0].start()]
            self._first_bad_line = self._lines + max(before.count("\n"), before.count("\r"))
        self._bad_bytes += len(marks)
        return text.translate(_TO_1252 if self.encoding.codec == UTF_8.codec else _TO_ESCAPE)


def _utf_16_codec(start: bytes) -> str | None:
    """Return the codec of a text in UTF-16 without a byte order mark; None if it is none.

    In English text every other byte is 0.
    """
    start = start[:_SEEN_BYTES]
    if len(start) < 4:
        return None
    even, odd = start[::2], start[1::2]
    if 0 not in even and odd.count(0) >= _ZEROS * len(odd):
        return "utf-16-le"
    if 0 not in odd and even.count(0) >= _ZEROS * len(even):
        return "utf-16-be"
    return None


def replace_surrogates(text: str) -> str:
    """Replace each surrogate that belongs to no pair with U+FFFD, and join the pairs.

    >>> replace_surrogates("so \\ud83d\\ude00 \\ud83d")
    'so 😀 �'
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _mark_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(_FIRST_MARK + byte) for byte in bad), error.end


codecs.register_error(_ERRORS, _mark_bytes)
