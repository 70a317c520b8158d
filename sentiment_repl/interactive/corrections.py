"""Sentences whose label a reader did not agree with, kept for the next training."""

import csv
import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path

from platformdirs import user_data_path

_HEADER = ("label", "text")


def corrections_path() -> Path:
    """Where they are kept: ``corrections.csv`` in the user's data directory."""
    return user_data_path("sentiment-repl", appauthor=False) / "corrections.csv"


def note(path: Path, label: str, text: str) -> None:
    """Append a sentence with the label that it should have had.

    The file is made if it is missing, for its owner alone. A row is there whole or not at
    all, and two prompts may share the file.

    :raises OSError: it can't be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "rb+", buffering=0) as file:
        path.chmod(0o600)  # an older file may have been open to others
        with _locked(file):
            size = file.seek(0, os.SEEK_END)
            row = _row((label, text.encode(errors="replace").decode()))
            if size == 0:
                row = _row(_HEADER) + row
            elif _last_byte(file) != b"\n":  # somebody has edited it
                row = b"\n" + row
            try:
                if file.write(row) != len(row):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise


def _last_byte(file: RawIOBase) -> bytes | None:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


@contextmanager
def _locked(file: RawIOBase) -> Iterator[None]:
    """No other prompt writes meanwhile."""
    try:
        import fcntl
    except ImportError:  # Windows, where two prompts at once have to hope
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
    yield


def _row(fields: tuple[str, ...]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue().encode()
