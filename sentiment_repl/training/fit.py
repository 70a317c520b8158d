"""Fit a network to a corpus, epoch by epoch."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import sentiment_repl
from sentiment_repl import model_folder
from sentiment_repl.data.augmentation import Augmentation
from sentiment_repl.data.corpus import Corpus
from sentiment_repl.data.split import VALIDATION_SHARE
from sentiment_repl.training.backend import keras, tf
from sentiment_repl.training.base import Architecture, NetworkPair
from sentiment_repl.training.batches import TextBatches
from sentiment_repl.training.checkpoint import Checkpoint
from sentiment_repl.training.export import check_size, load_weights, to_numpy
from sentiment_repl.training.held_out import held_out_accuracy

_VALIDATION_BATCH = 2048  # texts; affects only speed and memory


class Schedule(NamedTuple):
    """How long, in which steps and with which seed a network is trained."""

    epochs: int
    batch_size: int
    seed: int


class Fitted(NamedTuple):
    """The result of a training."""

    model: keras.Model
    """The exported model, with the weights of the best epoch."""
    history: list[dict[str, float]]
    """One entry an epoch: accuracy, loss, val_accuracy, val_loss, seconds."""
    best_epoch: int
    """The first epoch with the highest held-out accuracy, from 1."""
    initial_accuracy: float | None
    """The held-out accuracy before fine-tuning; None if the training began from random weights."""


def fit(
    architecture: Architecture,
    corpus: Corpus,
    schedule: Schedule,
    *,
    checkpoint: Path,
    resume: bool = False,
    init_from: model_folder.ModelFiles | None = None,
    report: Callable[[str], None] = lambda message: None,
    verbose: int = 0,
) -> Fitted:
    """Train a network and return the epoch with the best held-out accuracy.

    The same corpus, schedule and machine give the same weights.

    :param checkpoint: the file that keeps the last finished epoch.
    :param resume: continue from that file, if it exists. Otherwise, it is deleted.
    :param init_from: a model of the same architecture and vocabulary to fine-tune.
    :param report: called with the held-out accuracy before fine-tuning, as a sentence.
    :param verbose: as in Keras: 1 prints a progress bar, 2 a line an epoch, 0 nothing.
    :raises DataError: the checkpoint is damaged, or of other data or options; the vocabulary
        makes the model too large; or the model to fine-tune has other layers.
    :raises Failure: an epoch can't be saved, or the loss is not finite.
    """
    keras.utils.set_random_seed(schedule.seed)
    network = architecture.build(corpus.vocabulary, len(corpus.classes))
    check_size(network.exported, corpus.vocabulary)
    augmentation = Augmentation(corpus.vocabulary, corpus.classes)
    batches = TextBatches(
        corpus.training,
        schedule.batch_size,
        schedule.seed,
        by_length=architecture.sorts_by_length,
        augmentation=augmentation if architecture.is_augmented else None,
        epoch_rows=architecture.epoch_rows,
    )
    steps = len(batches)
    _compile(network, architecture, steps * schedule.epochs, fine_tuning=init_from is not None)
    validation = TextBatches(
        corpus.held_out,
        _VALIDATION_BATCH,
        # As large a part of each source as an epoch reads.
        epoch_rows=architecture.epoch_rows and round(architecture.epoch_rows * VALIDATION_SHARE),
    ).dataset()
    initial_accuracy = None
    if init_from is not None:
        load_weights(network.exported, init_from)
        network.load_weights()
        initial_accuracy = held_out_accuracy(to_numpy(network.exported), corpus)
        report(f"Before fine-tuning: held-out accuracy {initial_accuracy:.2%}")
    keeper = Checkpoint(checkpoint, _identity(architecture, corpus, schedule, init_from))
    keeper.set_model(network.training)
    if not resume:
        checkpoint.unlink(missing_ok=True)
    elif checkpoint.exists():
        keeper.restore(schedule.epochs)
    done = len(keeper.history)
    network.training.fit(
        batches.dataset(done, schedule.epochs),
        validation_data=validation,
        steps_per_epoch=steps,
        initial_epoch=done,
        epochs=schedule.epochs,
        shuffle=False,  # the batches shuffle, in an order that a resumed training repeats
        callbacks=[keeper],
        verbose=verbose,
    )
    network.training.set_weights(keeper.best_weights)
    network.export_weights()
    return Fitted(network.exported, keeper.history, keeper.best_epoch, initial_accuracy)


def _compile(
    network: NetworkPair, architecture: Architecture, steps: int, *, fine_tuning: bool
) -> None:
    model = network.training
    model.compile(
        optimizer=architecture.optimizer(steps, fine_tuning=fine_tuning),
        loss=known_class_cross_entropy,
        weighted_metrics=[keras.metrics.MeanMetricWrapper(known_class_accuracy, name="accuracy")],
        jit_compile=False,  # on a processor, XLA makes a step several times slower
    )
    model.optimizer.build(model.trainable_variables)


def known_class_cross_entropy(targets: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    """Return the cross-entropy over the classes that a source knows, (texts,).

    The probabilities of the known classes are renormalised.

    :param targets: (texts, classes), NaN for a class that is not known.
    :param probabilities: (texts, classes).
    """
    known = tf.logical_not(tf.math.is_nan(targets))
    targets = tf.where(known, targets, 0.0)
    probabilities = tf.maximum(probabilities, keras.config.epsilon())
    total = tf.reduce_sum(tf.where(known, probabilities, 0.0), axis=1)
    log_probabilities = tf.math.log(probabilities) - tf.math.log(total)[:, tf.newaxis]
    return -tf.reduce_sum(targets * log_probabilities, axis=1)


def known_class_accuracy(targets: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    """Return for each text whether the most probable known class is right, (texts,)."""
    known = tf.logical_not(tf.math.is_nan(targets))
    actual = tf.argmax(tf.where(known, targets, -1.0), axis=1)
    predicted = tf.argmax(tf.where(known, probabilities, -1.0), axis=1)
    return tf.cast(actual == predicted, tf.float32)


def _identity(
    architecture: Architecture,
    corpus: Corpus,
    schedule: Schedule,
    init_from: model_folder.ModelFiles | None,
) -> dict[str, Any]:
    """Return what a resumed training must have in common with the interrupted one."""
    texts = corpus.training
    identity = {
        "architecture": architecture.name,
        "batch_size": schedule.batch_size,
        "classes": corpus.classes,
        "data": corpus.fingerprint,
        "seed": schedule.seed,
        "training": _short_hash(
            texts.ids.data, texts.starts.data, texts.targets.data, texts.weights.data
        ),
        "versions": [sentiment_repl.__version__, keras.__version__],
        "words": len(corpus.vocabulary),
    }
    if architecture.schedule_depends_on_epochs:
        identity["epochs"] = schedule.epochs
    if init_from is not None:
        identity["init_from"] = _short_hash(init_from.weights)
    return identity


def _short_hash(*contents: "bytes | memoryview") -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()[:16]
