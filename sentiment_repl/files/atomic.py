"""A file that appears whole or not at all."""

import errno
import gzip
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sentiment_repl import runtime
from sentiment_repl.errors import FileError


def check(path: Path) -> None:
    """See to it, before any work, that a file can be written.

    :raises FileError: there is no such folder, or something else has that name.
    """
    if not path.parent.is_dir():
        raise FileError(f"{path}: it can't be written: there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise FileError(f"{path}: it can't be written: it is no file")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise FileError(f"{path}: it can't be written: {os.strerror(errno.EACCES)}")


@contextmanager
def whole(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Write a file, in place of an older one once it is complete and on the disk.

    Yields the function that writes. If the block raises, or the process is told to end,
    what there was before stays. Packed if the name ends in ``.gz``.

    :raises FileError: it can't be written.
    """
    packs = path.suffix.lower() == ".gz"
    path = Path(os.path.realpath(path))  # a link stays one
    part = path.with_name(f".sentiment-repl-{os.urandom(8).hex()}.part")
    try:
        with runtime.handled(runtime.interrupt):
            with ExitStack() as stack:
                file = stack.enter_context(open(part, "xb"))
                with suppress(OSError):  # there is none, or the disk knows no permissions
                    os.chmod(part, stat.S_IMODE(path.stat().st_mode))
                if packs:
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
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Have the new name on the disk, too, where folders can be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
