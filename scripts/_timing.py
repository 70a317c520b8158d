"""How benchmark.py times things: each in turn with what it stands beside."""

import statistics
import time
from collections.abc import Callable


def timed(action: Callable[[], object]) -> Callable[[], float]:
    """An action that returns the seconds it took."""

    def run() -> float:
        began = time.perf_counter()
        action()
        return time.perf_counter() - began

    return run


def in_turn(times: int, *measurements: Callable[[], float]) -> list[float]:
    """The median seconds of some measurements, each made once unseen, then all in turn."""
    for measure in measurements:
        measure()
    rounds = [[measure() for measure in measurements] for _ in range(times)]
    return [statistics.median(seconds) for seconds in zip(*rounds)]
