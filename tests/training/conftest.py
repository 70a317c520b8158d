"""Fixtures: synthetic labelled texts, and one small training for each architecture."""

import csv
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.data.corpus import NO_LABEL, EncodedTexts
from sentiment_repl.training.architectures import ARCHITECTURES
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.fit import Schedule
from sentiment_repl.training.train import Options, train

BATCH_SIZES = {"article": 64, "default": 128}
EPOCHS = 2


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 texts. Two of the ten words of each give its label, correctly nine times in ten."""
    rng = random.Random(0)
    path = tmp_path_factory.mktemp("data") / "synthetic.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "text"])
        for _ in range(3000):
            label = rng.randrange(2)
            mood = label if rng.random() < 0.9 else 1 - label
            words = [f"mood{mood}{rng.randrange(20)}" for _ in range(2)]
            words += [f"word{int(500 * rng.random() ** 2)}" for _ in range(8)]
            writer.writerow([label, " ".join(rng.sample(words, 10))])
    return path


MakeOptions = Callable[..., Options]


@pytest.fixture(scope="session")
def make_options(data: Path) -> MakeOptions:
    """Return the options of a small training. A keyword replaces one."""

    def make_options(
        architecture: str, output: Path, *, seed: int = 1, epochs: int = EPOCHS, **others: Any
    ) -> Options:
        options = Options(
            architecture=ARCHITECTURES[architecture],
            data=[data],
            output=output,
            schedule=Schedule(epochs, BATCH_SIZES[architecture], seed),
            vocabulary_size=400,
        )
        return options._replace(**others)

    return make_options


class Trained(NamedTuple):
    """A finished training."""

    architecture: Architecture
    folder: Path
    metrics: dict[str, Any]
    sentences: list[str]
    """What it has reported."""


@pytest.fixture(scope="session")
def train_once(
    make_options: MakeOptions, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Trained]:
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
def trained(request: pytest.FixtureRequest, train_once: Callable[[str], Trained]) -> Trained:
    """The training of each architecture."""
    return train_once(request.param)


def weights_hash(folder: Path) -> str:
    return hashlib.sha256((folder / model_folder.WEIGHTS).read_bytes()).hexdigest()


def encoded_texts(texts: list[list[int]], targets: Any, labels: Any = None) -> EncodedTexts:
    """Encode texts of given ids."""
    lengths = [len(ids) for ids in texts]
    targets = np.array(targets, np.float32)
    return EncodedTexts(
        np.array([one for ids in texts for one in ids], np.int32),
        np.concatenate([[0], np.cumsum(lengths)]),
        targets,
        np.ones(len(texts), np.float32),
        np.array([NO_LABEL] * len(texts) if labels is None else labels, np.int8),
    )
