"""Check, calibrate and measure an exported model on the held-out texts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, POSITIVE, Classifier, softmax
from sentiment_repl.data.corpus import Corpus
from sentiment_repl.errors import Failure
from sentiment_repl.evaluation.calibration import Calibration, calibrate
from sentiment_repl.evaluation.metrics import classification_metrics, reliability
from sentiment_repl.evaluation.model_card import identity_shift, strongest_words
from sentiment_repl.network.base import Network
from sentiment_repl.training.backend import keras
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.export import apply_calibration, to_numpy

TOLERANCE = 1e-4
"""The largest allowed difference between the probabilities of Keras and of NumPy."""
_COMPARED = 5000  # held-out texts on which Keras and NumPy are compared
_FEWEST_CALIBRATED = 200  # held-out texts from which a temperature is fitted


def measure_model(model: keras.Model, architecture: Architecture, corpus: Corpus) -> dict[str, Any]:
    """Calibrate an exported model in place, and measure it as the prompt will run it.

    :return: figures for ``metrics.json``.
    :raises Failure: Keras and NumPy give different probabilities.
    """
    held_out = corpus.held_out
    all_ids = held_out.lists()
    figures: dict[str, Any] = {
        "keras_numpy_largest_difference": _compare_with_keras(
            model, architecture, all_ids[:_COMPARED]
        )
    }
    judged = np.flatnonzero(held_out.is_judged)
    labels, ids = held_out.labels[judged], [all_ids[row] for row in judged]
    calibration = None
    if architecture.is_calibrated and len(ids) >= _FEWEST_CALIBRATED:
        calibration = _calibrate(model, corpus.classes, labels, ids)
    network = to_numpy(model)
    probabilities = softmax(network.logits(ids))
    if calibration is None:
        figures["reliability"] = reliability(labels, probabilities)
    else:
        # The other half of the texts had no part in the calibration.
        figures["calibration"] = {
            **calibration._asdict(),
            "rows": len(labels[::2]),
            "other_rows": classification_metrics(labels[1::2], probabilities[1::2]),
            "reliability": reliability(labels[1::2], probabilities[1::2]),
        }
    if len(judged) < len(held_out):
        figures["polar_validation"] = _measure_polar(network, corpus, all_ids)
    classifier = Classifier(corpus.vocabulary, network, corpus.classes)
    return {
        "validation": classification_metrics(labels, probabilities),
        **figures,
        "strongest_words": strongest_words(classifier),
        "identity_shift": identity_shift(classifier),
    }


def _measure_polar(network: Network, corpus: Corpus, all_ids: list[list[int]]) -> dict[str, Any]:
    """Measure the decision between negative and positive on sources without neutral texts."""
    polar = [corpus.classes.index(label) for label in (NEGATIVE, POSITIVE)]
    rows = np.flatnonzero(~corpus.held_out.is_judged)
    logits = network.logits([all_ids[row] for row in rows])[:, polar]
    labels = (corpus.held_out.labels[rows] == polar[1]).astype(int)
    return classification_metrics(labels, softmax(logits))


def _compare_with_keras(
    model: keras.Model, architecture: Architecture, texts: list[list[int]]
) -> float:
    """Return the largest difference between the probabilities of Keras and of NumPy."""
    texts = [ids for ids in texts if ids]  # for an empty text, Keras gives no sensible answer
    if not texts:
        return 0.0
    network = to_numpy(model)
    theirs = model.predict(architecture.keras_input(texts, network.vocabulary_size), verbose=0)
    difference = float(np.abs(theirs - softmax(network.logits(texts))).max())
    if difference > TOLERANCE:
        raise Failure(
            f"the model is not saved: the probabilities of Keras and NumPy differ by {difference:g}"
        )
    return difference


def _calibrate(
    model: keras.Model, classes: tuple[str, ...], labels: NDArray[np.int8], ids: list[list[int]]
) -> Calibration:
    """Fit a temperature on every other text, and make it part of the weights."""
    polar = classes.index(NEGATIVE), classes.index(POSITIVE)
    calibration = calibrate(
        labels[::2], to_numpy(model).logits(ids[::2]), fit_biases=len(classes) > 2, polar=polar
    )
    apply_calibration(model, calibration)
    return calibration
