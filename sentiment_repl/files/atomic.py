"""Files that are written as a whole or not at all."""

import errno
import gzip
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sentiment_repl import runtime
from sentiment_repl.errors import FileError


def check_writable(path: Path) -> None:
    """Check, before any work, that a file can be written.

    :raises FileError: there is no such folder, or something else has the name.
    """
    if not path.parent.is_dir():
        raise FileError(f"{path}: it can't be written: there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise FileError(f"{path}: it can't be written: it is not a file")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
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
    part = path.with_name(f".sentiment-repl-{os.urandom(8).hex()}.part")
    try:
        with runtime.on_termination(runtime.raise_interrupt):
            with ExitStack() as stack:
                file = stack.enter_context(open(part, "xb"))
                with suppress(OSError):  # there is no older file, or the disk has no permissions
                    os.chmod(part, stat.S_IMODE(path.stat().st_mode))
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
