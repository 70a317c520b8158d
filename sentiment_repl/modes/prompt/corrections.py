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
    row = io.StringIO(newline="")
    csv.writer(row, lineterminator="\n").writerow((label, text))
    private_files.append(path, row.getvalue().encode(errors="replace"), header=b"label,text\n")
