"""Learning from the answers of models that were trained before, and not from labels alone.

A label by emoticon is yes or no, and one in six is wrong; the mean answer of several
models tells which texts can hardly be told (distillation; Hinton et al. 2015,
arXiv:1503.02531).
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment_repl import artifacts
from sentiment_repl.classifier import load
from sentiment_repl.errors import DataError
from sentiment_repl.network import Network
from sentiment_repl.training.corpus import Corpus

_SHARE = 0.7  # of a label that the teachers' answers make; the rest is the label itself
_AT_ONCE = 20_000  # texts


def answers(folders: Sequence[Path], corpus: Corpus, seed: int) -> np.ndarray:
    """The probability that each training text is positive, as labels and teachers have it.

    A sentence made by rule, or a statement, keeps its own.

    :param seed: of the split.
    :return: float32, (training texts,), 0-1.
    :raises DataError: a teacher was trained on other texts, or has another dictionary.
    :raises ModelError: a folder is no model.
    """
    networks = [_teacher(folder, corpus, seed) for folder in dict.fromkeys(folders)]
    probabilities = corpus.training.positive()
    real = len(probabilities) - corpus.made
    texts = corpus.training.lists()[:real]
    for first in tqdm(range(0, real, _AT_ONCE), desc="The teachers answer", disable=None):
        some = slice(first, min(first + _AT_ONCE, real))
        taught = np.mean([net.probabilities(texts[some])[:, 1] for net in networks], axis=0)
        probabilities[some] += _SHARE * (taught - probabilities[some])
    return probabilities


def _teacher(folder: Path, corpus: Corpus, seed: int) -> Network:
    """A network that was trained on these very texts.

    Another one could have learned from those that are held back here, whose figures would
    then be too good.
    """
    teacher = load(folder=folder)
    if not teacher.network.sequences:
        raise DataError(f"{folder}: a teacher must read words in their order, as default does")
    try:
        metrics = json.loads((folder / artifacts.METRICS).read_bytes())
        same = (metrics["data"]["fingerprint"], metrics["options"]["seed"]) == (
            corpus.fingerprint,
            seed,
        )
    except (OSError, ValueError, KeyError, TypeError):
        same = False
    if not same or teacher.words != corpus.words:
        raise DataError(
            f"{folder}: a teacher must have been trained on the same rows with the same "
            "--seed, --rows and --vocabulary-size"
        )
    return teacher.network
