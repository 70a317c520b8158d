"""The encodings of texts: how a file marks its own, and how an output gets the same one."""

import codecs
from typing import NamedTuple

from sentiment_repl.errors import UsageError

_ERRORS_1252 = "sentiment_repl.files.encodings"
"""The error handler for characters that Python's cp1252 lacks."""


class Encoding(NamedTuple):
    """An encoding of a text."""

    name: str
    """What a person calls it."""
    codec: str
    """What Python calls it."""
    marked: bool = False
    """Whether the text begins with a byte order mark. Excel needs one to read UTF-8."""

    def encode(self, text: str) -> bytes:
        """Encode a part of a text. A character that the encoding lacks is written as an escape."""
        errors = _ERRORS_1252 if self.codec == WINDOWS_1252.codec else "backslashreplace"
        return text.encode(self.codec, errors)

    def mark(self) -> bytes:
        """Return the byte order mark; empty if there is none."""
        return "\ufeff".encode(self.codec) if self.marked else b""


UTF_8 = Encoding("UTF-8", "utf-8")
WINDOWS_1252 = Encoding("Windows-1252", "cp1252")

MARKS = {
    codecs.BOM_UTF32_LE: Encoding("UTF-32", "utf-32-le", True),  # begins like UTF-16
    codecs.BOM_UTF32_BE: Encoding("UTF-32", "utf-32-be", True),
    codecs.BOM_UTF16_LE: Encoding("UTF-16", "utf-16-le", True),
    codecs.BOM_UTF16_BE: Encoding("UTF-16", "utf-16-be", True),
    codecs.BOM_UTF8: UTF_8._replace(marked=True),
}
"""The encodings that a byte order mark stands for."""

_WITHOUT_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
"""What to read a file as that should begin with a mark and does not."""

# Python's cp1252 has no character for these bytes, Windows has the ones of Latin-1.
UNDEFINED_IN_1252 = "\x81\x8d\x8f\x90\x9d"


def find_encoding(name: str) -> Encoding:
    """Return the encoding of a name that Python knows, in any spelling.

    :raises UsageError: there is no such encoding.

    >>> find_encoding("Latin1").codec
    'iso8859-1'
    """
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)  # not every codec is one of texts
        codecs.getincrementaldecoder(codec)
    except (LookupError, ValueError, TypeError) as error:
        raise UsageError(
            f"no encoding has the name {name[:40]!r}; common ones are utf-8, utf-16, cp1252, "
            "latin-1, cp1251, shift_jis and gb18030"
        ) from error
    codec = _WITHOUT_MARK.get(codec, codec)
    for known in (UTF_8, WINDOWS_1252):
        if codec == known.codec:
            return known
    return Encoding(name, codec)


def _encode_in_1252(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    char = error.object[error.start]
    if char in UNDEFINED_IN_1252:
        return char.encode("latin-1"), error.start + 1
    return char.encode("ascii", "backslashreplace").decode(), error.start + 1


codecs.register_error(_ERRORS_1252, _encode_in_1252)
