"""How good a classifier's answers are, in NumPy.

Labels are 0 (negative) and 1 (positive); ``positive`` is the probability of 1.
"""

from typing import Any

import numpy as np


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Counts, shape (2, 2): row = true label, column = predicted label."""
    return np.bincount(2 * labels.astype(int) + predicted.astype(int), minlength=4).reshape(2, 2)


def accuracy(confusion: np.ndarray) -> float:
    """The share of right answers, 0–1."""
    return float(np.trace(confusion) / confusion.sum())


def macro_f1(confusion: np.ndarray) -> float:
    """The mean over both labels of F1, the harmonic mean of precision and recall, 0–1.

    A label that neither occurs nor is predicted counts 0.
    """
    right = np.diag(confusion)
    either = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float(np.mean(np.divide(2 * right, either, out=np.zeros(2), where=either > 0)))


def expected_calibration_error(labels: np.ndarray, positive: np.ndarray, bins: int = 15) -> float:
    """How far confidence is from accuracy, on average over answers, 0–1.

    Answers are put in equally wide bins of confidence (0.5–1); each bin's distance
    between its mean confidence and its accuracy is weighted by its answers
    (Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599).
    """
    diagram = reliability(labels, positive, bins)
    gaps = [one["rows"] * abs(one["confidence"] - one["accuracy"]) for one in diagram]
    return float(sum(gaps) / len(labels))


def reliability(labels: np.ndarray, positive: np.ndarray, bins: int = 15) -> list[dict[str, Any]]:
    """A reliability diagram: equally wide bins of confidence (0.5–1) that hold any answer.

    :return: for each its ``rows``, their mean ``confidence`` and their ``accuracy``.
    """
    right = (positive >= 0.5) == labels.astype(bool)
    confidence = np.maximum(positive, 1 - positive)
    where = np.minimum(((confidence - 0.5) * 2 * bins).astype(int), bins - 1)
    rows = np.bincount(where, minlength=bins)
    sums = zip(rows, np.bincount(where, confidence, bins), np.bincount(where, right, bins))
    return [
        {"rows": int(n), "confidence": float(sure / n), "accuracy": float(correct / n)}
        for n, sure, correct in sums
        if n
    ]


def area_under_curve(labels: np.ndarray, values: np.ndarray) -> float | None:
    """How well values tell label 1 from 0: the area under the ROC curve, 0–1.

    The share of pairs of one row of each label in which the 1 has the higher value; a tie
    counts half. None where a label has no row.
    """
    ones = values[labels == 1]
    zeros = np.sort(values[labels == 0])
    if not len(ones) or not len(zeros):
        return None
    below = np.searchsorted(zeros, ones, "left") + np.searchsorted(zeros, ones, "right")
    return float(below.mean() / 2 / len(zeros))


def summary(labels: np.ndarray, positive: np.ndarray) -> dict[str, Any]:
    """All of the above, ready for JSON.

    :param labels: 0 or 1, shape (rows,), at least one row.
    :param positive: the probability of 1 for each, 0–1; 0.5 and more is an answer 1.
    """
    confusion = confusion_matrix(labels, positive >= 0.5)
    return {
        "rows": len(labels),
        "accuracy": accuracy(confusion),
        "macro_f1": macro_f1(confusion),
        "expected_calibration_error": expected_calibration_error(labels, positive),
        "confusion_matrix": confusion.tolist(),
    }
