"""An input file, opened and unpacked: plain, gzip, or one member of a ``.zip`` archive."""

import io
import os
import re
import shutil
import stat
import struct
import sys
import tempfile
import zipfile
import zlib
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any, cast

from sentiment_repl import runtime
from sentiment_repl.errors import FileError
from sentiment_repl.files.formats import Format, known_format
from sentiment_repl.files.gzip_stream import MAGIC, GzipStream

STDIN = "-"
"""The name of the input that stands for standard input."""

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

_BLOCK = 1 << 18  # bytes; a read of a pipe returns what the pipe holds
_MEMBER = re.compile(r"(.+\.(?:zip|xlsx)):(.+)", re.IGNORECASE)


class InputFile:
    """The bytes of an input file, unpacked as they are read.

    :param path: a file, or ``STDIN``. ``archive.zip:member.csv`` names one of several members,
        ``book.xlsx:sheet`` one of several sheets.
    :param preferred: how the name of a member begins that is read if there are several.
    :raises FileError: the file can't be opened, or leaves a choice.
    """

    name: str
    """The file's or the member's name; its ending says the format."""
    sheet: str | None = None
    """The sheet that the path names."""
    binary: io.BufferedReader

    def __init__(self, path: Path, *, preferred: str | None = None) -> None:
        self.path = path
        self._stack = ExitStack()
        self._gzip: GzipStream | None = None
        named = _MEMBER.fullmatch(path.as_posix())
        try:
            if str(path) == STDIN:
                self.path = Path("standard input")  # in messages
                self._raw = self._stack.enter_context(_open_stdin())
            else:
                self._raw = self._stack.enter_context(_RawFile(named[1] if named else path))
            status = os.fstat(self._raw.fileno())
            # A pipe has no size.
            self._size = status.st_size if stat.S_ISREG(status.st_mode) else 0
            self._plain: io.BufferedReader = io.BufferedReader(self._raw, _BLOCK)
            self.binary = self._unpack(
                Path(named[1]) if named else path, named[2] if named else None, preferred
            )
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

    def read_block(self) -> bytes:
        """Return the next bytes, as many as there are without waiting; none at the end.

        :raises FileError: the file can't be read further.
        """
        try:
            return self.binary.read1(_BLOCK)
        except UNREADABLE as error:
            raise self.failure(error) from error

    def seekable(self) -> IO[bytes]:
        """Return the unpacked bytes with a way back: a copy on the disk, if need be.

        :raises FileError: the file can't be read.
        """
        try:
            if self.binary is self._plain and self._plain.seekable():
                return self.binary
            copy = tempfile.TemporaryFile()  # noqa: SIM115
            self._stack.enter_context(copy)
            shutil.copyfileobj(self.binary, copy)
            copy.seek(0)
            return copy
        except UNREADABLE as error:
            raise self.failure(error) from error

    def is_same(self, path: Path) -> bool:
        """Return whether a path leads to this file."""
        try:
            return os.path.samestat(os.fstat(self._raw.fileno()), path.stat())
        except OSError:  # there is no such file
            return False

    def share_read(self) -> float | None:
        """Return how much of the file has been read, 0–1; None for a pipe."""
        return self._raw.tell() / self._size if self._size else None

    def note(self) -> str | None:
        """Return a sentence about bytes that are ignored, or None if there are none."""
        if self._gzip is None or not self._gzip.has_more:
            return None
        return f"{self.path}: other bytes follow the packed data; they are ignored"

    def failure(self, error: Exception) -> FileError:
        """Return the error for a person: another error stopped the reading."""
        if isinstance(error, EOFError):
            return FileError(f"{self.path}: it is cut off: the end of the packed data is missing")
        reason = getattr(error, "strerror", None) or (error.args[0] if error.args else error)
        first_line = next(iter(str(reason).splitlines()), type(error).__name__)
        return FileError(f"{self.path}: it can't be read: {first_line}")

    def _unpack(self, path: Path, inner: str | None, preferred: str | None) -> io.BufferedReader:
        """Return the unpacked bytes.

        :param path: the file, without the name of a member or a sheet.
        :param inner: that name.
        """
        self.name = path.name
        ending = path.suffix.lower()
        if ending == ".xlsx":
            self.sheet = inner
        elif ending == ".zip":
            archive = self._stack.enter_context(zipfile.ZipFile(self._plain))
            self.name = inner or _choose_member(path, archive.namelist(), preferred)
            member = self._stack.enter_context(archive.open(self.name))
            return io.BufferedReader(cast(io.RawIOBase, member), _BLOCK)
        elif ending == ".gz" or self._plain.peek(len(MAGIC)).startswith(MAGIC):
            self._gzip = self._stack.enter_context(GzipStream(self._plain))
            return io.BufferedReader(self._gzip, _BLOCK)
        return self._plain


class _RawFile(io.FileIO):
    """Waits for bytes, also if another program made the pipe non-blocking."""

    def readinto(self, buffer: Any) -> int:
        count = None
        while count is None:
            runtime.wait_for_input(self)
            count = super().readinto(buffer)
        return count


def _open_stdin() -> _RawFile:
    if sys.stdin is None:
        raise FileError("standard input: it is closed")
    return _RawFile(sys.stdin.fileno(), closefd=False)


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
