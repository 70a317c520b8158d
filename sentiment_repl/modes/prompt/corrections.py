"""Sentences with a wrong label, saved with the right one as training data."""

import csv
import io
import os
from io import RawIOBase
from pathlib import Path

from platformdirs import user_data_path

from sentiment_repl.modes.prompt import private_files

_HEADER = ("label", "text")


def corrections_path() -> Path:
    """Return the path of ``corrections.csv`` in the user's data directory.

    :raises OSError: the user has no home directory.
    """
    return private_files.user_file(user_data_path, "corrections.csv")


def append_correction(path: Path, label: str, text: str) -> None:
    """Append a sentence and its right label to a CSV file.

    A missing file is created, and only its owner can read it. A row is written as a whole or
    not at all. Several prompts may share the file.

    :raises OSError: the file can't be written.
    """
    with private_files.open_to_append(path) as file:
        row = _to_csv((label, text.encode(errors="replace").decode()))
        if file.tell() == 0:
            row = _to_csv(_HEADER) + row
        elif _last_byte(file) != b"\n":  # the user has edited the file
            row = b"\n" + row
        private_files.write_whole(file, row)
        os.fsync(file.fileno())


def _last_byte(file: RawIOBase) -> bytes | None:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def _to_csv(fields: tuple[str, ...]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue().encode()
