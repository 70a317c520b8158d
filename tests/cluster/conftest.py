"""Files, and a cluster that runs in the test's own process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sentiment_repl import model_folder
from sentiment_repl.errors import Exit
from sentiment_repl.files.columns import TEXT_NAMES, WantedColumn

Score = Callable[..., Exit]


@pytest.fixture(scope="package")
def client() -> Iterator[Any]:
    """A Dask client with one worker."""
    distributed = pytest.importorskip("distributed", reason='needs the extra "cluster"')
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as client:
        yield client


@pytest.fixture
def score(
    client: Any, tiny_neutral: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Score:
    """Score files of an empty folder, which is also the current one, to ``out``.

    The model knows "good", "bad" and "table".
    """
    from sentiment_repl.cluster import run
    from sentiment_repl.cluster.partitions import Job
    from sentiment_repl.cluster.scoring import ModelPlugin

    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def score(
        *patterns: str, column: str | None = None, neutral: bool = True, output: str = "out"
    ) -> Exit:
        files = model_folder.read_model(tiny_neutral)
        text = WantedColumn("text", "--column", TEXT_NAMES, column)
        job = Job("model", neutral, text, run.full_address(output))
        found = [address for pattern in patterns for address in run.find_files(pattern)]
        return run.score_files(client, found, job, ModelPlugin(files, job))

    return score
