"""Fixtures: a model small enough to reckon by hand, and a slice of the real corpus."""

import csv
import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.text import vocabulary

# A background job ignores Ctrl-C, one under nohup the end of its terminal, and so would each
# program that a test starts. What a handler is set for is not handed down.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if os.name != "nt" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the history or the model of the person who runs it."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        "HOME",
        "USERPROFILE",
        "LOCALAPPDATA",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
    ):
        monkeypatch.setenv(name, str(home))
    monkeypatch.delenv(model_folder.VARIABLE, raising=False)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A model folder that knows "good", "bad" and "day"; its one layer is a table.

    "good" speaks for positive by 2 in log-odds, "bad" against it by 3, "day" is silent.
    """
    return bag_model(tmp_path / "tiny", {"good": 2, "bad": -3, "day": 0})


def bag_model(folder: Path, effects: Mapping[str, float]) -> Path:
    """A model folder whose one layer is a table: what each word does to the log-odds."""
    folder.mkdir()
    kernel = np.array([(0, 0), *((max(-e, 0), max(e, 0)) for e in effects.values())], np.float32)
    bias = np.zeros(2, np.float32)
    config = {"name": "output", "units": 2, "activation": "softmax"}
    model = {
        "class_name": "Sequential",
        "config": {
            "layers": [
                {"class_name": "InputLayer", "config": {"name": "bag"}},
                {"class_name": "Dense", "config": config},
            ]
        },
    }
    words = {word: column for column, word in enumerate(effects, start=1)}
    (folder / "model.json").write_text(json.dumps(model))
    (folder / "dictionary.json").write_text(vocabulary.dumps(words))
    # The reader takes the weights from where the manifest has them.
    (folder / "model.weights.h5").write_bytes(b"HEAD" + kernel.tobytes() + bias.tobytes())
    model_folder.write_manifest(
        folder,
        {
            "output/kernel": {"offset": 4, "shape": [*kernel.shape]},
            "output/bias": {"offset": 4 + kernel.nbytes, "shape": [2]},
        },
    )
    return folder


Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run() -> Run:
    """Run the program in a process of its own."""

    def run(*args: str, stdin: bytes = b"", **kwargs: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "sentiment_repl", *args],
            input=stdin,
            capture_output=True,
            timeout=60,
            cwd=REPOSITORY,
            **kwargs,
        )

    return run


@pytest.fixture
def script() -> Run:
    """Run a program of ``scripts/`` in a process of its own."""

    def script(name: str, *args: str | os.PathLike[str]) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        return subprocess.run(
            [sys.executable, REPOSITORY / "scripts" / name, *args],
            capture_output=True,
            timeout=300,
            env=environment,
        )

    return script


@pytest.fixture(scope="session")
def real_tweets() -> list[tuple[int, str]]:
    """20,000 rows of the real corpus: (label, text)."""
    path = DATA / "sentiment140_train.csv.gz"
    if not path.exists():
        pytest.skip(f"the corpus is not here ({path.name} in ../shared/data)")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = itertools.islice(csv.reader(file), 20_000)
        return [(int(row[0] == "4"), row[5]) for row in rows]
