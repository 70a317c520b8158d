import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sentiment_repl.network import threads as network_threads
from sentiment_repl.network.dense import ACTIVATIONS, Dense, DenseNetwork
from sentiment_repl.network.segments import SegmentedNetwork
from sentiment_repl.network.threads import thread_count


@pytest.mark.parametrize(
    ("cores", "limit", "threads"),
    [(2, "", 2), (64, "", 4), (None, "", 1), (8, "1", 1), (2, "8", 2), (2, "0", 2), (2, "2,1", 2)],
)
def test_a_network_keeps_to_the_cores_and_to_omp_num_threads(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, limit: str, threads: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setenv("OMP_NUM_THREADS", limit)
    assert thread_count() == threads


def blas_threads() -> list[int]:
    """Return the threads of each BLAS library of this process."""
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


class _Segments(SegmentedNetwork):
    longest_segment = 2

    def _segment_logits(self, segments: list[list[int]]) -> np.ndarray:
        assert set(blas_threads()) == {1}
        if [0] in segments:
            raise ValueError
        return np.zeros((len(segments), 2))


def test_products_of_a_network_use_one_thread_and_others_as_many_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    network_threads._blas_libraries.cache_clear()  # another test may have set the variable

    def activation(x: np.ndarray) -> np.ndarray:
        assert set(blas_threads()) == {1}
        return ACTIVATIONS["linear"](x)

    ones = np.ones((2, 2), np.float32)
    dense = DenseNetwork([Dense(ones, ones[0], activation)])
    with threadpool_limits(2, "blas"):
        before = blas_threads()
        if 2 not in before:
            pytest.skip("this BLAS has no setting for its threads")
        dense.logits([[1]])
        _Segments().logits([[1, 1, 1]])
        assert blas_threads() == before
        with pytest.raises(ValueError):
            _Segments().logits([[0]])
        assert blas_threads() == before
