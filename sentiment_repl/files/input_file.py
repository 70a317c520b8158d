"""An input file, opened and unpacked: plain, ``.gz``, or one member of a ``.zip`` archive."""

import codecs
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, cast

from sentiment_repl.errors import FileError
from sentiment_repl.files.formats import Format, known_format
from sentiment_repl.files.gzip_stream import GzipStream

_LZMA_ERRORS: tuple[type[Exception], ...] = ()
with suppress(ImportError):  # a Python without it unpacks no such archive
    from lzma import LZMAError

    _LZMA_ERRORS = (LZMAError,)

UNREADABLE: tuple[type[Exception], ...] = (
    *_LZMA_ERRORS,
    OSError,
    EOFError,
    zlib.error,
    struct.error,
    zipfile.BadZipFile,
    KeyError,  # the archive has no such member
    RuntimeError,  # the member has a password
    UnicodeDecodeError,  # the member's name is damaged
)
"""What opening and unpacking a damaged file raise."""

_CHUNK = 1 << 16  # bytes
_FOREIGN = {
    codecs.BOM_UTF16_LE: "it is UTF-16, which is not read; save it as UTF-8",
    codecs.BOM_UTF16_BE: "it is UTF-16, which is not read; save it as UTF-8",
    b"\x1f\x8b": "it is compressed; give it a name that ends in .gz",
    b"PK\x03\x04": "it is a spreadsheet or a zip archive; save it as CSV, "
    "or give an archive a name that ends in .zip",
}
_MEMBER = re.compile(r"(.+\.zip):(.+)", re.IGNORECASE)


class InputFile:
    """The bytes of an input file, unpacked as they are read.

    :param path: a file; ``archive.zip:member.csv`` names one of several members.
    :param preferred: how the name of a member begins that is read if there are several.
    :raises FileError: the file can't be opened, holds no text, or leaves a choice.
    """

    name: str
    """The file's or the member's name; its ending says the format."""
    binary: io.BufferedReader

    def __init__(self, path: Path, *, preferred: str | None = None) -> None:
        self.path = path
        named = _MEMBER.fullmatch(path.as_posix())
        self._stack = ExitStack()
        self._gzip: GzipStream | None = None
        try:
            self._raw = self._stack.enter_context(io.FileIO(named[1] if named else path))
            status = os.fstat(self._raw.fileno())
            # A pipe has no size.
            self._size = status.st_size if stat.S_ISREG(status.st_mode) else 0
            unpacked = self._unpack(named[2] if named else None, preferred)
            self.binary = io.BufferedReader(cast(io.RawIOBase, unpacked), _CHUNK)
            start = self.binary.peek(4)
            for mark, what in _FOREIGN.items():
                if start.startswith(mark):
                    raise FileError(f"{path}: {what}")
        except UNREADABLE as error:
            self.close()
            raise self.failure(error) from error
        except FileError:
            self.close()
            raise

    def __enter__(self) -> "InputFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._stack.close()

    def share_read(self) -> float | None:
        """Return how much of the file has been read, 0–1; None for a pipe."""
        return self._raw.tell() / self._size if self._size else None

    def note(self) -> str | None:
        """Return a sentence about bytes that are ignored, or None if there are none."""
        if self._gzip is None or not self._gzip.has_more:
            return None
        return f"{self.path}: other bytes follow the packed data; they are ignored"

    def failure(self, error: Exception) -> FileError:
        """Return the error for a person: one of ``UNREADABLE`` stopped the reading."""
        if isinstance(error, EOFError):
            return FileError(f"{self.path}: it is cut off: the end of the packed data is missing")
        reason = getattr(error, "strerror", None) or (error.args[0] if error.args else error)
        return FileError(f"{self.path}: it can't be read: {reason}")

    def _unpack(
        self, member: str | None, preferred: str | None
    ) -> io.RawIOBase | io.BufferedIOBase | IO[bytes]:
        self.name = member or self.path.name
        if member is None and self.path.suffix.lower() == ".gz":
            self._gzip = self._stack.enter_context(GzipStream(self._raw))
            return self._gzip
        if member is None and self.path.suffix.lower() != ".zip":
            return self._raw
        archive = self._stack.enter_context(zipfile.ZipFile(self._raw))
        self.name = member or _choose_member(self.path, archive.namelist(), preferred)
        return self._stack.enter_context(archive.open(self.name))


def _choose_member(path: Path, names: list[str], preferred: str | None) -> str:
    """Return the only table of an archive, or the only text if it has no table."""
    # macOS packs a hidden shadow of every file.
    visible = [name for name in names if not Path(name).name.startswith(".")]
    readable = [name for name in visible if known_format(name) is not None]
    tables = [name for name in readable if known_format(name) is not Format.TEXT] or readable
    if len(tables) > 1 and preferred is not None:
        tables = [name for name in tables if Path(name).name.startswith(preferred)] or tables
    if len(tables) != 1:
        listed = ", ".join(map(repr, (tables or visible)[:5]))
        raise FileError(
            f"{path}: the archive has {len(tables)} tables ({listed}); name one as {path}:MEMBER"
        )
    return tables[0]
