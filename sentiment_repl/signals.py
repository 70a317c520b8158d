"""What asks a program to end, and where it has to wait or something is to be put in order."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def handled(end: Callable[[], object]) -> Iterator[None]:
    """Have a function called where the process would be killed at once.

    :param end: called in the main thread, between two instructions of the block; may raise.
    """
    changed = []
    try:
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # Ignored, as under nohup, it stays so.
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, lambda *_: end())
                changed.append(number)
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def interrupt() -> None:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt


@contextmanager
def postponed() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block; in other threads it never comes."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
