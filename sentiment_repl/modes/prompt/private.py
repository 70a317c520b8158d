"""Files in the user's home, for their owner alone, to which several prompts append."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path


def user_file(folder_of: Callable[..., Path], name: str) -> Path:
    """The path of a file in a directory of the user.

    :param folder_of: one of platformdirs' functions.
    :raises OSError: the user has no home, as in a container where nobody gave them one.
    """
    try:
        folder = folder_of("sentiment-repl", appauthor=False)
    except RuntimeError:
        folder = Path()  # older releases of platformdirs return one that begins with "~"
    if not folder.is_absolute():
        raise OSError(errno.ENOENT, "this user has no home directory", name)
    return folder / name


def prepare(path: Path) -> None:
    """Make a file and its folder if they are missing, and close both to others.

    :raises OSError: it can't be opened for reading and writing, or is no regular file.
    """
    os.close(_open(path))


@contextmanager
def appending(path: Path) -> Iterator[RawIOBase]:
    """Open a file to write at its end, unbuffered; no other prompt writes meanwhile.

    :raises OSError: it can't be written; then it is as it was.
    """
    with os.fdopen(_open(path), "rb+", buffering=0) as file, _locked(file):
        size = file.seek(0, os.SEEK_END)
        try:
            yield file
        except OSError:
            file.truncate(size)
            raise


def write(file: RawIOBase, content: bytes) -> None:
    """Write all of it.

    :raises OSError: there was room for a part only.
    """
    if file.write(content) != len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _open(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    for name in ("O_BINARY", "O_NONBLOCK"):  # a pipe of that name would wait for its other end
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        # Such as a link to /dev/null, whose permissions are everybody's.
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        path.chmod(0o600)  # an older file may have been open to others
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _locked(file: RawIOBase) -> Iterator[None]:
    """No other prompt writes meanwhile."""
    try:
        import fcntl
    except ImportError:  # Windows, where two prompts at once have to hope
        yield
        return
    with suppress(OSError):  # some network disks have no locks; an entry is one write anyway
        fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
    yield
