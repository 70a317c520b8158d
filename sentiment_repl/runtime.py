"""What the program sets for its process: signals, freed memory and BLAS threads."""

import math
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from sentiment_repl.errors import Exit

# The numbers of mallopt(3) options in <malloc.h>.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -3, -4, -8
_TERMINATING = ("SIGTERM", "SIGHUP")
_ENDING = ("SIGINT", *_TERMINATING)
_BURST = 0.5
"""Seconds in which signals belong to one request: a held Ctrl-C, a parent that forwards it."""
_last_signal = -math.inf


def limit_blas_threads() -> None:
    """Let each matrix product use one thread. Call it before NumPy is imported.

    The recurrent network runs batches in threads of its own; more threads in each product
    would only compete with them.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def keep_freed_memory(largest_block: int | None = None) -> None:
    """Let the C library reuse freed memory instead of returning it to the system.

    glibc returns large blocks at once, and the system must clear new pages for the next ones.
    That costs a sixth of the processor time of a long pipe, and half of a training step.
    Call it before threads start. With another C library nothing happens.

    :param largest_block: bytes up to which a freed block is kept; None keeps every block.
    """
    options = (
        {_MMAP_THRESHOLD: largest_block, _TRIM_THRESHOLD: 2 * largest_block}
        if largest_block is not None
        # Only the main heap keeps everything, so all threads share it.
        else {_MMAP_MAX: 0, _TRIM_THRESHOLD: -1, _ARENA_MAX: 1}
    )
    with suppress(ImportError, AttributeError, OSError, TypeError):  # not glibc
        import ctypes

        mallopt = ctypes.CDLL(None).mallopt
        for option, value in options.items():
            mallopt(option, value)


def end_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP end the process at once, without an exception.

    A program calls this at its start. Nothing has to be cleaned up but in a block that handles
    the signals in another way.
    """
    for number in _handled(_ENDING):
        signal.signal(number, _once_a_burst(lambda: os._exit(Exit.INTERRUPTED)))


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and SIGHUP raise ``KeyboardInterrupt`` in a block, in a burst once."""
    with _on_signals(_ENDING, raise_interrupt):
        yield


@contextmanager
def on_termination(end: Callable[[], object]) -> Iterator[None]:
    """Call a function on SIGTERM and SIGHUP, in a burst of them once.

    :param end: called in the main thread, between two instructions of the block; may raise.
    """
    with _on_signals(_TERMINATING, end):
        yield


@contextmanager
def _on_signals(names: Iterable[str], action: Callable[[], object]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _handled(names)}
    try:
        for number in before:
            signal.signal(number, _once_a_burst(action))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _handled(names: Iterable[str]) -> list[int]:
    """Return the numbers of signals. One that is ignored, as under nohup, stays ignored.

    Only the main thread can handle signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return []
    numbers = (getattr(signal, name) for name in names if hasattr(signal, name))
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]


def _once_a_burst(action: Callable[[], object]) -> Callable[[int, FrameType | None], None]:
    """Return a signal handler that leaves out the signals right after one that it handled."""

    def handle(number: int, frame: FrameType | None) -> None:
        global _last_signal
        now = time.monotonic()
        if now - _last_signal > _BURST:
            _last_signal = now
            action()

    return handle


def wait_for_input(stream: Any) -> None:
    """Wait until a stream can be read, or until a signal arrives. Call it before a read.

    Python runs the handlers of signals before it reads. One that arrives in between would have no
    effect until the next input.

    :param stream: one without a buffer. If the system can't wait for it, the read has to wait.
    """
    if sys.platform == "win32":  # it waits for sockets only
        return
    with suppress(OSError, ValueError):  # no file, or not in the main thread
        signals, wakeup = os.pipe()
        with open(signals, "rb", 0), open(wakeup, "wb", 0):
            os.set_blocking(wakeup, False)
            try:
                signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
                select.select([stream, signals], [], [])
            finally:
                signal.set_wakeup_fd(-1)


def raise_interrupt() -> None:
    """End the program as Ctrl-C does."""
    raise KeyboardInterrupt


@contextmanager
def deferred_interrupt() -> Iterator[None]:
    """Delay signals that end the program until the block ends. Other threads get none."""
    handlers = {number: signal.getsignal(number) for number in _handled(_ENDING)}
    handlers = {number: handler for number, handler in handlers.items() if callable(handler)}
    received: list[int] = []
    for number in handlers:
        signal.signal(number, lambda number, _: received.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number in received[:1]:
        signal.raise_signal(number)
