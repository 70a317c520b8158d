"""How many threads a network uses: of its own, and of BLAS in each matrix product."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import LibController

_MOST = 4


def thread_count() -> int:
    """Return the number of threads for the batches of a network: the cores, but at most four.

    ``OMP_NUM_THREADS`` lowers it, as in other numerical libraries. Dask sets it to 1 in its
    workers, so that each worker keeps to its core.
    """
    cores = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, _MOST, int(limit) if limit.isdecimal() and int(limit) > 0 else _MOST)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let each matrix product in the block use one thread, and later ones as many as before.

    The matrices of a network are small, and batches run in threads of their own. Threads of
    BLAS would compete with these, and with other processes: a product waits for the slowest.

    BLAS has one setting for the process. Of several threads in such a block, the first one to
    enter sets it and restores it.
    """
    limited = []
    for library in _blas_libraries():
        threads = library.get_num_threads()
        if threads is not None and threads > 1:
            library.set_num_threads(1)
            limited.append((library, threads))
    try:
        yield
    finally:
        for library, threads in limited:
            library.set_num_threads(threads)


@cache
def _blas_libraries() -> "list[LibController]":
    """Return the BLAS libraries of this process that have more than one thread.

    NumPy has loaded its own. The command line gives OpenBLAS one thread before that, and the
    search for libraries takes as long as a dozen answers.
    """
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        return []
    from threadpoolctl import ThreadpoolController

    blas: list[LibController] = ThreadpoolController().select(user_api="blas").lib_controllers
    return blas
