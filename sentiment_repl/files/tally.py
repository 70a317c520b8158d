"""The count of a file's rows, and a report of those that can't be read."""

from pathlib import Path
from types import TracebackType

from sentiment_repl.files.lines import Problem
from sentiment_repl.files.progress import Progress


class Tally:
    """Counts rows, and prints the first bad ones to standard error.

    As a context manager it ends with the number of bad rows that were not printed, and with a
    summary if there are bad rows.

    :param progress: the bar above which it prints.
    """

    MOST_PRINTED = 10
    """Bad rows that are printed; the others are counted."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.rows = 0
        """Rows that were read."""
        self.unreadable = 0
        """Rows that could not be read."""
        self._progress = progress or Progress()

    def add_problem(self, path: Path, problem: Problem) -> None:
        """Count a bad row. Print ``path:line: what is wrong`` if it is among the first."""
        self.unreadable += 1
        if self.unreadable <= self.MOST_PRINTED:
            self.print(f"{path}:{problem.line}: {problem.what}")

    def print(self, sentence: str | None) -> None:
        """Print a sentence, unless it is None, on a line of its own."""
        if sentence is not None:
            self._progress.print(sentence)

    def __str__(self) -> str:
        rows = "row" if self.rows == 1 else "rows"
        return f"{self.rows:,} {rows} read, {self.unreadable:,} could not be read"

    def __enter__(self) -> "Tally":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.unreadable > self.MOST_PRINTED:
            self.print(f"… and {self.unreadable - self.MOST_PRINTED:,} more such rows")
        if self.unreadable and error is None:
            self.print(str(self))
