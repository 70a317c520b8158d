"""Files in the user's home that only their owner can read, and that several prompts append to."""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from io import RawIOBase
from pathlib import Path

from sentiment_repl.files.private_folder import create_private


def user_file(directory: Callable[..., Path], name: str) -> Path:
    """Return the path of a file in one of the user's directories.

    :param directory: a function of platformdirs, such as ``user_data_path``.
    :raises OSError: the user has no home directory, as in some containers.
    """
    try:
        folder = directory("sentiment-repl", appauthor=False)
    except RuntimeError:
        folder = Path()  # older releases of platformdirs return a path that starts with "~"
    if not folder.is_absolute():
        raise OSError(errno.ENOENT, "this user has no home directory", name)
    return folder / name


def create(path: Path) -> None:
    """Create a file and its folder if they are missing. Let only the owner read the file.

    :raises OSError: the file can't be opened for reading and writing, or is not a regular file.
    """
    os.close(_open(path))


def append(path: Path, entry: bytes, *, header: bytes = b"") -> None:
    """Append lines to a file, as a whole or not at all. Several prompts may do so at once.

    :param header: what an empty file gets first.
    :raises OSError: the file can't be written.
    """
    with os.fdopen(_open(path), "rb+", buffering=0) as file:
        _lock(file)
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            entry = header + entry
        else:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # the user has edited the file
                entry = b"\n" + entry
        try:
            if file.write(entry) != len(entry):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            file.truncate(size)
            raise


def remove_last(path: Path, line: bytes) -> bool:
    """Remove the last copy of a line that is not the first one of its file.

    :param line: with its newline.
    :return: whether there was such a line.
    :raises OSError: the file can't be written.
    """
    with os.fdopen(_open(path), "rb+", buffering=0) as file:
        _lock(file)
        content = file.readall()
        start = content.rfind(b"\n" + line) + 1
        if start == 0:
            return False
        file.truncate(start)
        file.write(content[start + len(line) :])  # the file is shorter now: there is room
        return True


def _open(path: Path) -> int:
    create_private(path.parent)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    # Opening a named pipe would block without O_NONBLOCK. O_BINARY exists on Windows only.
    for name in ("O_BINARY", "O_NONBLOCK"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        # The path may be a link to /dev/null, whose permissions must stay.
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        path.chmod(0o600)  # others may have been able to read an older file
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _lock(file: RawIOBase) -> None:
    """Wait until no other prompt writes to a file. Closing it releases the lock."""
    # Windows and some network disks have no such locks, but an entry is one write.
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
