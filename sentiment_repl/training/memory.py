"""How the C library keeps memory while a network trains."""

import ctypes

# Of mallopt(3), as <malloc.h> numbers them.
_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8


def keep_freed() -> None:
    """Have what is freed kept for what is wanted next, for the rest of the process.

    The GNU C library gives a large block back to the system when it is freed. Every step of a
    training frees and wants hundreds of megabytes, so that most of its time can go into
    pages that the system must find and clear anew. Call it before the threads that train
    begin; where the C library is another one, nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc; Windows has no library None
        return
    mallopt(_M_MMAP_MAX, 0)
    mallopt(_M_TRIM_THRESHOLD, -1)  # never
    mallopt(_M_ARENA_MAX, 1)  # the heap that can keep; those of threads are given back
