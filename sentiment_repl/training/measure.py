"""Check, calibrate and measure an exported model on the held-out texts."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, POSITIVE, Classifier, softmax
from sentiment_repl.data.corpus import Corpus
from sentiment_repl.errors import Failure
from sentiment_repl.evaluation.calibration import Calibration, calibrate
from sentiment_repl.evaluation.metrics import classification_metrics, reliability
from sentiment_repl.evaluation.model_card import identity_shift, strongest_words
from sentiment_repl.training.backend import keras
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.export import divide_logits, largest_difference, to_numpy

TOLERANCE = 1e-4
"""The largest allowed difference between the probabilities of Keras and of NumPy."""
_COMPARED = 5000  # held-out texts on which Keras and NumPy are compared
_FEWEST_CALIBRATED = 200  # held-out texts from which a temperature is fitted


class _HeldOut(NamedTuple):
    """The held-out texts that are negative or positive."""

    ids: list[list[int]]
    is_positive: NDArray[np.bool_]
    """(texts,)"""
    classes: tuple[str, ...]

    def log_odds(self, model: keras.Model) -> NDArray[np.float64]:
        """Return the log-odds of positive against negative, (texts,)."""
        logits = to_numpy(model).logits(self.ids)
        negative, positive = map(self.classes.index, (NEGATIVE, POSITIVE))
        return logits[:, positive] - logits[:, negative]


def measure_model(
    model: keras.Model, architecture: Architecture, corpus: Corpus
) -> dict[str, Any]:
    """Calibrate an exported model in place, and measure it as the prompt will run it.

    :return: figures for ``metrics.json``.
    :raises Failure: Keras and NumPy give different probabilities.
    """
    held_out = _polar(corpus)
    figures: dict[str, Any] = {
        "keras_numpy_largest_difference": _compare_with_keras(model, architecture, held_out)
    }
    calibration = None
    if architecture.is_calibrated and len(held_out.ids) >= _FEWEST_CALIBRATED:
        calibration = _calibrate(model, held_out)
    positive = _positive_probability(held_out.log_odds(model))
    labels = held_out.is_positive.astype(int)
    if calibration is None:
        figures["reliability"] = reliability(labels, positive)
    else:
        # The other half of the texts had no part in the calibration.
        figures["calibration"] = {
            **calibration._asdict(),
            "rows": len(labels[::2]),
            "other_rows": classification_metrics(labels[1::2], positive[1::2]),
            "reliability": reliability(labels[1::2], positive[1::2]),
        }
    classifier = Classifier(corpus.vocabulary, to_numpy(model), corpus.classes)
    return {
        "validation": classification_metrics(labels, positive),
        **figures,
        "strongest_words": strongest_words(classifier),
        "identity_shift": identity_shift(classifier),
    }


def _polar(corpus: Corpus) -> _HeldOut:
    labels = corpus.held_out.labels
    negative, positive = map(corpus.classes.index, (NEGATIVE, POSITIVE))
    kept = (labels == negative) | (labels == positive)
    ids = [row for row, is_kept in zip(corpus.held_out.lists(), kept.tolist()) if is_kept]
    return _HeldOut(ids, labels[kept] == positive, corpus.classes)


def _compare_with_keras(
    model: keras.Model, architecture: Architecture, held_out: _HeldOut
) -> float:
    difference = largest_difference(model, architecture, held_out.ids[:_COMPARED])
    if difference > TOLERANCE:
        raise Failure(
            f"the model is not saved: the probabilities of Keras and NumPy differ by {difference:g}"
        )
    return difference


def _calibrate(model: keras.Model, held_out: _HeldOut) -> Calibration:
    """Fit a temperature on every other text, and make it part of the weights."""
    log_odds = held_out.log_odds(model)
    calibration = calibrate(held_out.is_positive[::2].astype(int), log_odds[::2])
    divide_logits(model, calibration.temperature)
    return calibration


def _positive_probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return softmax(np.stack([np.zeros_like(log_odds), log_odds], axis=1))[:, 1]
