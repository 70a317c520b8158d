"""Lines from a dumb terminal, which shows and edits them itself."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import suppress
from select import select
from typing import TYPE_CHECKING, Any

from prompt_toolkit.history import History

from sentiment_repl import runtime
from sentiment_repl.modes.prompt.interrupts import Interrupts, LineDiscarded

if TYPE_CHECKING:  # importing it brings NumPy, and the prompt is drawn before that
    from sentiment_repl.prediction import Prediction

_PASTE_GAP = 0.05  # seconds; the lines of a paste arrive in quicker succession


class PlainEditor:
    """Reads lines without drawing anything, so that no escape sequence reaches the terminal.

    :param message: the prompt.
    :param history: gets the lines.
    :param interrupts: may interrupt the wait for a line.
    :param on_shown: called when the prompt is on the screen.
    """

    help_hint = "Each line gets a label. An empty line quits. For options: sentiment-repl --help"

    def __init__(
        self,
        message: str,
        history: History,
        interrupts: Interrupts,
        on_shown: Callable[[], object],
    ) -> None:
        self._message, self._history = message, history
        self._interrupts, self._on_shown = interrupts, on_shown
        stdin: Any = sys.stdin
        buffer = io.BufferedReader(_Input(stdin.buffer.raw))
        self._lines = io.TextIOWrapper(buffer, stdin.encoding, "surrogateescape")

    def read(self) -> str:
        """Return what the user enters; empty to quit.

        :raises LineDiscarded: a signal arrived.
        """
        while True:
            print(self._message, end="", flush=True)
            self._on_shown()
            try:
                with self._interrupts.allowed():
                    line = self._lines.readline()
            except KeyboardInterrupt:
                print()
                raise LineDiscarded from None
            if not line:  # Ctrl-D
                print()
                return ""
            if entered := line.removesuffix("\n"):
                self._history.append_string(entered)
                return entered
            if not _more_input():
                return ""

    def end_line(self, error: BaseException) -> None:
        """Do nothing: only a signal can end the wait, and a broken model shows when it is used."""

    def remember(self, prediction: Prediction) -> None:
        """Do nothing: there are no keys that correct or explain a prediction."""


class _Input(io.RawIOBase):
    """Standard input, with reads that miss no signal."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        runtime.wait_for_input(self._raw)
        return self._raw.readinto(buffer)


def _more_input() -> bool:
    with suppress(OSError, ValueError):  # Windows asks sockets only
        return bool(select([sys.stdin], [], [], _PASTE_GAP)[0])
    return False
