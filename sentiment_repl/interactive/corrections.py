"""Sentences whose label a reader did not agree with, kept for the next training."""

import csv
import io
import os
import tempfile
from pathlib import Path

from platformdirs import user_data_path

_HEADER = ("label", "text")


def corrections_path() -> Path:
    """Where they are kept: ``corrections.csv`` in the user's data directory."""
    return user_data_path("sentiment-repl", appauthor=False) / "corrections.csv"


def note(path: Path, label: str, text: str) -> None:
    """Append a sentence with the label that it should have had.

    The file is made if it is missing, for its owner alone. Each row is one write to the
    end of it, so that two prompts may share it.

    :raises OSError: it can't be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _begin(path)
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        row = _row((label, text.encode(errors="replace").decode()))
        if os.write(file, row) != len(row):
            raise OSError(f"{path}: the disk is full")
        os.fsync(file)
    finally:
        os.close(file)


def _begin(path: Path) -> None:
    """Put a file with the header there at once; another prompt may have been faster."""
    number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    try:
        with os.fdopen(number, "wb") as file:
            file.write(_row(_HEADER))
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)


def _row(fields: tuple[str, ...]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue().encode()
