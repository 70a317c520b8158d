"""Fixtures: synthetic labelled texts, and one small training for each architecture."""

import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.data.corpus import EncodedTexts
from sentiment_repl.data.sources import DataFile
from sentiment_repl.training import recurrent
from sentiment_repl.training.architectures import ARCHITECTURES
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.fit import Schedule
from sentiment_repl.training.train import Options, train

BATCH_SIZES = {"article": 64, "default": 128}
EPOCHS = 2


@pytest.fixture(scope="session", autouse=True)
def _few_ngrams() -> Iterator[None]:
    """Train with 1,024 vectors of n-grams: fast, and checkpoints stay small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurrent, "BUCKETS", 1024)
        yield


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 texts. Two of the ten words of each give its label, correctly nine times in ten."""
    rng = random.Random(0)
    lines = ["label,text"]
    for _ in range(3000):
        label = rng.randrange(2)
        mood = label if rng.random() < 0.9 else 1 - label
        words = [f"mood{mood}{rng.randrange(20)}" for _ in range(2)]
        words += [f"word{int(500 * rng.random() ** 2)}" for _ in range(8)]
        lines.append(f"{label},{' '.join(rng.sample(words, 10))}")
    path = tmp_path_factory.mktemp("data") / "synthetic.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


MakeOptions = Callable[..., Options]


@pytest.fixture(scope="session")
def make_options(data: Path) -> MakeOptions:
    """Return the options of a small training. A keyword replaces one."""

    def make_options(
        name: str, output: Path, *, epochs: int = EPOCHS, seed: int = 1, **others: Any
    ) -> Options:
        schedule = Schedule(epochs, others.pop("batch_size", BATCH_SIZES[name]), seed)
        files = [DataFile(path, path.name) for path in others.pop("data", [data])]
        return Options(ARCHITECTURES[name], files, output, schedule, 400)._replace(**others)

    return make_options


class Trained(NamedTuple):
    """A finished training."""

    architecture: Architecture
    folder: Path
    metrics: dict[str, Any]
    sentences: list[str]
    """What it has reported."""


TrainOnce = Callable[[str], Trained]


@pytest.fixture(scope="session")
def train_once(make_options: MakeOptions, tmp_path_factory: pytest.TempPathFactory) -> TrainOnce:
    """Train each architecture once for all tests."""
    done: dict[str, Trained] = {}

    def train_once(name: str) -> Trained:
        if name not in done:
            folder = tmp_path_factory.mktemp("trained") / name
            sentences: list[str] = []
            metrics = train(make_options(name, folder), report=sentences.append)
            done[name] = Trained(ARCHITECTURES[name], folder, metrics, sentences)
        return done[name]

    return train_once


@pytest.fixture(params=["article", "default"])
def trained(request: pytest.FixtureRequest, train_once: TrainOnce) -> Trained:
    """The training of each architecture."""
    return train_once(request.param)


def weights_hash(folder: Path) -> str:
    return hashlib.sha256((folder / model_folder.WEIGHTS).read_bytes()).hexdigest()


def encoded_texts(
    texts: list[list[int]], targets: Any, labels: Any, sources: Any = None
) -> EncodedTexts:
    """Encode texts of given ids. The weight of text i is i."""
    return EncodedTexts(
        np.array([one for ids in texts for one in ids], np.int32),
        np.cumsum([0, *map(len, texts)]),
        np.array(targets, np.float32),
        np.arange(len(texts), dtype=np.float32),
        np.array(labels, np.int8),
        np.array(len(texts) * [0] if sources is None else sources, np.int8),
        np.zeros(len(texts), bool),
    )
