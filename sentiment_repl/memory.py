"""What the C library does with memory that has been freed."""

from contextlib import suppress

# Of mallopt(3), as <malloc.h> numbers them.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -3, -4, -8


def keep_freed(most: int | None = None) -> None:
    """Have what is freed kept for what is wanted next, for the rest of the process.

    The GNU C library gives large blocks back to the system at once, and the system must find
    and clear pages for the next ones: a sixth of the processor time of a long pipe, and up to
    two thirds of the time of a training. Call it before the threads that work begin; where the
    C library is another one, nothing happens.

    :param most: bytes of a block up to which it is kept (and twice as many at the end of
        the heap); None keeps all.
    """
    options = (
        {_MMAP_THRESHOLD: most, _TRIM_THRESHOLD: 2 * most}
        if most is not None
        # Only the one heap can keep all; those of threads are given back.
        else {_MMAP_MAX: 0, _TRIM_THRESHOLD: -1, _ARENA_MAX: 1}
    )
    with suppress(ImportError, AttributeError, OSError, TypeError):  # it is not glibc
        import ctypes

        mallopt = ctypes.CDLL(None).mallopt
        for option, value in options.items():
            mallopt(option, value)
