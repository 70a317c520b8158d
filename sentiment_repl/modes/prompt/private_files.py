"""Files in the user's home that only their owner can read, and that several prompts append to."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path


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


@contextmanager
def open_to_append(path: Path) -> Iterator[RawIOBase]:
    """Open a file at its end, unbuffered. No other prompt can write to it during the block.

    :raises OSError: the file can't be written; the block's writes are undone.
    """
    with os.fdopen(_open(path), "rb+", buffering=0) as file, _exclusive(file):
        size = file.seek(0, os.SEEK_END)
        try:
            yield file
        except OSError:
            file.truncate(size)
            raise


def write_whole(file: RawIOBase, content: bytes) -> None:
    """Write all of the content.

    :raises OSError: the disk has no room for all of it.
    """
    if file.write(content) != len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _open(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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


@contextmanager
def _exclusive(file: RawIOBase) -> Iterator[None]:
    """Lock a file; closing it releases the lock."""
    try:
        import fcntl
    except ImportError:  # Windows: two prompts that write at the same moment may collide
        yield
        return
    with suppress(OSError):  # some network disks have no locks, but an entry is one write
        fcntl.flock(file, fcntl.LOCK_EX)
    yield
