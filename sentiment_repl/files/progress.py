"""What a run says on the standard error: how far it is, and sentences."""

import shutil
import sys
import time

from sentiment_repl import render

_EVERY = 0.1  # seconds between two pictures
_BAR = 24  # characters


class Progress:
    """A bar on the last line of a terminal; sentences stand above it.

    :param name: what is read.
    :param bar: whether there is to be one; elsewhere than on a terminal there is none.
    """

    def __init__(self, name: str, *, bar: bool) -> None:
        self._name = render.escape(name)
        self._bar = bar and sys.stderr is not None and sys.stderr.isatty()
        self._start = time.monotonic()
        self._shown = -_EVERY
        self._width = 0

    def show(self, done: float | None, rows: int) -> None:
        """Draw the bar, unless that was done a moment ago.

        :param done: the share that is done, if it is known.
        """
        now = time.monotonic()
        if not self._bar or now - self._shown < _EVERY:
            return
        self._shown = now
        drawn = f"{rows:,} rows, {rows / max(now - self._start, _EVERY):,.0f} a second"
        if done is not None:
            marks = "#" * int(_BAR * done)
            drawn = f"[{marks:-<{_BAR}}] {100 * done:3.0f} %  {drawn}"
        # A line that reaches the edge would wrap, and stay.
        drawn = f"{self._name}  {drawn}"[: shutil.get_terminal_size().columns - 1]
        self._put(f"\r{drawn:<{self._width}}")
        self._width = len(drawn)

    def clear(self) -> None:
        """Wipe the bar away."""
        if self._width:
            self._put(f"\r{'':{self._width}}\r")
        self._width = 0

    def say(self, sentence: str) -> None:
        """Write a line of its own."""
        self.clear()
        self._put(f"{render.escape(sentence)}\n")

    def _put(self, text: str) -> None:
        if sys.stderr is None:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            sys.stderr = None  # nobody listens; the answers go on without
