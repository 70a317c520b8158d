"""Check, calibrate and measure an exported model on the held-out texts."""

from typing import Any

import numpy as np

from sentiment_repl.classifier import softmax
from sentiment_repl.data.corpus import Corpus
from sentiment_repl.errors import Failure
from sentiment_repl.training.backend import keras
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.export import apply_calibration, to_numpy
from sentiment_repl.training.held_out import calibrate_on_held_out, measure_on_held_out

TOLERANCE = 1e-4
"""The largest allowed difference between the probabilities of Keras and of NumPy."""
_NEUTRAL_WEIGHT = 0.8
"""A factor of the weights of neutral texts in the calibration. It was chosen for macro recall on
the development sets."""
_TEMPERATURE_FACTOR = 1.2
"""Users type texts of kinds that no source has, and there the network is too sure. It was chosen
for the calibration error of the development sets."""
_COMPARED = 5000  # held-out texts on which Keras and NumPy are compared


def measure_model(
    model: keras.Model, architecture: Architecture, corpus: Corpus, *, is_general: bool
) -> dict[str, Any]:
    """Calibrate an exported model in place, and measure it as the prompt will run it.

    :param is_general: whether the model is for texts of more kinds than the corpus has. If so,
        fewer answers are neutral, and all are less sure, than the held-out texts ask for.
    :return: figures for ``metrics.json``.
    :raises Failure: Keras and NumPy give different probabilities.
    """
    all_ids = corpus.held_out.lists()
    figures: dict[str, Any] = {
        "keras_numpy_largest_difference": _compare_with_keras(
            model, architecture, all_ids[:_COMPARED]
        )
    }
    calibration = None
    if architecture.is_calibrated:
        calibration = calibrate_on_held_out(
            to_numpy(model),
            corpus,
            all_ids,
            neutral_weight=_NEUTRAL_WEIGHT if is_general else 1.0,
            temperature_factor=_TEMPERATURE_FACTOR if is_general else 1.0,
        )
    if calibration is not None:
        apply_calibration(model, calibration)
    measured = measure_on_held_out(to_numpy(model), corpus.vocabulary, corpus, all_ids, calibration)
    return figures | measured


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
    if not difference <= TOLERANCE:  # NaN is a difference, too
        raise Failure(
            f"the model is not saved: the probabilities of Keras and NumPy differ by {difference:g}"
        )
    return difference
