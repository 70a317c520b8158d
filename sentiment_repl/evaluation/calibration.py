"""Confidences that mean what they say: a temperature, and where a coin is as good."""

from typing import NamedTuple

import numpy as np

_HARDLY_BETTER = 0.55
"""The share of right answers in the doubtful band, all of it together: a coin has 0.5."""
_FEWEST = 20  # answers that can be a band


class Calibration(NamedTuple):
    """What held-back texts say of a network's log-odds."""

    temperature: float
    """What they are divided by."""
    uncertain_below: float
    """The confidence, after that, below which an answer is too close to call."""


def log_odds(positive: np.ndarray) -> np.ndarray:
    """Of probabilities, none of them taken for exactly 0 or 1; float64."""
    positive = np.clip(np.asarray(positive, np.float64), 1e-12, 1 - 1e-12)
    return np.log(positive) - np.log1p(-positive)


def calibrate(labels: np.ndarray, positive: np.ndarray) -> Calibration:
    """Find the temperature (Guo et al. 2017, arXiv:1706.04599), and the doubtful band.

    :param labels: 0 or 1, (texts,), of texts that had no part in the fitting.
    :param positive: the network's probability of the label 1, (texts,).
    """
    odds = log_odds(positive)
    temperature = _temperature(np.asarray(labels), odds)
    confidence = 1 / (1 + np.exp(-np.abs(odds) / temperature))
    right = (odds > 0) == (np.asarray(labels) == 1)
    return Calibration(temperature, _uncertain_below(confidence, right))


def _temperature(labels: np.ndarray, odds: np.ndarray) -> float:
    """The one with the least cross-entropy, from 0.1 to 10."""
    signed = np.where(labels == 1, odds, -odds)

    def loss(logarithm: float) -> float:
        return float(np.logaddexp(0, -signed / np.exp(logarithm)).mean())

    # Golden-section search: the loss has one valley.
    low, high = np.log(0.1), np.log(10)
    ratio = (5**0.5 - 1) / 2
    while high - low > 1e-4:
        third = (high - low) * ratio
        if loss(high - third) < loss(low + third):
            high = low + third
        else:
            low = high - third
    return float(np.exp((low + high) / 2))


def _uncertain_below(confidence: np.ndarray, right: np.ndarray) -> float:
    """The upper end of the doubtful band; 0.5 if there is none.

    The answers from 0.5 up to it are right in ``_HARDLY_BETTER`` of the cases on average,
    and somewhat more often at its end.
    """
    order = np.argsort(confidence)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    doubtful = np.flatnonzero(share <= _HARDLY_BETTER)
    if not len(doubtful) or doubtful[-1] < _FEWEST:
        return 0.5
    return round(float(confidence[order[doubtful[-1]]]), 3)
