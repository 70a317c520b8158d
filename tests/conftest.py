"""Fixtures: a model small enough to compute by hand, synthetic tweets, and real tweets."""

import csv
import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.modes.prompt.settings import VARIABLES
from sentiment_repl.text.vocabulary import vocabulary_to_json

# A background job ignores SIGINT, and nohup ignores SIGHUP. Child processes inherit that,
# so that tests of signals would fail. A handler is not inherited.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if os.name != "nt" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home of its own: no test touches the user's history or models."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        "HOME",
        "USERPROFILE",
        "LOCALAPPDATA",
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
    ):
        monkeypatch.setenv(name, str(home))
    for variable in (model_folder.ENVIRONMENT_VARIABLE, *VARIABLES.values()):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A model folder that knows three words: "good" contributes +2, "bad" -3, "day" 0."""
    return bag_model(tmp_path / "tiny", {"good": 2, "bad": -3, "day": 0})


@pytest.fixture
def tiny_neutral(tmp_path: Path) -> Path:
    """A model folder with a neutral label. It knows "good", "bad" and "table"."""
    return three_label_model(tmp_path / "tiny-neutral")


def three_label_model(folder: Path) -> Path:
    """Write the model folder of ``tiny_neutral``."""
    logits = {"good": (0, 0, 2), "bad": (3, 0, 0), "table": (0, 4, 0)}
    return logits_model(folder, logits, ("negative", "neutral", "positive"))


def bag_model(folder: Path, contributions: Mapping[str, float]) -> Path:
    """Write a model folder whose only layer is a table of contributions to the log-odds."""
    logits = {word: (max(-odds, 0), max(odds, 0)) for word, odds in contributions.items()}
    return logits_model(folder, logits, ("negative", "positive"))


def logits_model(
    folder: Path, logits: Mapping[str, Sequence[float]], labels: Sequence[str]
) -> Path:
    """Write a model folder whose only layer is a table of logits: a row for each word."""
    folder.mkdir()
    kernel = np.array([(0,) * len(labels), *logits.values()], np.float32)
    bias = np.zeros(len(labels), np.float32)
    config = {"name": "output", "units": len(labels), "activation": "softmax"}
    model = {
        "class_name": "Sequential",
        "config": {
            "layers": [
                {"class_name": "InputLayer", "config": {"name": "bag"}},
                {"class_name": "Dense", "config": config},
            ]
        },
    }
    words = {word: word_id for word_id, word in enumerate(logits, start=1)}
    (folder / "model.json").write_text(json.dumps(model))
    (folder / "dictionary.json").write_text(vocabulary_to_json(words))
    # Only the offsets in the manifest matter to the reader.
    (folder / "model.weights.h5").write_bytes(b"HEAD" + kernel.tobytes() + bias.tobytes())
    model_folder.write_manifest(
        folder,
        {
            "output/kernel": {"offset": 4, "shape": [*kernel.shape]},
            "output/bias": {"offset": 4 + kernel.nbytes, "shape": [*bias.shape]},
        },
        labels,
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


NO_NETWORK = """
import os, sys
def hook(event, args):
    if event == "socket.__new__" and args[1] == 1 or event == "socket.gethostname":
        return  # AF_UNIX: asyncio wakes itself with such a pair
    if event.startswith(("socket.", "urllib.", "http.client.", "ftplib.", "smtplib.")):
        os.write(2, f"NETWORK {event}".encode())
        os._exit(99)
sys.addaudithook(hook)
"""


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """End every Python process that a test starts with code 99 if it uses the network."""
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "sitecustomize.py").write_text(NO_NETWORK)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'offline'}{os.pathsep}{REPOSITORY}")


@pytest.fixture(scope="session")
def real_tweets() -> list[tuple[int, str]]:
    """20,000 rows of the real corpus: (label, text)."""
    path = DATA / "sentiment140_train.csv.gz"
    if not path.exists():
        pytest.skip(f"needs the corpus: ../shared/data/{path.name} does not exist")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return _label_and_text(itertools.islice(csv.reader(file), 20_000))


TWEETS = Path(__file__).parent / "fixtures" / "tweets.csv"
"""600 synthetic tweets in the layout of Sentiment140, half of them positive."""


@pytest.fixture
def tweets_csv() -> Path:
    """The file of synthetic tweets."""
    return TWEETS


@pytest.fixture(scope="session")
def tweets() -> list[tuple[int, str]]:
    """The synthetic tweets: (label, text)."""
    with open(TWEETS, encoding="utf-8", newline="") as file:
        return _label_and_text(csv.reader(file))


def _label_and_text(rows: Iterable[list[str]]) -> list[tuple[int, str]]:
    return [(int(row[0] == "4"), row[5]) for row in rows]
