"""What the program sets for its process: signals, freed memory and BLAS threads."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# The numbers of mallopt(3) options in <malloc.h>.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -3, -4, -8


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


@contextmanager
def on_termination(end: Callable[[], object]) -> Iterator[None]:
    """Call a function on SIGTERM and SIGHUP, which would otherwise kill the process at once.

    :param end: called in the main thread, between two instructions of the block; may raise.
    """
    changed = []
    try:
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # A signal that is ignored, as under nohup, stays ignored.
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, lambda *_: end())
                changed.append(number)
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def raise_interrupt() -> None:
    """End the program as Ctrl-C does."""
    raise KeyboardInterrupt


@contextmanager
def deferred_interrupt() -> Iterator[None]:
    """Delay Ctrl-C until the block ends. Other threads never receive it."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    received: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if received:
        raise KeyboardInterrupt
