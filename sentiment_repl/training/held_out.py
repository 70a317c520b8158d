"""Calibrate and measure a network on the held-out texts, as the prompt will run it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sentiment_repl.classifier import NEGATIVE, NEUTRAL, POSITIVE, Classifier, softmax
from sentiment_repl.data.corpus import Corpus
from sentiment_repl.evaluation.calibration import Calibration, calibrate
from sentiment_repl.evaluation.metrics import (
    classification_metrics,
    predicted_classes,
    reliability,
)
from sentiment_repl.evaluation.model_card import identity_shift, strongest_words
from sentiment_repl.network.base import Network

_FEWEST_CALIBRATED = 200  # held-out texts from which a temperature is fitted


def calibrate_on_held_out(
    network: Network,
    corpus: Corpus,
    all_ids: list[list[int]],
    *,
    neutral_weight: float = 1.0,
    temperature_factor: float = 1.0,
) -> Calibration | None:
    """Fit a calibration on every other text of the sources that know all classes.

    The texts are weighted as in training: the classes of a source count the same.

    :param all_ids: the ids of all held-out texts.
    :param neutral_weight: a factor of the weights of neutral texts. Below 1, fewer answers are
        neutral.
    :param temperature_factor: multiplies the temperature. Above 1, answers are less sure.
    :return: None if there are too few texts.
    """
    rows = np.flatnonzero(corpus.held_out.is_judged)
    if len(rows) < _FEWEST_CALIBRATED:
        return None
    classes = corpus.classes
    return calibrate(
        corpus.held_out.labels[rows[::2]],
        network.logits([all_ids[row] for row in rows[::2]]),
        corpus.held_out.weights[rows[::2]],
        fit_biases=len(classes) > 2,
        polar=(classes.index(NEGATIVE), classes.index(POSITIVE)),
        class_weights=[neutral_weight if label == NEUTRAL else 1.0 for label in classes],
        temperature_factor=temperature_factor,
    )


def held_out_accuracy(network: Network, corpus: Corpus) -> float:
    """Return the accuracy on the held-out texts of the sources that know all classes."""
    all_ids, rows = corpus.held_out.lists(), np.flatnonzero(corpus.held_out.is_judged)
    logits = network.logits([all_ids[row] for row in rows])
    return float((predicted_classes(logits) == corpus.held_out.labels[rows]).mean())


def measure_on_held_out(
    network: Network,
    vocabulary: Mapping[str, int],
    corpus: Corpus,
    all_ids: list[list[int]],
    calibration: Calibration | None,
) -> dict[str, Any]:
    """Measure a calibrated network.

    :return: figures for ``metrics.json``.
    """
    held_out = corpus.held_out
    judged = np.flatnonzero(held_out.is_judged)
    labels = held_out.labels[judged]
    probabilities = softmax(network.logits([all_ids[row] for row in judged]))
    figures: dict[str, Any] = {"validation": classification_metrics(labels, probabilities)}
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
    classifier = Classifier(vocabulary, network, corpus.classes)
    return {
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
