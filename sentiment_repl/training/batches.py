"""What the two kinds of networks are fed with while they train."""

from collections.abc import Iterator, Sequence

import numpy as np

from sentiment_repl.network.recurrent import counted
from sentiment_repl.training.backend import keras, tf
from sentiment_repl.data.corpus import Bags, Sequences
from sentiment_repl.text.social_tokenizer import STYLES

_POOL = 64  # batches whose rows are sorted by length together
_LEFT_OUT = 0.05  # share of the words that a text loses, so that no word is needed
_GIVEN_BACK = 0.05  # share of the texts that get an emoticon of their label
_AT_THE_END = 0.8  # share of those that get it at the end


class BagBatches(keras.utils.PyDataset):
    """Batches of (padded columns, one-hot labels), in a new order each epoch.

    The order depends on the seed and the epoch alone, so a resumed run sees what
    an unbroken one would have seen. Without a seed the order is that of the rows.
    """

    def __init__(
        self, bags: Bags, batch_size: int, seed: int | None = None, epoch: int = 0
    ) -> None:
        super().__init__()
        self._bags, self._batch_size, self._seed, self._epoch = bags, batch_size, seed, epoch
        self._set_order()

    def _set_order(self) -> None:
        self._order = np.arange(len(self._bags))
        if self._seed is not None:
            np.random.default_rng([self._seed, self._epoch]).shuffle(self._order)

    def __len__(self) -> int:
        return -(-len(self._bags) // self._batch_size)

    def __getitem__(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self._order[batch * self._batch_size : (batch + 1) * self._batch_size]
        return self._bags.padded(rows), np.eye(2, dtype=np.float32)[self._bags.labels[rows]]

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._set_order()


class _Identities:
    """Sets of words that name who somebody is, so mixed that none tells a label.

    A word of a set becomes any of the set, drawn anew (counterfactual augmentation; Lu et
    al. 2020, arXiv:1807.11714), which makes those of a set alike. Where sentences can do
    without, another one is put into another text, whatever its label, which makes the set
    as a whole mean less.

    :param needed: sets of columns of the dictionary, without which sentences would break.
    :param others: further sets.
    :param columns: how many the dictionary has.
    """

    def __init__(
        self, needed: Sequence[Sequence[int]], others: Sequence[Sequence[int]], columns: int
    ) -> None:
        sets = [*needed, *others]
        self._needed = len(needed)
        self._sizes = np.array([0, *map(len, sets)])
        self._members = np.zeros((len(self._sizes), self._sizes.max()), np.int32)
        self._set_of = np.zeros(columns, np.int32)
        for number, members in enumerate(sets, start=1):
            self._members[number, : len(members)] = members
            self._set_of[[column for column in members if column < columns]] = number

    def mixed(
        self, tokens: np.ndarray, row_of: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Token numbers and their rows, ascending, with other words of the sets."""
        found = np.flatnonzero(self._set_of[tokens // STYLES])
        sets, styles = self._set_of[tokens[found] // STYLES], tokens[found] % STYLES
        mixed = tokens.copy()
        mixed[found] = self._drawn(sets, rng) * STYLES + styles
        more = sets > self._needed
        places = rng.integers(len(tokens), size=more.sum()) if more.any() else found[:0]
        values = self._drawn(sets[more], rng) * STYLES + styles[more]
        return np.insert(mixed, places, values), np.insert(row_of, places, row_of[places])

    def _drawn(self, sets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return self._members[sets, rng.integers(self._sizes[sets])]


class SequenceBatches:
    """Batches of (token numbers, label probabilities), in a new order each epoch.

    Texts of like length stand together. Each epoch leaves out other words, gives back to
    other texts an emoticon of the kind that was taken from them for their label, and makes
    other people of those that a text speaks of.

    :param emoticons: the token numbers of the emoticons of each label; may be empty.
    :param terms: as ``identity.term_columns`` gives them.
    :param seed: None: in the order of length, nothing left out or given back.
    :param positive: how likely each text is positive, 0-1, if not as its label has it.
    """

    def __init__(
        self,
        rows: Sequences,
        batch_size: int,
        emoticons: Sequence[Sequence[int]] = ((), ()),
        terms: tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]] = ((), ()),
        seed: int | None = None,
        positive: np.ndarray | None = None,
    ) -> None:
        self._rows, self._batch_size = rows, batch_size
        self._positive = rows.positive if positive is None else positive
        columns = int(rows.tokens.max(initial=0)) // STYLES + 1
        self._identities = _Identities(*terms, columns)
        self._emoticons, self._seed = [np.array(some, np.int32) for some in emoticons], seed
        self._lengths = np.diff(rows.starts)

    def __len__(self) -> int:
        return -(-len(self._rows) // self._batch_size)

    def dataset(self, epoch: int = 0, epochs: int = 1) -> tf.data.Dataset:
        """The batches of the epochs from the one to the other, for Keras' ``fit``."""
        batches = tf.data.Dataset.from_generator(
            lambda: (batch for number in range(epoch, epochs) for batch in self.epoch(number)),
            output_signature=(
                tf.TensorSpec((None, None), tf.int32),
                tf.TensorSpec((None, 2), tf.float32),
            ),
        )
        count = len(self) * (epochs - epoch)
        return batches.apply(tf.data.experimental.assert_cardinality(count)).prefetch(4)

    def epoch(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of one epoch."""
        rng = None if self._seed is None else np.random.default_rng([self._seed, number])
        for rows in self._batches(rng):
            yield self._batch(rows, rng)

    def _batches(self, rng: np.random.Generator | None) -> list[np.ndarray]:
        order = np.arange(len(self._rows))
        if rng is not None:
            rng.shuffle(order)
        many = self._batch_size * (_POOL if rng is not None else len(order))
        batches = []
        for first in range(0, len(order), many):
            pool = order[first : first + many]
            pool = pool[np.argsort(self._lengths[pool], kind="stable")]
            batches += np.split(pool, range(self._batch_size, len(pool), self._batch_size))
        return batches if rng is None else [batches[i] for i in rng.permutation(len(batches))]

    def _batch(
        self, rows: np.ndarray, rng: np.random.Generator | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Token numbers, int32, (rows, longest of them), 0 where a row has ended; labels."""
        positive = self._positive[rows]
        lengths = self._lengths[rows]
        row_of = np.repeat(np.arange(len(rows)), lengths)
        tokens = self._rows.tokens[np.repeat(self._rows.starts[rows], lengths) + counted(lengths)]
        if rng is not None:
            kept = rng.random(len(tokens)) >= _LEFT_OUT
            tokens, row_of = tokens[kept], row_of[kept]
            tokens, row_of = self._identities.mixed(tokens, row_of, rng)
            labels = self._rows.positive[rows]
            tokens, row_of, given = self._with_emoticons(tokens, row_of, labels, rng)
            positive[given] = labels[given]  # which an emoticon leaves no doubt of
            lengths = np.bincount(row_of, minlength=len(rows))
        matrix = np.zeros((len(rows), max(lengths.max(), 1)), np.int32)
        matrix[row_of, counted(lengths)] = tokens
        return matrix, np.stack([1 - positive, positive], axis=1)

    def _with_emoticons(
        self, tokens: np.ndarray, row_of: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Token numbers, their rows, and which rows have got an emoticon."""
        # To those alone whose label is sure; others may be neither.
        known = [label for label, some in enumerate(self._emoticons) if len(some)]
        given = np.flatnonzero((rng.random(len(labels)) < _GIVEN_BACK) & np.isin(labels, known))
        # Most people end with it; the others put it anywhere.
        first, end = (np.searchsorted(row_of, given, side) for side in ("left", "right"))
        places = np.where(rng.random(len(given)) < _AT_THE_END, end, rng.integers(first, end + 1))
        values = [rng.choice(self._emoticons[label]) for label in labels[given].astype(int)]
        return np.insert(tokens, places, values), np.insert(row_of, places, given), given
