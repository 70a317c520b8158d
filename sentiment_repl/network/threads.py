"""How many threads a network uses."""

import os

_MOST = 4


def thread_count() -> int:
    """Return the number of threads for the batches of a network: the cores, but at most four.

    ``OMP_NUM_THREADS`` lowers it, as in other numerical libraries. Dask sets it to 1 in its
    workers, so that each worker keeps to its core.
    """
    cores = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, _MOST, int(limit) if limit.isdecimal() and int(limit) > 0 else _MOST)
