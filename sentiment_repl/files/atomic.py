"""Files that are written as a whole or not at all."""

import errno
import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sentiment_repl import runtime
from sentiment_repl.errors import FileError


def check_writable(path: Path) -> None:
    """Check, before any work, that a file can be written.

    :raises FileError: there is no such folder, or something else has the name.
    """
    folder = path.parent
    try:
        if not stat.S_ISDIR(os.stat(folder).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(folder, os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except FileNotFoundError as error:
        raise FileError(f"{path}: it can't be written: there is no folder {folder}") from error
    except OSError as error:
        raise FileError(
            f"{path}: it can't be written: the folder {folder} can't be entered: {error.strerror}"
        ) from error
    if path.exists() and not path.is_file():
        raise FileError(f"{path}: it can't be written: it is not a file")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise FileError(f"{path}: it can't be written: {os.strerror(errno.EACCES)}")


@contextmanager
def write_atomically(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Write a file that replaces an older one when it is complete and on the disk.

    Yields the function that writes. If the block raises, or a signal ends the process, the
    older file stays. A name that ends in ``.gz`` is compressed.

    :raises FileError: the file can't be written.
    """
    compressed = path.suffix.lower() == ".gz"
    path = Path(os.path.realpath(path))  # a link stays a link
    part = _new_part(path)
    try:
        with runtime.interruptible():
            with ExitStack() as stack:
                file = stack.enter_context(open(part, "xb"))
                with suppress(OSError):
                    _lock(file)
                _take_over(path, file)
                if compressed:
                    with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                        yield packed.write
                else:
                    yield file.write
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
    except OSError as error:
        reason = error.strerror or error
        raise FileError(f"{path}: it can't be written: {reason}") from error
    finally:
        with suppress(OSError):
            part.unlink()


def _new_part(path: Path) -> Path:
    """Return the name of a new unfinished file. Remove those of runs that were killed."""
    # The name of the file itself may leave no room for more.
    prefix = f".sentiment-repl-{zlib.crc32(os.fsencode(path.name)):08x}-"
    for part in path.parent.glob(f"{prefix}*.part"):
        with suppress(OSError):  # a run still writes it
            with open(part, "rb+") as file:
                _lock(file)
            part.unlink()
    return path.with_name(f"{prefix}{os.urandom(8).hex()}.part")


def _lock(file: BinaryIO) -> None:
    """Mark an unfinished file as being written, until it is closed or the process ends.

    Windows needs no mark: it deletes no open file.

    :raises OSError: another process has marked it, or the disk has no locks.
    """
    with suppress(ImportError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _take_over(path: Path, file: BinaryIO) -> None:
    """Give a new file the owner and the permissions of the one that it will replace."""
    with suppress(OSError, AttributeError):  # no older file; a disk or a system without them
        old = path.stat()
        with suppress(OSError):  # only root gives files away
            os.fchown(file.fileno(), old.st_uid, old.st_gid)
        os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode))
