"""Learning from the answers of models that were trained before, and not from labels alone.

A label by emoticon is yes or no, and one in six is wrong; the mean answer of several
models tells which texts can hardly be told (distillation; Hinton et al. 2015,
arXiv:1503.02531).
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment_repl import model_folder
from sentiment_repl.classifier import load
from sentiment_repl.errors import DataError
from sentiment_repl.files.atomic import whole
from sentiment_repl.data.corpus import Corpus

SUFFIX = ".npz"
"""Of a file that keeps the answers of a teacher; a teacher that is a model is a folder."""

_SHARE = 0.7  # of a label that the teachers' answers make; the rest is the label itself
_AT_ONCE = 20_000  # texts

_Teacher = Callable[[slice], np.ndarray]
"""How likely it finds each of some training texts positive."""


def check(teacher: Path) -> None:
    """Look at a teacher, now rather than after the corpus has been read.

    :raises DataError: a file that does not keep a teacher's answers.
    :raises ModelError: a folder that is no model.
    """
    if teacher.suffix == SUFFIX:
        _read(teacher)
    else:
        model_folder.read(teacher)


def answers(teachers: Sequence[Path], corpus: Corpus, seed: int) -> np.ndarray:
    """The probability that each training text is positive, as labels and teachers have it.

    What was added to the corpus keeps its own.

    :param teachers: model folders, and files of ``keep``.
    :param seed: of the split.
    :return: float32, (training texts,), 0-1.
    :raises DataError: a teacher was trained on other texts, or has another dictionary.
    :raises ModelError: a folder is no model.
    """
    probabilities = corpus.training.positive.copy()
    real = len(probabilities) - corpus.added
    asked = [
        (_kept if path.suffix == SUFFIX else _model)(path, corpus, seed)
        for path in dict.fromkeys(teachers)
    ]
    for first in tqdm(range(0, real, _AT_ONCE), desc="The teachers answer", disable=None):
        some = slice(first, min(first + _AT_ONCE, real))
        taught = np.mean([teacher(some) for teacher in asked], axis=0)
        probabilities[some] += _SHARE * (taught - probabilities[some])
    return probabilities


def keep(path: Path, positive: np.ndarray, fingerprint: str, seed: int) -> None:
    """Write the answers of a teacher to a file, whole or not at all.

    :param positive: float32, (training texts,), 0-1: how likely it finds each positive.
    :param fingerprint: of the corpus.
    :param seed: of the split.
    :raises FileError: it can't be written.
    """
    content = io.BytesIO()
    np.savez(content, positive=positive, fingerprint=fingerprint, seed=seed)
    with whole(path) as write:
        write(content.getvalue())


def _read(path: Path) -> tuple[np.ndarray, str, int]:
    """What ``keep`` has written.

    :raises DataError: it has not.
    """
    try:
        file = np.load(path, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError("it is another kind of file")
        with file:
            positive = file["positive"]
            if positive.ndim != 1 or not ((positive >= 0) & (positive <= 1)).all():
                raise ValueError("they are no probabilities")
            return positive, file["fingerprint"].item(), file["seed"].item()
    except (
        OSError,
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        RuntimeError,
        zlib.error,
        zipfile.BadZipFile,
    ) as error:
        raise DataError(
            f"{path}: the answers of a teacher can't be read from it ({error}); "
            "scripts/finetune.py writes such a file"
        ) from error


def _kept(path: Path, corpus: Corpus, seed: int) -> _Teacher:
    positive, *learned = _read(path)
    if (
        learned != [corpus.fingerprint, seed]
        or len(positive) != len(corpus.training) - corpus.added
    ):
        raise DataError(
            f"{path}: a teacher must have been trained on the same rows with the same --seed and "
            "--rows"
        )
    return positive.__getitem__


def _model(folder: Path, corpus: Corpus, seed: int) -> _Teacher:
    """A model that was trained on these very texts.

    Another one could have learned from those that are held back here, whose figures would
    then be too good.
    """
    teacher = load(folder=folder)
    if not teacher.network.sequences:
        raise DataError(f"{folder}: a teacher must read words in their order, as default does")
    trained = model_folder.trained(folder)
    same = (trained.fingerprint, trained.seed) == (corpus.fingerprint, seed)
    if not same or teacher.words != corpus.words:
        raise DataError(
            f"{folder}: a teacher must have been trained on the same rows with the same "
            "--seed, --rows and --vocabulary-size"
        )
    texts = corpus.training
    return lambda some: teacher.network.probabilities(texts.rows(some).lists())[:, 1]
