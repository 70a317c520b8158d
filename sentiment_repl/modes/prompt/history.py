"""The history of the prompt: a file that only its owner can read."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from platformdirs import user_state_path
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from sentiment_repl.modes.prompt import private_files


class PrivateHistory(FileHistory):
    """A history file. Several prompts may share it.

    :param path: the file; it and its folder are created if they are missing.
    :param warn: called once with a sentence if an entry can't be saved.
    :raises OSError: the file can't be opened for reading and writing.
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        private_files.create(path)
        self._path = path
        self._warn: Callable[[str], None] | None = warn
        super().__init__(path)

    def store_string(self, string: str) -> None:
        """Append an entry as a whole. If that fails, warn and continue without saving."""
        lines = [f"\n# {datetime.now()}", *(f"+{line}" for line in string.split("\n"))]
        entry = "".join(f"{line}\n" for line in lines).encode(errors="replace")
        try:
            private_files.append(self._path, entry)
        except OSError as error:
            if self._warn is not None:
                self._warn(f"{self._path}: the history is no longer saved: {error.strerror}")
                self._warn = None


def history_path() -> Path:
    """Return the path of ``history`` in the user's state directory.

    :raises OSError: the user has no home directory.
    """
    return private_files.user_file(user_state_path, "history")


def open_history(warn: Callable[[str], None]) -> History:
    """Open the user's history file. If that fails, warn and return a history in memory."""
    path: Path | str = "history"
    try:
        path = history_path()
        return PrivateHistory(path, warn)
    except OSError as error:
        warn(f"{path}: the history is not saved: {error.strerror}")
        return InMemoryHistory()
