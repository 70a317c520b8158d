"""A corpus in memory: encoded training texts, held-out texts and their vocabulary."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, NEUTRAL, POSITIVE
from sentiment_repl.data.corpus_encoder import CorpusEncoder, Ids, Starts
from sentiment_repl.data.labels import LABELS
from sentiment_repl.data.reserved import is_reserved
from sentiment_repl.data.sources import Earlier, Example, Source, Teach, sampled
from sentiment_repl.data.split import is_key_held_out, split_key, stable_hash
from sentiment_repl.data.targets import NO_LABEL, build_targets, build_weights
from sentiment_repl.errors import DataError
from sentiment_repl.text.vocabulary import build_vocabulary

_FINGERPRINT_LABELS = {NEGATIVE: 0, POSITIVE: 1, NEUTRAL: 2}
_MOST_SHOWN = 20_000  # texts of a source that later sources see


@dataclass(frozen=True)
class EncodedTexts:
    """Examples with ids for texts, one after the other in one array."""

    ids: Ids  # text i has ids[starts[i]:starts[i + 1]]
    starts: Starts  # (texts + 1,)
    targets: NDArray[np.float32]  # (texts, classes): the probability of each class, or NaN
    weights: NDArray[np.float32]  # (texts,)
    labels: NDArray[np.int8]  # (texts,): the index of the class, or NO_LABEL
    sources: NDArray[np.int16]  # (texts,): the index of the source
    taught: NDArray[np.bool_]  # (texts,): whether a teacher has answered

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of ids of each text, (texts,)."""
        return np.diff(self.starts)

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """Whether the source of each text knows all classes, (texts,)."""
        return np.logical_not(np.isnan(self.targets).any(axis=1))

    def lists(self) -> list[list[int]]:
        """Return the ids of each text as a list."""
        ids, starts = self.ids.tolist(), self.starts.tolist()
        return [ids[start:end] for start, end in pairwise(starts)]


class SourceRows(NamedTuple):
    """What a source has given to a corpus."""

    name: str
    weight: float
    licence: str | None
    is_measured: bool
    labels: Counter[str]
    """The number of its rows with each label. Rows with a label that the model lacks count."""
    training: int
    held_out: int
    reserved: int
    """The number of its rows whose texts are reserved for tests, and left out."""


class Corpus(NamedTuple):
    """Training and held-out examples. No text is among both, whatever its sources."""

    classes: tuple[str, ...]
    """The label of each class."""
    vocabulary: dict[str, int]
    training: EncodedTexts
    held_out: EncodedTexts
    fingerprint: str
    """A SHA-256 of the labels and texts of the measured sources, in order."""
    sources: tuple[SourceRows, ...]

    def description(self) -> dict[str, Any]:
        """Return what ``metrics.json`` says about the data."""
        return {
            "fingerprint": self.fingerprint,
            "rows_training": len(self.training),
            "rows_validation": len(self.held_out),
            "sources": [
                {
                    "name": rows.name,
                    "licence": rows.licence,
                    "weight": rows.weight,
                    "labels": dict(rows.labels),
                    "rows_training": rows.training,
                    "rows_validation": rows.held_out,
                }
                for rows in self.sources
                if rows.training or rows.held_out
            ],
        }


def build_corpus(
    sources: Iterable[Source],
    *,
    encoder: CorpusEncoder,
    seed: int,
    vocabulary_size: int,
    classes: Sequence[str] | None = None,
    vocabulary: dict[str, int] | None = None,
    epoch_rows: int | None = None,
    teach: Teach | None = None,
) -> Corpus:
    """Read, split and encode the examples of all sources.

    :param seed: decides the split.
    :param vocabulary_size: the number of word ids, padding included.
    :param classes: the label of each class; rows with another label are left out. By default
        the labels that occur.
    :param vocabulary: takes the place of a new vocabulary.
    :param epoch_rows: an epoch reads at most so many rows of a source. A word counts as often
        as an epoch reads it.
    :param teach: adds soft targets to the training examples of the measured sources.
    :raises DataError: too few examples, or a label without any.
    """
    training, held_out = _Collector(encoder), _Collector(encoder)
    digest = hashlib.sha256()
    read: list[SourceRows] = []
    texts: list[str] = []
    for index, source in enumerate(sources):
        rows = sum(_rows_of_epoch(one, epoch_rows) for one in read)
        examples = source.examples(Earlier(rows, texts))
        sides = _split(source, examples, classes, seed)
        if source.is_measured:
            for example in sides.all:
                digest.update(_hash_example(example))
            texts += [one.text for one in sampled(sides.training, _MOST_SHOWN, seed)]
        taught = teach(sides.training) if teach and source.is_measured else sides.training
        training.add(taught, index)
        held_out.add(sides.held_out, index)
        read.append(_describe(source, sides))
    classes = tuple(classes or _labels_of(read))
    _check_labels(read, classes)
    if vocabulary is None:
        vocabulary = _build_vocabulary(encoder, training, read, epoch_rows, vocabulary_size)
    return Corpus(
        classes,
        vocabulary,
        training.encoded(vocabulary, classes, read),
        held_out.encoded(vocabulary, classes, read),
        digest.hexdigest(),
        tuple(read),
    )


class Sides(NamedTuple):
    """The examples of a source."""

    all: Sequence[Example]
    """Those with a label of the model, in order."""
    training: Sequence[Example]
    held_out: Sequence[Example]
    left_out: Counter[str]
    """The number of rows with each label that the model lacks."""
    reserved: int
    """The number of rows whose texts are reserved for tests."""


def _split(
    source: Source, examples: Iterable[Example], classes: Sequence[str] | None, seed: int
) -> Sides:
    """Split the examples of a source. A text that is held out is trained on from no source."""
    usable, left_out, reserved = [], Counter[str](), 0
    training: list[Example] = []
    held_out: list[Example] = []
    for example in examples:
        key = split_key(example.text)
        if is_reserved(key):
            reserved += 1
        elif source.is_measured and classes and example.label not in classes:
            left_out[example.label] += 1
        else:
            usable.append(example)
            (held_out if is_key_held_out(key, seed) else training).append(example)
    return Sides(usable, training, held_out if source.is_measured else [], left_out, reserved)


def _hash_example(example: Example) -> bytes:
    text = f"{_FINGERPRINT_LABELS[example.label]}\t{example.text}"
    return stable_hash(text).to_bytes(8, "big")


def _describe(source: Source, sides: Sides) -> SourceRows:
    labels = Counter(example.label for example in sides.all) + sides.left_out
    return SourceRows(
        source.name,
        source.weight,
        source.licence,
        source.is_measured,
        labels,
        len(sides.training),
        len(sides.held_out),
        sides.reserved,
    )


def _rows_of_epoch(rows: SourceRows, epoch_rows: int | None) -> int:
    return min(rows.training, epoch_rows or rows.training)


def _labels_of(read: Iterable[SourceRows]) -> list[str]:
    found = {label for rows in read if rows.is_measured for label in rows.labels}
    return [label for label in LABELS if label in found]


def _check_labels(read: Sequence[SourceRows], classes: Sequence[str]) -> None:
    measured = [rows for rows in read if rows.is_measured]
    needed = [label for label in LABELS if label in {NEGATIVE, POSITIVE, *classes}]
    wanted = f"rows with the labels {', '.join(needed)} are needed"
    labels = sum((rows.labels for rows in measured), Counter[str]())
    count = sum(labels[label] for label in classes)
    if not count:
        raise DataError(f"no usable row; {wanted}")
    if missing := [label for label in needed if not labels[label]]:
        hint = "; --data human FILE adds public ones" if missing == [NEUTRAL] else ""
        raise DataError(f"no row has the label {' or '.join(missing)}; {wanted}{hint}")
    if not all(sum(getattr(rows, side) for rows in measured) for side in ("training", "held_out")):
        raise DataError(f"{count} rows are too few: one text in ten must be held out")


def _build_vocabulary(
    encoder: CorpusEncoder,
    training: "_Collector",
    read: Sequence[SourceRows],
    epoch_rows: int | None,
    size: int,
) -> dict[str, int]:
    """Count the words of the training texts of measured sources. Held-out texts stay unseen."""
    share = np.array([
        _rows_of_epoch(rows, epoch_rows) / max(rows.training, 1) if rows.is_measured else 0
        for rows in read
    ])  # fmt: skip
    counts = encoder.word_counts(training.provisional, training.spread(share))
    return build_vocabulary(counts, size)


class _Collector:
    """Collects examples in arrays. It does not keep the texts."""

    def __init__(self, encoder: CorpusEncoder) -> None:
        self._encoder = encoder
        self.provisional = array("i")
        self._labels, self._sources = array("b"), array("h")
        self._starts, self._soft = array("q", [0]), array("f")

    def add(self, examples: Iterable[Example], source: int) -> None:
        for example in examples:
            self._encoder.add(example.text, self.provisional)
            self._starts.append(len(self.provisional))
            self._labels.append(LABELS.index(example.label))
            self._sources.append(source)
            soft = example.soft or ()
            self._soft.extend((*soft, *[np.nan] * (len(LABELS) - len(soft))))

    def spread(self, of_source: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give each provisional id the value of its source."""
        starts = np.frombuffer(self._starts, np.int64)
        spread: NDArray[np.float64] = np.repeat(
            of_source[self._source_of], starts[1:] - starts[:-1]
        )
        return spread

    @property
    def _source_of(self) -> NDArray[np.int16]:
        return np.frombuffer(self._sources, np.int16)

    def encoded(
        self, vocabulary: dict[str, int], classes: tuple[str, ...], read: Sequence[SourceRows]
    ) -> EncodedTexts:
        ids, starts = self._encoder.encode(
            self.provisional, np.frombuffer(self._starts, np.int64), vocabulary
        )
        class_of = [classes.index(label) if label in classes else NO_LABEL for label in LABELS]
        labels = np.array(class_of, np.int8)[np.frombuffer(self._labels, np.int8)]
        soft = np.frombuffer(self._soft, np.float32).reshape(-1, len(LABELS))[:, : len(classes)]
        taught = np.logical_not(np.isnan(soft[:, 0]))
        weights = [rows.weight for rows in read]
        polar = np.array([not rows.labels[NEUTRAL] for rows in read])
        return EncodedTexts(
            ids,
            starts,
            build_targets(labels, soft, self._source_of, polar, classes),
            build_weights(labels, taught, self._source_of, weights, polar, classes),
            labels,
            self._source_of,
            taught,
        )
