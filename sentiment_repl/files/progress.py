"""A progress bar and sentences on standard error."""

import shutil
import sys
import time

from sentiment_repl import stdio
from sentiment_repl.render import escape

_SECONDS = 0.1  # between two pictures of the bar
_LOG_SECONDS = 60  # between two lines of a log
_BAR_WIDTH = 24  # characters


class Progress:
    """A bar on the last line of a terminal. Sentences stand above it.

    :param name: what is being read.
    :param bar: whether to draw a bar. Only a terminal gets one.
    :param log: whether something else than a terminal gets a line each minute.
    """

    def __init__(self, name: str = "", *, bar: bool = False, log: bool = False) -> None:
        on_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._name = escape(name)
        self._bar = bar and on_terminal
        self._log = log and not on_terminal
        self._start = self._logged = time.monotonic()
        self._drawn = -_SECONDS
        self._width = 0

    def draw(self, share: float | None, rows: int) -> None:
        """Draw the bar, unless it was drawn a moment ago.

        :param share: how much of the work is done, 0–1; None if nobody knows.
        :param rows: how many rows are done.
        """
        seconds = max(time.monotonic() - self._start, _SECONDS)
        bar = f"{rows:,} rows, {rows / seconds:,.0f} a second"
        if share is not None:
            bar = f"[{'#' * int(_BAR_WIDTH * share):-<{_BAR_WIDTH}}] {100 * share:3.0f} %  {bar}"
        self.show(f"{self._name}  {bar}")

    def show(self, line: str) -> None:
        """Draw a line in the place of the bar, unless one was drawn a moment ago."""
        now = time.monotonic()
        if self._log and now - self._logged >= _LOG_SECONDS:
            self._logged = now
            self.print(line)
        if not self._bar or now - self._drawn < _SECONDS:
            return
        self._drawn = now
        # A line that reaches the edge would wrap, and stay.
        cut, width = _cut(line, shutil.get_terminal_size().columns - 1)
        stdio.write_stderr(f"\r{cut}{' ' * (self._width - width)}")
        self._width = width

    def erase(self) -> None:
        """Erase the bar."""
        if self._width:
            stdio.write_stderr(f"\r{'':{self._width}}\r")
        self._width = 0

    def print(self, sentence: str) -> None:
        """Print a sentence on a line of its own."""
        self.erase()
        stdio.write_stderr(f"{escape(sentence)}\n")


def _cut(text: str, width: int) -> tuple[str, int]:
    """Return as much of a text as fits, and its width. Wide characters take two cells."""
    from wcwidth import wcswidth

    while wcswidth(text) > width:
        text = text[:-1]
    return text, wcswidth(text)
