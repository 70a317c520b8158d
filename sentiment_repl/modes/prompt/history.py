"""What was typed at the prompt, kept between runs for its user alone."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from platformdirs import user_state_path
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from sentiment_repl.modes.prompt import private


class PrivateHistory(FileHistory):
    """A history file that only its owner can read, and that several prompts may share.

    :param path: the file; it and its folder are made if they are missing.
    :param warn: called with a sentence if a line can't be kept, once.
    :raises OSError: the file can't be opened for reading and writing.
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        private.prepare(path)
        self._path = path
        self._warn: Callable[[str], None] | None = warn
        super().__init__(path)

    def store_string(self, string: str) -> None:
        """Append an entry, whole; a full disk costs the history, not the session."""
        lines = [f"\n# {datetime.now()}", *(f"+{line}" for line in string.split("\n"))]
        try:
            with private.appending(self._path) as file:
                private.write(file, "".join(f"{line}\n" for line in lines).encode(errors="replace"))
        except OSError as error:
            if self._warn is not None:
                self._warn(f"{self._path}: the history is no longer kept: {error.strerror}")
                self._warn = None


def history_path() -> Path:
    """Where it is kept: ``history`` in the user's state directory.

    :raises OSError: the user has no home.
    """
    return private.user_file(user_state_path, "history")


def open_history(warn: Callable[[str], None]) -> History:
    """The history in its file, or with a warning one that ends with the session."""
    path: Path | str = "history"
    try:
        path = history_path()
        return PrivateHistory(path, warn)
    except OSError as error:
        warn(f"{path}: the history is not kept: {error.strerror}")
        return InMemoryHistory()
