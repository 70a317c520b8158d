"""A corpus in memory: encoded training texts, held-out texts and their vocabulary."""

import hashlib
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.data.corpus_encoder import CorpusEncoder, Ids, Starts
from sentiment_repl.data.sources import Example, Source
from sentiment_repl.data.split import is_held_out, stable_hash
from sentiment_repl.errors import DataError
from sentiment_repl.text.vocabulary import build_vocabulary

NO_LABEL = -1
"""Stands in ``EncodedTexts.labels`` for an example without a label."""


@dataclass(frozen=True)
class EncodedTexts:
    """Examples with ids for texts, one after the other in one array."""

    ids: Ids  # text i has ids[starts[i]:starts[i + 1]]
    starts: Starts  # (texts + 1,)
    targets: NDArray[np.float32]  # (texts, classes): the probability of each class
    weights: NDArray[np.float32]  # (texts,)
    labels: NDArray[np.int8]  # (texts,): the index of the label, or NO_LABEL

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of ids of each text, (texts,)."""
        return np.diff(self.starts)

    def lists(self) -> list[list[int]]:
        """Return the ids of each text as a list."""
        ids, starts = self.ids.tolist(), self.starts.tolist()
        return [ids[start:end] for start, end in pairwise(starts)]


class Corpus(NamedTuple):
    """Training and held-out examples. No text is among both."""

    classes: tuple[str, ...]
    """The label of each class."""
    vocabulary: dict[str, int]
    training: EncodedTexts
    """The labelled examples, followed by those of each source."""
    held_out: EncodedTexts
    fingerprint: str
    """A SHA-256 of the labelled examples, held-out ones included: their labels and texts, in
    order."""
    added: dict[str, int]
    """How many training examples each source has added, by its name."""

    @property
    def labelled_training_rows(self) -> int:
        """How many of the training examples are labelled examples."""
        return len(self.training) - sum(self.added.values())


def build_corpus(
    labelled: Iterable[Example],
    sources: Iterable[Source],
    *,
    classes: Sequence[str],
    encoder: CorpusEncoder,
    seed: int,
    vocabulary_size: int,
    vocabulary: dict[str, int] | None = None,
) -> Corpus:
    """Split and encode examples.

    A text in the held-out set is never trained on, whichever source it comes from.

    :param labelled: examples with a label.
    :param sources: further training examples. They do not influence the vocabulary.
    :param classes: the label of each class.
    :param seed: decides the split.
    :param vocabulary_size: the number of word ids, padding included.
    :param vocabulary: takes the place of a new vocabulary.
    :raises DataError: too few examples, or a label without any.
    """
    training, held_out = _Collector(encoder), _Collector(encoder)
    digest = hashlib.sha256()
    for example in labelled:
        (held_out if is_held_out(example.text, seed) else training).add(example)
        digest.update(stable_hash(f"{example.label}\t{example.text}").to_bytes(8, "big"))
    _check_labels(training.labels, held_out.labels, classes)
    if vocabulary is None:
        # Held-out texts stay unseen: their words are not counted.
        counts = encoder.word_counts(training.provisional)
        vocabulary = build_vocabulary(counts, vocabulary_size)
    added = {}
    rows = len(training) + len(held_out)
    for source in sources:
        before = len(training)
        for example in source.examples(rows):
            if not is_held_out(example.text, seed):
                training.add(example)
        added[source.name] = len(training) - before
    return Corpus(
        tuple(classes),
        vocabulary,
        training.encoded(vocabulary),
        held_out.encoded(vocabulary),
        digest.hexdigest(),
        added,
    )


def split_examples(
    labelled: Iterable[Example], classes: Sequence[str], seed: int
) -> tuple[list[Example], list[Example]]:
    """Split examples into training and held-out ones, as ``build_corpus`` does.

    :raises DataError: too few examples, or a label without any.
    """
    training: list[Example] = []
    held_out: list[Example] = []
    for example in labelled:
        (held_out if is_held_out(example.text, seed) else training).append(example)
    _check_labels(
        [example.label for example in training], [example.label for example in held_out], classes
    )
    return training, held_out


def _check_labels(
    training: Collection[int | None], held_out: Collection[int | None], classes: Sequence[str]
) -> None:
    needed = f"rows with the labels {', '.join(classes)} are needed"
    rows = len(training) + len(held_out)
    if not rows:
        raise DataError(f"no usable row; {needed}")
    found = {*training, *held_out}
    missing = [label for index, label in enumerate(classes) if index not in found]
    if missing:
        raise DataError(f"no row has the label {' or '.join(missing)}; {needed}")
    if not training or not held_out:
        raise DataError(f"{rows} rows are too few: one text in ten must be held out")


class _Collector:
    """Collects examples in arrays. It does not keep the texts."""

    def __init__(self, encoder: CorpusEncoder) -> None:
        self._encoder = encoder
        self.provisional = array("i")
        self.labels = array("b")
        self._starts, self._targets, self._weights = array("q", [0]), array("f"), array("f")

    def __len__(self) -> int:
        return len(self.labels)

    def add(self, example: Example) -> None:
        self._encoder.add(example.text, self.provisional)
        self._starts.append(len(self.provisional))
        self._targets.extend(example.probabilities)
        self._weights.append(example.weight)
        self.labels.append(NO_LABEL if example.label is None else example.label)

    def encoded(self, vocabulary: dict[str, int]) -> EncodedTexts:
        ids, starts = self._encoder.encode(
            self.provisional, np.frombuffer(self._starts, np.int64), vocabulary
        )
        return EncodedTexts(
            ids,
            starts,
            np.frombuffer(self._targets, np.float32).reshape(len(self), -1),
            np.frombuffer(self._weights, np.float32),
            np.frombuffer(self.labels, np.int8),
        )
