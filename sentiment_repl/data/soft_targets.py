"""Soft targets: learn from the answers of teachers as well as from labels.

A label by emoticon is negative or positive, and one in six is wrong. The mean answer of several
teachers says how clear a text is (knowledge distillation; Hinton et al. 2015, arXiv:1503.02531).

A teacher is a model folder. It must have been trained with the same seed: then the texts that
are held out here were held out from it, too.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from sentiment_repl import model_folder
from sentiment_repl.classifier import Classifier, build_classifier, softmax
from sentiment_repl.data.sources import Example
from sentiment_repl.errors import DataError
from sentiment_repl.files.atomic import write_atomically

_BATCH = 4096  # texts


class Teacher(NamedTuple):
    """A model that answers for a student to learn from."""

    classifier: Classifier
    sha256: str
    """Of all that its answers depend on."""

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of each class, (texts, classes)."""
        return softmax(self.classifier.logits(texts))


class SavedAnswers:
    """The mean answers of teachers, in a file until the training ends.

    Teachers answer for half an hour or more. A resumed training does not ask them again.

    :param path: the file.
    :param resume: whether to use what it holds. A file that is missing or damaged holds nothing.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        self._answers: dict[str, NDArray[np.float32]] = {}
        if resume:
            self._answers = _read_answers(path)

    def ask(self, teachers: Sequence[Teacher], texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the mean probability of each class, (texts, classes).

        :raises FileError: the file can't be written.
        """
        asked = json.dumps([[teacher.sha256 for teacher in teachers], list(texts)])
        key = hashlib.sha256(asked.encode()).hexdigest()
        if key not in self._answers:
            answers = np.mean([teacher.probabilities(texts) for teacher in teachers], axis=0)
            self._answers[key] = answers.astype(np.float32)
            self._save()
        return self._answers[key]

    def _save(self) -> None:
        packed = io.BytesIO()
        np.savez(packed, **self._answers)  # type: ignore[arg-type]
        with write_atomically(self._path) as write:
            write(packed.getvalue())


def _read_answers(path: Path) -> dict[str, NDArray[np.float32]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return {}


def load_teacher(path: Path, classes: Sequence[str] | None, seed: int) -> Teacher:
    """Load a teacher.

    :param path: a model folder.
    :param classes: the labels of the student's classes; None if the teacher decides.
    :param seed: of the split.
    :raises DataError: the teacher has another seed or other labels.
    :raises ModelError: the folder is not a model.
    """
    files = model_folder.read_model(path)
    classifier = build_classifier(files)
    if classes is not None and classifier.labels != tuple(classes):
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
    content = b"".join([files.model, files.vocabulary, files.weights])
    return Teacher(classifier, hashlib.sha256(content).hexdigest())


def add_soft_targets(
    examples: Sequence[Example],
    teachers: Sequence[Teacher],
    saved: SavedAnswers,
    *,
    most: int,
    seed: int,
) -> list[Example]:
    """Add the mean probabilities of teachers to examples.

    :param saved: where the answers are kept.
    :param most: of more examples than this, a random sample gets soft targets.
    :param seed: of that sample.
    :raises FileError: the answers can't be saved.
    """
    taught = list(examples)
    rows = np.random.default_rng(seed).permutation(len(taught))[:most]
    with tqdm(desc="Soft targets", total=len(rows), unit=" texts", disable=None) as bar:
        for first in range(0, len(rows), _BATCH):
            batch = rows[first : first + _BATCH].tolist()
            texts = [taught[row].text for row in batch]
            for row, soft in zip(batch, saved.ask(teachers, texts).tolist()):
                taught[row] = taught[row]._replace(soft=tuple(soft))
            bar.update(len(batch))
    return taught
