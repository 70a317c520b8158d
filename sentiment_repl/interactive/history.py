"""What was typed at the prompt, kept between runs for its user alone."""

import os
from collections.abc import Callable
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory


class PrivateHistory(FileHistory):
    """A history file that only its owner can read.

    :param path: the file; it and its folder are made if they are missing.
    :param warn: called with a sentence if a line can't be kept, once.
    :raises OSError: the file can't be opened for reading and writing.
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)  # an older file may have been open to others
        self._path = path
        self._warn: Callable[[str], None] | None = warn
        super().__init__(path)

    def store_string(self, string: str) -> None:
        """Append a line; a full disk costs the history, not the session."""
        try:
            super().store_string(string)
        except OSError as error:
            if self._warn is not None:
                self._warn(f"{self._path}: the history is no longer kept: {error.strerror}")
                self._warn = None


def open_history(path: Path, warn: Callable[[str], None]) -> History:
    """The history in a file, or with a warning one that ends with the session."""
    try:
        return PrivateHistory(path, warn)
    except OSError as error:
        warn(f"{path}: the history is not kept: {error.strerror}")
        return InMemoryHistory()
