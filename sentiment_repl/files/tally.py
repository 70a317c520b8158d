"""The count of a file's rows, and a report of those that can't be read."""

from pathlib import Path

from sentiment_repl.files.progress import Progress
from sentiment_repl.files.rows import Problem


class Tally:
    """Counts rows, and prints the first bad ones to standard error.

    As a context manager it ends with the number of bad rows that were not printed, and with a
    summary.

    :param name: what the summary calls the input.
    :param quiet: no summary if every row was read.
    :param bar: whether to draw a progress bar. Only a terminal gets one.
    """

    MOST_PRINTED = 10
    """Bad rows that are printed; the others are counted."""

    def __init__(self, name: str = "", *, quiet: bool = True, bar: bool = False) -> None:
        self.rows = 0
        """Rows that were read."""
        self.unreadable = 0
        """Rows that could not be read."""
        self.kept = 0
        """Those of them that the output has nevertheless, without a label."""
        self._prefix = f"{name}: " if name else ""
        self._progress = Progress(Path(name).name, bar=bar)
        self._quiet = quiet

    def add_problem(self, path: Path, problem: Problem) -> None:
        """Count a bad row. Print ``path:line: what is wrong`` if it is among the first."""
        self.unreadable += 1
        if self.unreadable <= self.MOST_PRINTED:
            self.print(f"{path}:{problem.line}: {problem.what}")

    def draw(self, share: float | None) -> None:
        """Draw the progress bar. ``share`` is how much is done, 0-1; None if nobody knows."""
        self._progress.draw(share, self.rows + self.unreadable)

    def print(self, sentence: str | None) -> None:
        """Print a sentence, unless it is None, on a line of its own."""
        if sentence is not None:
            self._progress.print(sentence)

    def __str__(self) -> str:
        if self.unreadable:
            all_rows = self.rows + self.unreadable
            sentence = f"{self.unreadable:,} of {all_rows:,} rows could not be read"
            if self.kept:
                kept = "they" if self.kept == self.unreadable else f"{self.kept:,} of them"
                sentence += f"; {kept} got no label"
            return sentence
        return f"{self.rows:,} {'row' if self.rows == 1 else 'rows'} read"

    def __enter__(self) -> "Tally":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._progress.erase()
        more = self.unreadable - self.MOST_PRINTED
        if more > 0:
            self.print(f"{self._prefix}and {more:,} more such rows")
        if kind is None and (self.unreadable or not self._quiet):
            self.print(f"{self._prefix}{self}")
