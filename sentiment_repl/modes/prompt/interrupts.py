"""Ctrl-C, SIGTERM and SIGHUP at the prompt: the one place that decides what they interrupt."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sentiment_repl import runtime


class LineDiscarded(Exception):
    """Ctrl-C, or a signal, ended the line that was being edited."""


class Interrupts:
    """Notes signals, and raises ``KeyboardInterrupt`` only in a block that allows it.

    A signal may arrive while prompt_toolkit starts or ends an event loop. An exception there
    would leave a warning, or a traceback instead of the next prompt.
    """

    def __init__(self) -> None:
        self.terminated = False
        """Whether SIGTERM or SIGHUP has arrived."""
        self._pending = False
        self._allowed = False
        self.end_line: Callable[[], object] = lambda: None
        """Ends the line that is being edited, if there is one; called in signal handlers."""

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals in a block."""
        before = signal.getsignal(signal.SIGINT)
        # A signal that is ignored, as in the background job of a script, stays ignored.
        if before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, lambda *_: self._interrupt())
        try:
            with runtime.on_termination(self.terminate):
                yield
        finally:
            if before is not signal.SIG_IGN:
                signal.signal(signal.SIGINT, before)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let a signal interrupt the block. One that arrived before does so at once.

        :raises KeyboardInterrupt: a signal arrived.
        """
        self._allowed = True
        try:
            if self._pending:
                self._raise()
            yield
        finally:
            self._allowed = False

    def start_line(self) -> None:
        """Forget Ctrl-C, because there is nothing to discard yet. End the line if terminated."""
        self._pending = False
        if self.terminated:
            self.end_line()

    def terminate(self) -> None:
        """Leave the prompt. This is what SIGTERM and SIGHUP do."""
        self.terminated = True
        self._interrupt()

    def _interrupt(self) -> None:
        self._pending = True
        if self._allowed:
            self._raise()
        self.end_line()

    def _raise(self) -> None:
        # A second signal must not interrupt the handling of the first.
        self._pending = self._allowed = False
        raise KeyboardInterrupt
