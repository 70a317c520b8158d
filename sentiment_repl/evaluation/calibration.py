"""Calibration: a temperature, and the abstention threshold.

Both describe how positive a text is against negative, so they need log-odds and not
probabilities: a confidence that rounds to 1 has lost them.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_BAND_ACCURACY = 0.55
"""The accuracy of the low-confidence band as a whole. Chance is 0.5."""
_SMALLEST_BAND = 20  # texts
_TEMPERATURES = (0.1, 10.0)
_PRECISION = 1e-4  # of the logarithm of the temperature


class Calibration(NamedTuple):
    """What held-out texts show about a network's log-odds."""

    temperature: float
    """The number to divide logits by."""
    uncertain_below: float
    """The abstention threshold: the calibrated confidence at the end of the low-confidence
    band, 0.5–1. It is 0.5 if there is no band."""


def calibrate(labels: NDArray[np.integer[Any]], log_odds: NDArray[np.floating[Any]]) -> Calibration:
    """Fit the temperature (Guo et al. 2017, arXiv:1706.04599) and find the low-confidence band.

    :param labels: 0 negative or 1 positive, (texts,). The network was not trained on the texts.
    :param log_odds: of positive against negative, (texts,).
    """
    is_positive = np.asarray(labels) == 1
    temperature = _fit_temperature(is_positive, log_odds)
    confidence = 1 / (1 + np.exp(-np.abs(log_odds) / temperature))
    return Calibration(temperature, _end_of_band(confidence, (log_odds > 0) == is_positive))


def _fit_temperature(is_positive: NDArray[np.bool_], log_odds: NDArray[np.floating[Any]]) -> float:
    """Return the temperature with the lowest cross-entropy."""
    margins = np.where(is_positive, log_odds, -log_odds)

    def loss(log_temperature: float) -> float:
        return float(np.logaddexp(0, -margins / np.exp(log_temperature)).mean())

    # Golden-section search: the loss has one minimum.
    low, high = np.log(_TEMPERATURES)
    ratio = (5**0.5 - 1) / 2
    while high - low > _PRECISION:
        step = (high - low) * ratio
        if loss(high - step) < loss(low + step):
            high = low + step
        else:
            low = high - step
    return float(np.exp((low + high) / 2))


def _end_of_band(confidence: NDArray[np.floating[Any]], correct: NDArray[np.bool_]) -> float:
    """Return the confidence at the end of the low-confidence band, 0.5 if there is none.

    The band is the largest set of least confident texts with an accuracy of at most
    ``_BAND_ACCURACY``. At its end the accuracy is somewhat higher.
    """
    order = np.argsort(confidence)
    accuracy = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    in_band = np.flatnonzero(accuracy <= _BAND_ACCURACY)
    if not len(in_band) or in_band[-1] < _SMALLEST_BAND:
        return 0.5
    return round(float(confidence[order[in_band[-1]]]), 3)
