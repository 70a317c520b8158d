"""Sentences whose label a reader did not agree with, kept for the next training."""

import csv
import io
import os
from io import RawIOBase
from pathlib import Path

from platformdirs import user_data_path

from sentiment_repl.modes.prompt import private

_HEADER = ("label", "text")


def corrections_path() -> Path:
    """Where they are kept: ``corrections.csv`` in the user's data directory.

    :raises OSError: the user has no home.
    """
    return private.user_file(user_data_path, "corrections.csv")


def note(path: Path, label: str, text: str) -> None:
    """Append a sentence with the label that it should have had.

    The file is made if it is missing, for its owner alone. A row is there whole or not at
    all, and two prompts may share the file.

    :raises OSError: it can't be written.
    """
    with private.appending(path) as file:
        row = _row((label, text.encode(errors="replace").decode()))
        if file.tell() == 0:
            row = _row(_HEADER) + row
        elif _last_byte(file) != b"\n":  # somebody has edited it
            row = b"\n" + row
        private.write(file, row)
        os.fsync(file.fileno())


def _last_byte(file: RawIOBase) -> bytes | None:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def _row(fields: tuple[str, ...]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue().encode()
