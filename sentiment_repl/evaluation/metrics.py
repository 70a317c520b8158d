"""Classification metrics in NumPy, for any number of classes.

A class is an index into the model's labels. ``labels`` holds the actual class of each row,
shape (rows,); ``probabilities`` the predicted ones, shape (rows, classes).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BINS = 15  # of a reliability diagram, as Guo et al. 2017 use

Integers = NDArray[np.integer[Any]]
Floats = NDArray[np.floating[Any]]


def predicted_classes(probabilities: Floats) -> NDArray[np.intp]:
    """Return the most probable class of each row, (rows,). A tie goes to the last class.

    >>> predicted_classes(np.array([[0.9, 0.1], [0.5, 0.5]])).tolist()
    [0, 1]
    """
    classes: NDArray[np.intp] = probabilities.shape[1] - 1 - probabilities[:, ::-1].argmax(axis=1)
    return classes


def confusion_matrix(labels: Integers, predicted: Integers, classes: int) -> NDArray[np.int64]:
    """Return the counts of each actual class (row) and predicted class (column)."""
    pairs = classes * labels.astype(np.int64) + predicted
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """Return the mean F1 score of the classes, 0–1.

    A class that neither occurs nor is predicted counts 0.
    """
    correct = np.diag(confusion)
    actual_and_predicted = confusion.sum(axis=0) + confusion.sum(axis=1)
    f1 = np.zeros(len(confusion))
    np.divide(2 * correct, actual_and_predicted, out=f1, where=actual_and_predicted > 0)
    return float(f1.mean())


def macro_recall(confusion: NDArray[np.int64]) -> float:
    """Return the mean recall of the classes that occur, 0–1.

    It is the official measure of SemEval-2017, task 4A: a frequent class counts as much as a
    rare one.

    >>> macro_recall(np.array([[9, 1, 0], [5, 5, 0], [0, 0, 0]]))
    0.7
    """
    counts = confusion.sum(axis=1)
    occurs = counts > 0
    return float((np.diag(confusion)[occurs] / counts[occurs]).mean())


def guessing_recall(confusion: NDArray[np.int64]) -> tuple[float, float]:
    """Return the macro recall of random guesses, and its standard error.

    The guesses predict each class as often as the model does, but do not look at the texts.

    >>> guessing_recall(np.array([[40, 10], [10, 40]]))
    (0.5, 0.05)
    """
    counts = confusion.sum(axis=1)
    occurs = counts > 0
    shares = confusion.sum(axis=0)[occurs] / confusion.sum()
    variance = (shares * (1 - shares) / counts[occurs]).sum() / occurs.sum() ** 2
    return float(shares.mean()), float(np.sqrt(variance))


def two_way_accuracy(
    labels: Integers, probabilities: Floats, negative: int, positive: int
) -> float | None:
    """Return the accuracy on negative and positive rows alone, 0–1; None if there are none.

    The answer of a row is the more probable of the two classes. A tie is positive.

    :param probabilities: or logits, (rows, classes).
    :param negative: the index of the class. So is ``positive``.
    """
    is_polar = (labels == negative) | (labels == positive)
    if not is_polar.any():
        return None
    answers = probabilities[is_polar, positive] >= probabilities[is_polar, negative]
    return float((answers == (labels[is_polar] == positive)).mean())


def reliability(labels: Integers, probabilities: Floats, bins: int = _BINS) -> list[dict[str, Any]]:
    """Return the points of a reliability diagram.

    The bins of confidence have the same width, from 1 / classes to 1.

    :return: for each bin with any row, its number of ``rows``, their mean ``confidence`` and
        their ``accuracy``.
    """
    correct = predicted_classes(probabilities) == labels
    confidence = probabilities.max(axis=1)
    lowest = 1 / probabilities.shape[1]
    positions = (confidence - lowest) / (1 - lowest) * bins
    indices = np.minimum(positions.astype(int), bins - 1)
    counts = np.bincount(indices, minlength=bins)
    sums = zip(
        counts.tolist(),
        np.bincount(indices, confidence, bins).tolist(),
        np.bincount(indices, correct, bins).tolist(),
    )
    return [
        {"rows": rows, "confidence": confidences / rows, "accuracy": hits / rows}
        for rows, confidences, hits in sums
        if rows
    ]


def expected_calibration_error(labels: Integers, probabilities: Floats, bins: int = _BINS) -> float:
    """Return the mean distance between confidence and accuracy, 0–1.

    Each bin of the reliability diagram counts with its number of rows (Naeini et al. 2015;
    Guo et al. 2017, arXiv:1706.04599).
    """
    diagram = reliability(labels, probabilities, bins)
    gaps = [point["rows"] * abs(point["confidence"] - point["accuracy"]) for point in diagram]
    return float(sum(gaps) / len(labels))


def area_under_curve(is_positive: NDArray[np.bool_], scores: Floats) -> float | None:
    """Return the area under the ROC curve, 0–1; None if all rows are of one class.

    It is the share of pairs of a positive and another row in which the positive row has the
    higher score. A tie counts half.

    :param is_positive: (rows,).
    :param scores: (rows,), such as log-odds.
    """
    positive, others = scores[is_positive], np.sort(scores[~is_positive])
    if not len(positive) or not len(others):
        return None
    below = np.searchsorted(others, positive, "left") + np.searchsorted(others, positive, "right")
    return float(below.mean() / 2 / len(others))


def classification_metrics(labels: Integers, probabilities: Floats) -> dict[str, Any]:
    """Return the main metrics, ready for JSON.

    :param labels: at least one row.
    :return: ``rows``, ``accuracy``, ``macro_recall``, ``macro_f1``,
        ``expected_calibration_error`` and ``confusion_matrix``.
    """
    classes = probabilities.shape[1]
    confusion = confusion_matrix(labels, predicted_classes(probabilities), classes)
    return {
        "rows": len(labels),
        "accuracy": float(np.trace(confusion) / confusion.sum()),
        "macro_recall": macro_recall(confusion),
        "macro_f1": macro_f1(confusion),
        "expected_calibration_error": expected_calibration_error(labels, probabilities),
        "confusion_matrix": confusion.tolist(),
    }
