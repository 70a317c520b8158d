"""Batches of encoded texts, for training and for evaluation."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.data.augmentation import Augmentation, Tokens
from sentiment_repl.data.corpus import EncodedTexts
from sentiment_repl.network.recurrent import count_within
from sentiment_repl.training.backend import tf

_POOL = 64  # batches whose texts are sorted by length together

Batch = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]
"""Padded ids (texts, longest), targets (texts, classes), weights (texts,)."""

Rows = NDArray[np.intp]
"""Indices of texts."""


class TextBatches:
    """Batches of texts, in a new order each epoch.

    The batches of an epoch depend on the seed and the epoch alone, so that a resumed training
    sees what an uninterrupted one would have seen.

    :param seed: of the order and the augmentation. None keeps the order of length.
    :param by_length: whether texts of similar length share a batch.
    :param augmentation: changes the texts in each epoch.
    :param epoch_rows: an epoch reads at most so many texts of a source: those with soft targets
        in each epoch, and a new part of the others.
    """

    def __init__(
        self,
        texts: EncodedTexts,
        batch_size: int,
        seed: int | None = None,
        *,
        by_length: bool = True,
        augmentation: Augmentation | None = None,
        epoch_rows: int | None = None,
    ) -> None:
        self._texts, self._batch_size, self._seed = texts, batch_size, seed
        self._by_length, self._augmentation = by_length, augmentation
        self._lengths = texts.lengths
        self._epoch_rows = epoch_rows or len(texts)

    def __len__(self) -> int:
        rows = np.minimum(np.bincount(self._texts.sources), self._epoch_rows).sum()
        return int(-(-rows // self._batch_size))

    def dataset(self, first_epoch: int = 0, epochs: int = 1) -> tf.data.Dataset:
        """Return the batches from one epoch up to another, for ``keras.Model.fit``."""
        numbers = range(first_epoch, epochs)
        batches = tf.data.Dataset.from_generator(
            lambda: chain.from_iterable(self.epoch(number) for number in numbers),
            output_signature=(
                tf.TensorSpec((None, None), tf.int32),
                tf.TensorSpec((None, self._texts.targets.shape[1]), tf.float32),
                tf.TensorSpec((None,), tf.float32),
            ),
        )
        count = len(self) * len(numbers)
        return batches.apply(tf.data.experimental.assert_cardinality(count)).prefetch(4)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of one epoch."""
        rng = None if self._seed is None else np.random.default_rng([self._seed, number])
        for rows in self._rows_of_batches(self._rows_of_epoch(number), rng):
            yield self._batch(rows, rng)

    def _rows_of_epoch(self, number: int) -> Rows:
        """Return the texts of an epoch in their order: a new part of each large source."""
        chosen = []
        for source in np.unique(self._texts.sources):
            rows = np.flatnonzero(self._texts.sources == source)
            if len(rows) > self._epoch_rows:
                rows = self._part(rows, number)
            chosen.append(rows)
        return np.concatenate(chosen)

    def _part(self, rows: Rows, number: int) -> Rows:
        """Return the taught texts of a source, and as many others as an epoch has room for."""
        taught = self._texts.taught[rows]
        always, others = rows[taught][: self._epoch_rows], rows[~taught]
        room = self._epoch_rows - len(always)
        shuffled = np.random.default_rng(self._seed or 0).permutation(others)
        part = shuffled.take(np.arange(room) + number * room, mode="wrap")
        return np.sort(np.concatenate([always, part]))

    def _rows_of_batches(self, order: Rows, rng: np.random.Generator | None) -> list[Rows]:
        pool_size = len(order)
        if rng is not None:
            rng.shuffle(order)
            pool_size = self._batch_size * _POOL
        batches: list[Rows] = []
        for first in range(0, len(order), pool_size):
            pool = order[first : first + pool_size]
            if self._by_length:
                pool = pool[np.argsort(self._lengths[pool], kind="stable")]
            batches += np.split(pool, range(self._batch_size, len(pool), self._batch_size))
        if rng is None or not self._by_length:
            return batches
        return [batches[i] for i in rng.permutation(len(batches))]

    def _batch(self, rows: Rows, rng: np.random.Generator | None) -> Batch:
        lengths, targets = self._lengths[rows], self._texts.targets[rows]
        indices = np.repeat(self._texts.starts[rows], lengths) + count_within(lengths)
        tokens = Tokens(self._texts.ids[indices], np.repeat(np.arange(len(rows)), lengths))
        if self._augmentation is not None and rng is not None:
            labels = self._texts.labels[rows]
            tokens, decided = self._augmentation.apply(tokens, labels, rng)
            targets[decided] = np.eye(targets.shape[1])[labels[decided]]
            lengths = np.bincount(tokens.text_of, minlength=len(rows))
        matrix = np.zeros((len(rows), max(lengths.max(), 1)), np.int32)
        matrix[tokens.text_of, count_within(lengths)] = tokens.ids
        return matrix, targets, self._texts.weights[rows]
