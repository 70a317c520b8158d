"""Soft targets: learn from the answers of teachers as well as from labels.

A label by emoticon is negative or positive, and one in six is wrong. The mean answer of several
teachers says how clear a text is (knowledge distillation; Hinton et al. 2015, arXiv:1503.02531).

A teacher is a model folder, or a file of soft targets that ``training/finetune.py`` wrote. It
must have been trained with the same seed: then the texts that are held out here were held out
from it, too.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from sentiment_repl import model_folder
from sentiment_repl.classifier import load, softmax
from sentiment_repl.data.sources import Example
from sentiment_repl.data.split import is_held_out, stable_hash
from sentiment_repl.errors import DataError
from sentiment_repl.files.atomic import write_atomically

SUFFIX = ".npz"
"""The suffix of a file of soft targets."""

_TEACHER_SHARE = 0.7  # of a student's target; the rest is the label
_BATCH = 20_000  # texts

Teacher = Callable[[list[str]], NDArray[np.floating]]
"""From texts to the probability of each class, (texts, classes)."""


def load_teacher(path: Path, classes: Sequence[str], seed: int) -> Teacher:
    """Load a teacher.

    :param path: a model folder, or a file of ``save_soft_targets``.
    :param classes: the labels of the student's classes.
    :param seed: of the split.
    :raises DataError: the file holds no soft targets, or the teacher has another seed or other
        labels.
    :raises ModelError: the folder is not a model.
    """
    if path.suffix == SUFFIX:
        return _load_soft_targets(path, classes, seed)
    classifier = load(folder=path)
    _check(path, classifier.labels, model_folder.read_training_record(path).seed, classes, seed)
    return lambda texts: softmax(classifier.logits(texts))


def with_soft_targets(
    examples: Iterable[Example], teachers: Sequence[Teacher], seed: int
) -> Iterator[Example]:
    """Replace the probabilities of training examples with soft targets.

    Target = 0.7 × mean teacher probability + 0.3 × label. Held-out examples stay as they are.

    :raises DataError: a file has no soft targets for an example.
    """
    examples = iter(examples)
    with tqdm(desc="Soft targets", unit=" texts", unit_scale=True, disable=None) as bar:
        while batch := list(islice(examples, _BATCH)):
            held_out = [is_held_out(example.text, seed) for example in batch]
            texts = [example.text for example, held in zip(batch, held_out) if not held]
            taught = iter(np.mean([teacher(texts) for teacher in teachers], axis=0).tolist())
            for example, held in zip(batch, held_out):
                yield example if held else _blend(example, next(taught))
            bar.update(len(batch))


def _blend(example: Example, taught: Sequence[float]) -> Example:
    return example._replace(
        probabilities=tuple(
            _TEACHER_SHARE * soft + (1 - _TEACHER_SHARE) * hard
            for soft, hard in zip(taught, example.probabilities)
        )
    )


def save_soft_targets(
    path: Path,
    texts: Iterable[str],
    probabilities: NDArray[np.floating],
    classes: Sequence[str],
    seed: int,
) -> None:
    """Write the answers of a teacher to a file, completely or not at all.

    The file holds a hash of each text, not the text.

    :param probabilities: (texts, classes).
    :param classes: the label of each class.
    :param seed: of the split that the teacher was trained with.
    :raises FileError: the file can't be written.
    """
    hashes, first = np.unique(_hashes(texts), return_index=True)
    content = io.BytesIO()
    np.savez(
        content,
        hashes=hashes,
        probabilities=probabilities[first].astype(np.float32),
        classes=np.array(classes),
        seed=seed,
    )
    with write_atomically(path) as write:
        write(content.getvalue())


def _load_soft_targets(path: Path, classes: Sequence[str], seed: int) -> Teacher:
    try:
        file = np.load(path, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError("it is another kind of file")
        with file:
            hashes, probabilities = file["hashes"], file["probabilities"]
            found_classes, found_seed = file["classes"].tolist(), file["seed"].item()
        if not hashes.size or probabilities.shape != (*hashes.shape, len(found_classes)):
            raise ValueError("its arrays do not fit together")
        if not ((probabilities >= 0) & (probabilities <= 1)).all():
            raise ValueError("it holds numbers that are not probabilities")
    except Exception as error:  # NumPy raises many kinds
        raise DataError(
            f"{path}: not a file of soft targets ({error}); the fine-tuning program writes them"
        ) from error
    _check(path, found_classes, found_seed, classes, seed)

    def look_up(texts: list[str]) -> NDArray[np.floating]:
        wanted = _hashes(texts)
        indices = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
        if not np.array_equal(hashes[indices], wanted):
            raise DataError(
                f"{path}: it has no soft targets for a training text; write it again with the same "
                "--data, --rows and --seed"
            )
        targets: NDArray[np.floating] = probabilities[indices]
        return targets

    return look_up


def _hashes(texts: Iterable[str]) -> NDArray[np.uint64]:
    return np.fromiter(map(stable_hash, texts), np.uint64)


def _check(
    path: Path, found_classes: Sequence[str], found_seed: object, classes: Sequence[str], seed: int
) -> None:
    if list(found_classes) != list(classes):
        raise DataError(
            f"{path}: a teacher must have the labels {', '.join(classes)}, "
            f"not {', '.join(map(str, found_classes))}"
        )
    if found_seed != seed:
        raise DataError(
            f"{path}: a teacher must have been trained with --seed {seed}, not {found_seed}; with "
            "another seed it has seen texts that are held out here"
        )
