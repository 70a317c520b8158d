"""Soft targets: learn from the answers of teachers as well as from labels.

A label by emoticon is negative or positive, and one in six is wrong. The mean answer of several
teachers says how clear a text is (knowledge distillation; Hinton et al. 2015, arXiv:1503.02531).

A teacher is a model folder. It must have been trained with the same seed: then the texts that
are held out here were held out from it, too.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from sentiment_repl import model_folder
from sentiment_repl.classifier import load, softmax
from sentiment_repl.data.sources import Example
from sentiment_repl.errors import DataError

_BATCH = 4096  # texts

Teacher = Callable[[list[str]], NDArray[np.floating]]
"""From texts to the probability of each class, (texts, classes)."""


def load_teacher(path: Path, classes: Sequence[str], seed: int) -> Teacher:
    """Load a teacher.

    :param path: a model folder.
    :param classes: the labels of the student's classes.
    :param seed: of the split.
    :raises DataError: the teacher has another seed or other labels.
    :raises ModelError: the folder is not a model.
    """
    classifier = load(folder=path)
    if classifier.labels != tuple(classes):
        raise DataError(
            f"{path}: a teacher must have the labels {', '.join(classes)}, "
            f"not {', '.join(classifier.labels)}"
        )
    found = model_folder.read_training_record(path).seed
    if found != seed:
        raise DataError(
            f"{path}: a teacher must have been trained with --seed {seed}, not {found!s:.40}; with "
            "another seed it has seen texts that are held out here"
        )
    return lambda texts: softmax(classifier.logits(texts))


def add_soft_targets(
    examples: Sequence[Example], teachers: Sequence[Teacher], most: int, seed: int
) -> list[Example]:
    """Add the mean probabilities of teachers to examples.

    :param most: of more examples than this, a random sample gets soft targets.
    :param seed: of that sample.
    """
    taught = list(examples)
    rows = np.random.default_rng(seed).permutation(len(taught))[:most]
    with tqdm(desc="Soft targets", total=len(rows), unit=" texts", disable=None) as bar:
        for first in range(0, len(rows), _BATCH):
            batch = rows[first : first + _BATCH].tolist()
            texts = [taught[row].text for row in batch]
            answers = np.mean([teacher(texts) for teacher in teachers], axis=0)
            for row, soft in zip(batch, answers.tolist()):
                taught[row] = taught[row]._replace(soft=tuple(soft))
            bar.update(len(batch))
    return taught
