"""Sentences with a wrong label, saved with the right one as training data."""

import csv
import io
from pathlib import Path

from platformdirs import user_data_path

from sentiment_repl.modes.prompt import private_files


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
    private_files.append(path, _to_row(label, text), header=b"label,text\n")


def remove_correction(path: Path, label: str, text: str) -> bool:
    """Remove the last row with a label and a sentence. Return whether there was one.

    :raises OSError: the file can't be written.
    """
    return private_files.remove_last(path, _to_row(label, text))


def _to_row(label: str, text: str) -> bytes:
    row = io.StringIO(newline="")
    csv.writer(row, lineterminator="\n").writerow((label, text))
    return row.getvalue().encode(errors="replace")
