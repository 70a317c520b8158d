"""Fitting a network to a corpus, epoch by epoch, each one kept on disk."""

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sentiment_repl import model_folder
from sentiment_repl.text import social_tokenizer
from sentiment_repl.errors import DataError, Failure
from sentiment_repl.training.architectures import Architecture
from sentiment_repl.training.backend import keras
from sentiment_repl.training.batches import BagBatches, SequenceBatches
from sentiment_repl.data.corpus import Corpus, Sequences
from sentiment_repl.data.identity_terms import term_columns
from sentiment_repl.training.export import check_size, take

_VALIDATION_BATCH = 2048  # rows; only speed and memory depend on it


class Fitted(NamedTuple):
    """What training ends with."""

    model: keras.Model
    """The model to save, with the weights of the best epoch."""
    history: list[dict[str, float]]
    """One entry an epoch: accuracy, loss, val_accuracy, val_loss, seconds."""
    best_epoch: int
    """From 1: the first epoch with the highest validation accuracy."""
    before: float | None
    """The validation accuracy of the model that was started from; None if there was none."""


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
        try:
            with open(part, "wb") as file:
                np.savez(file, identity=self._identity, history=json.dumps(self.history), **arrays)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()  # which may be what fills the disk
            way_on = "; --resume goes on from the last one that was" if self._path.exists() else ""
            raise Failure(
                f"{self._path}: the epoch can't be kept: {error.strerror or error}{way_on}"
            ) from error

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
    positive: np.ndarray | None = None,
    start: model_folder.Files | None = None,
    average: bool = False,
) -> Fitted:
    """Train, and keep the epoch with the best validation accuracy.

    The same corpus, options and seed give the same weights on the same machine.

    :param checkpoint: the file that keeps the last finished epoch.
    :param resume: go on from that file, if there is one.
    :param verbose: as in Keras: 1 a live progress bar, 2 one line an epoch, 0 nothing.
    :param positive: for sequences: how likely each training text is positive, 0-1, in
        place of its label.
    :param start: a model of the same architecture and dictionary to go on from; its answers to
        the validation side are told first.
    :param average: end with the mean of the weights that were started from and those that were
        reached, which keeps more of what the model knew (Wortsman et al. 2022, arXiv:2109.01903).
    :raises DataError: the checkpoint is damaged, or of other data or options; the dictionary
        makes the model too large; or the model to start from is of another shape.
    :raises Failure: an epoch can't be kept.
    """
    keras.utils.set_random_seed(seed)
    built = architecture.build(corpus.words)
    check_size(built.saved, corpus.words)
    trained = built.trained
    batches = -(-len(corpus.training) // batch_size)
    trained.compile(
        optimizer=architecture.optimizer(batches * epochs, start is not None),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # compiling for the CPU makes a step several times slower
    )
    trained.optimizer.build(trained.trainable_variables)
    validation: Any = (
        SequenceBatches(corpus.validation, _VALIDATION_BATCH).dataset()
        if isinstance(corpus.validation, Sequences)
        else BagBatches(corpus.validation, _VALIDATION_BATCH)
    )
    identity = {
        "architecture": architecture.name,
        "batch_size": batch_size,
        "data": corpus.fingerprint,
        "seed": seed,
        "words": len(corpus.words),
    }
    if isinstance(corpus.training, Sequences):
        identity["epochs"] = epochs  # on which the learning rate depends
        # Of what was added, too, which the fingerprint leaves out.
        identity["tokens"] = _short_hash(corpus.training.tokens)
        identity["positive"] = _short_hash(
            corpus.training.positive if positive is None else positive
        )
    before = None
    if start is not None:
        identity["start"] = hashlib.sha256(start.weights).hexdigest()[:16]
        take(built.saved, start)
        built.take_back()
        at_start = trained.get_weights()
        before = trained.evaluate(validation, verbose=0, return_dict=True)["accuracy"]
        print(f"Before: {before:.2%} of the held-back texts right", flush=True)
    keeper = _Checkpoint(checkpoint, identity)
    keeper.set_model(trained)
    if resume and checkpoint.exists():
        keeper.restore()
    done = len(keeper.history)
    if done > epochs:
        raise DataError(f"{checkpoint}: {done} epochs are done, more than --epochs {epochs}")
    training: Any
    if isinstance(corpus.training, Sequences):
        emoticons = _emoticons(corpus.words)
        terms = term_columns(corpus.words)
        training = SequenceBatches(
            corpus.training, batch_size, emoticons, terms, seed, positive
        ).dataset(done, epochs)
    else:
        training = BagBatches(corpus.training, batch_size, seed, epoch=done)
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
    weights = keeper.best_weights
    if start is not None and average:
        weights = [(old + new) / 2 for old, new in zip(at_start, weights)]
    trained.set_weights(weights)
    built.transfer()
    return Fitted(built.saved, keeper.history, keeper.best_epoch, before)


def _short_hash(array: np.ndarray) -> str:
    return hashlib.sha256(array.data).hexdigest()[:16]


def _emoticons(words: Mapping[str, int]) -> list[list[int]]:
    """The token numbers of the emoticons that gave each label and were taken away."""
    return [
        [words[emoticon] * social_tokenizer.STYLES for emoticon in some if emoticon in words]
        for some in ((social_tokenizer.FROWN,), (social_tokenizer.SMILE, social_tokenizer.SMILE, social_tokenizer.LAUGH))
    ]
