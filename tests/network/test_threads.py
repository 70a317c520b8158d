import pytest

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
