"""Fitting a network to a corpus, epoch by epoch, each one kept on disk."""

import json
import os
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sentiment_repl import tweet
from sentiment_repl.errors import DataError
from sentiment_repl.training.architectures import Architecture
from sentiment_repl.training.backend import keras, tf
from sentiment_repl.training.corpus import Bags, Corpus, Sequences

_VALIDATION_BATCH = 2048  # rows; only speed and memory depend on it
_POOL = 64  # batches whose rows are sorted by length together
_LEFT_OUT = 0.05  # share of the words that a text loses, so that no word is needed
_GIVEN_BACK = 0.15  # share of the texts that get an emoticon of their label
_AT_THE_END = 0.8  # share of those that get it at the end


class Fitted(NamedTuple):
    """What training ends with."""

    model: keras.Model
    """The model to save, with the weights of the best epoch."""
    history: list[dict[str, float]]
    """One entry an epoch: accuracy, loss, val_accuracy, val_loss, seconds."""
    best_epoch: int
    """From 1: the first epoch with the highest validation accuracy."""


class Batches(keras.utils.PyDataset):
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


class _Checkpoint(keras.callbacks.Callback):
    """After each epoch: all that the next one depends on, in one file, atomically.

    :param identity: the data and options; a file of other ones is not resumed.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        super().__init__()
        self._path = path
        self._identity = json.dumps(identity, sort_keys=True)
        self.history: list[dict[str, float]] = []
        self.best_weights: list[np.ndarray] = []

    @property
    def best_epoch(self) -> int:
        accuracies = [epoch["val_accuracy"] for epoch in self.history]
        return accuracies.index(max(accuracies)) + 1

    def _variables(self) -> list[keras.Variable]:
        # The model's include the state of the random generators of its dropout.
        return [*self.model.variables, *self.model.optimizer.variables]

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        figures = {name: float(value) for name, value in (logs or {}).items()}
        self.history.append({**figures, "seconds": round(time.monotonic() - self._began, 1)})
        if self.best_epoch == len(self.history):
            self.best_weights = self.model.get_weights()
        arrays = {f"variable_{i}": v.numpy() for i, v in enumerate(self._variables())}
        arrays |= {f"best_{i}": weights for i, weights in enumerate(self.best_weights)}
        part = self._path.with_name(f"{self._path.name}.part")
        with open(part, "wb") as file:
            np.savez(file, identity=self._identity, history=json.dumps(self.history), **arrays)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)

    def restore(self) -> None:
        """Go back to the last finished epoch.

        :raises DataError: the file is damaged, or of other data or options.
        """
        try:
            with np.load(self._path, allow_pickle=False) as file:
                saved = dict(file)
            identity, history = saved["identity"].item(), json.loads(saved["history"].item())
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise DataError(
                f"{self._path}: it can't be resumed ({error}); leave out --resume to begin anew"
            ) from error
        if identity != self._identity:
            raise DataError(
                f"{self._path}: that training was begun with other data or options, {identity}, "
                f"than {self._identity}; repeat them, or leave out --resume to begin anew"
            )
        self.history = history
        for i, variable in enumerate(self._variables()):
            variable.assign(saved[f"variable_{i}"])
        self.best_weights = [saved[f"best_{i}"] for i in range(len(self.model.weights))]


class _Sequences:
    """Batches of (token numbers, label probabilities), in a new order each epoch.

    Texts of like length stand together. Each epoch leaves out other words, and gives
    back to other texts an emoticon of the kind that was taken from them for their label.

    :param emoticons: the token numbers of the emoticons of each label; may be empty.
    :param seed: None: in the order of length, nothing left out or given back.
    """

    def __init__(
        self,
        rows: Sequences,
        batch_size: int,
        emoticons: Sequence[Sequence[int]] = ((), ()),
        seed: int | None = None,
    ) -> None:
        self._rows, self._batch_size = rows, batch_size
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
            yield self._padded(rows, rng), np.eye(2, dtype=np.float32)[self._rows.labels[rows]]

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

    def _padded(self, rows: np.ndarray, rng: np.random.Generator | None) -> np.ndarray:
        """Token numbers, int32, (rows, longest of them), 0 where a row has ended."""
        lengths = self._lengths[rows]
        row_of = np.repeat(np.arange(len(rows)), lengths)
        within = np.arange(len(row_of)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        tokens = self._rows.tokens[np.repeat(self._rows.starts[rows], lengths) + within]
        if rng is not None:
            kept = rng.random(len(tokens)) >= _LEFT_OUT
            tokens, row_of = tokens[kept], row_of[kept]
            tokens, row_of = self._with_emoticons(tokens, row_of, self._rows.labels[rows], rng)
            lengths = np.bincount(row_of, minlength=len(rows))
            within = np.arange(len(row_of)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        matrix = np.zeros((len(rows), max(lengths.max(), 1)), np.int32)
        matrix[row_of, within] = tokens
        return matrix

    def _with_emoticons(
        self, tokens: np.ndarray, row_of: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        given = np.flatnonzero(rng.random(len(labels)) < _GIVEN_BACK)
        given = given[[len(self._emoticons[label]) > 0 for label in labels[given]]]
        # Most people end with it; the others put it anywhere.
        first, end = (np.searchsorted(row_of, given, side) for side in ("left", "right"))
        places = np.where(rng.random(len(given)) < _AT_THE_END, end, rng.integers(first, end + 1))
        values = [rng.choice(self._emoticons[label]) for label in labels[given]]
        return np.insert(tokens, places, values), np.insert(row_of, places, given)


def fit(
    architecture: Architecture,
    corpus: Corpus,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    checkpoint: Path,
    resume: bool,
    verbose: int,
) -> Fitted:
    """Train, and keep the epoch with the best validation accuracy.

    The same corpus, options and seed give the same weights on the same machine.

    :param checkpoint: the file that keeps the last finished epoch.
    :param resume: go on from that file, if there is one.
    :param verbose: as in Keras: 1 a live progress bar, 2 one line an epoch, 0 nothing.
    :raises DataError: the checkpoint is damaged, or of other data or options.
    """
    keras.utils.set_random_seed(seed)
    built = architecture.build(corpus.words)
    trained = built.trained
    batches = -(-len(corpus.training) // batch_size)
    trained.compile(
        optimizer=architecture.optimizer(batches * epochs),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # compiling for the CPU makes a step several times slower
    )
    trained.optimizer.build(trained.trainable_variables)
    identity = {
        "architecture": architecture.name,
        "batch_size": batch_size,
        "data": corpus.fingerprint,
        "seed": seed,
        "words": len(corpus.words),
    }
    if architecture.sequences:
        identity["epochs"] = epochs  # on which the learning rate depends
    keeper = _Checkpoint(checkpoint, identity)
    keeper.set_model(trained)
    if resume and checkpoint.exists():
        keeper.restore()
    done = len(keeper.history)
    if done > epochs:
        raise DataError(f"{checkpoint}: {done} epochs are done, more than --epochs {epochs}")
    training: Any
    validation: Any
    if isinstance(corpus.training, Sequences):
        emoticons = _emoticons(corpus.words)
        training = _Sequences(corpus.training, batch_size, emoticons, seed).dataset(done, epochs)
        validation = _Sequences(corpus.validation, _VALIDATION_BATCH).dataset()
    else:
        training = Batches(corpus.training, batch_size, seed, epoch=done)
        validation = Batches(corpus.validation, _VALIDATION_BATCH)
    trained.fit(
        training,
        validation_data=validation,
        steps_per_epoch=batches,
        initial_epoch=done,
        epochs=epochs,
        shuffle=False,  # the batches are, by themselves
        callbacks=[keeper],
        verbose=verbose,
    )
    trained.set_weights(keeper.best_weights)
    built.transfer()
    return Fitted(built.saved, keeper.history, keeper.best_epoch)


def _emoticons(words: Mapping[str, int]) -> list[list[int]]:
    """The token numbers of the emoticons that gave each label and were taken away."""
    return [
        [words[emoticon] * tweet.STYLES for emoticon in some if emoticon in words]
        for some in ((tweet.FROWN,), (tweet.SMILE, tweet.SMILE, tweet.LAUGH))
    ]
