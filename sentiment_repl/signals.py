"""SIGTERM and a closed terminal, for what has something to put in order before it ends."""

import signal
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
