"""Calibration: a temperature, a bias for each class, and the abstention thresholds.

Calibrated logits are ``logits / temperature + biases``. The temperature makes confidence equal
to accuracy (Guo et al. 2017, arXiv:1706.04599). The biases make the mean probability of a class
equal to its share among the texts. Two factors can change both on purpose.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_BAND_ACCURACY, _BAND_ACCURACY_OF_TWO = 0.50, 0.55
"""The accuracy of the low-confidence band as a whole, and that of a decision between two
classes, where chance is 0.5."""
_SMALLEST_BAND = 20  # texts
_TEMPERATURES = (0.1, 10.0)
_RIDGE = 1e-5  # keeps the solution finite if a class is absent or the classes are separable
_NEWTON_STEPS, _PRECISION = 100, 1e-6  # the smallest step

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]


class Calibration(NamedTuple):
    """What held-out texts show about a network's logits."""

    temperature: float
    """The number to divide logits by: 0.1–10, times the factor that was asked for."""
    biases: list[float]
    """The number to add to the divided logits of each class. Their sum is zero."""
    uncertain_below: float
    """The abstention threshold: the calibrated confidence at the end of the low-confidence
    band. It is 1 / classes if there is no band."""
    uncertain_below_without_neutral: float | None
    """The same for the decision between negative and positive; None for two classes."""

    def apply(self, logits: Floats) -> Floats:
        """Return calibrated logits, (texts, classes)."""
        calibrated: Floats = logits / self.temperature + np.array(self.biases)
        return calibrated


def calibrate(
    labels: Integers,
    logits: Floats,
    weights: Floats | None = None,
    *,
    fit_biases: bool = True,
    class_weights: Sequence[float] | None = None,
    temperature_factor: float = 1.0,
    polar: tuple[int, int] = (0, -1),
) -> Calibration:
    """Fit a temperature and biases, and find the low-confidence bands.

    The fit minimises the weighted cross-entropy, which is convex in 1 / temperature and the
    biases. The band between more than two classes is the largest set of least confident texts
    whose answers are right at most half of the time. Between two classes, it is at most 55 %.

    :param labels: the actual class, (texts,). The network was not trained on the texts.
    :param logits: (texts, classes).
    :param weights: how much each text counts, (texts,); by default all count the same.
    :param fit_biases: if not, all biases are zero.
    :param class_weights: a factor of the weights of each class, in the fit alone. A class with a
        smaller factor becomes a rarer answer.
    :param temperature_factor: multiplies the fitted temperature. Above 1, answers are less sure.
    :param polar: the indices of the classes negative and positive.
    """
    labels, logits = np.asarray(labels), np.asarray(logits, np.float64)
    classes = logits.shape[1]
    weights = np.ones(len(labels)) if weights is None else np.asarray(weights, np.float64)
    fitted = weights if class_weights is None else weights * np.asarray(class_weights)[labels]
    scale, biases = _fit(labels, logits, fitted / fitted.sum(), fit_biases)
    scale, biases = scale / temperature_factor, biases / temperature_factor
    calibrated = logits * scale + biases
    if classes == 2:
        accuracy, without_neutral = _BAND_ACCURACY_OF_TWO, None
    else:
        accuracy = _BAND_ACCURACY
        negative, positive = (index % classes for index in polar)
        is_polar = (labels == negative) | (labels == positive)
        without_neutral = _end_of_band(
            (labels == positive)[is_polar].astype(int),
            calibrated[is_polar][:, [negative, positive]],
            weights[is_polar],
            _BAND_ACCURACY_OF_TWO,
        )
    threshold = _end_of_band(labels, calibrated, weights, accuracy)
    return Calibration(float(1 / scale), biases.tolist(), threshold, without_neutral)


def _fit(
    labels: Integers, logits: Floats, weights: Floats, fit_biases: bool
) -> tuple[float, Floats]:
    """Return 1 / temperature and the biases with the lowest cross-entropy."""
    rows, classes = logits.shape
    to_biases = np.broadcast_to(np.eye(classes), (rows, classes, classes))
    if not fit_biases:
        to_biases = to_biases[..., :0]
    change, *biases = _minimise(
        labels, logits, np.concatenate([logits[..., None], to_biases], axis=2), weights
    )
    scale = float(np.clip(1 + change, 1 / _TEMPERATURES[1], 1 / _TEMPERATURES[0]))
    if scale != 1 + change:
        biases = [*_minimise(labels, logits * scale, to_biases, weights)]
    return scale, np.array(biases) - np.mean(biases) if fit_biases else np.zeros(classes)


def _minimise(labels: Integers, logits: Floats, design: Floats, weights: Floats) -> Floats:
    """Return the parameters of ``logits + design @ parameters`` with the lowest cross-entropy.

    Newton's method, with steps that are halved while they overshoot.

    :param design: (texts, classes, parameters).
    :param weights: (texts,); their sum is 1.
    """
    rows, _, size = design.shape
    targets = np.eye(logits.shape[1])[labels]

    def evaluate(parameters: Floats) -> tuple[float, Floats]:
        scores = logits + design @ parameters
        scores = scores - scores.max(axis=1, keepdims=True)
        scores = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        loss = -weights @ scores[np.arange(rows), labels] + _RIDGE / 2 * parameters @ parameters
        return float(loss), np.exp(scores)

    parameters = np.zeros(size)
    loss, probabilities = evaluate(parameters)
    for _ in range(_NEWTON_STEPS):
        weighted = weights[:, None] * probabilities
        errors = weighted - weights[:, None] * targets
        gradient = np.einsum("nk,nkp->p", errors, design) + _RIDGE * parameters
        means = np.einsum("nk,nkp->np", probabilities, design)
        hessian = np.einsum("nk,nkp,nkq->pq", weighted, design, design, optimize=True)
        hessian += _RIDGE * np.eye(size) - (weights[:, None] * means).T @ means
        step = np.linalg.solve(hessian, gradient)
        before = loss
        while np.abs(step).max(initial=0) > _PRECISION:
            loss, probabilities = evaluate(parameters - step)
            if loss <= before:
                parameters = parameters - step
                break
            step = step / 2
        else:
            break
    return parameters


def _end_of_band(labels: Integers, logits: Floats, weights: Floats, most_accurate: float) -> float:
    """Return the confidence at the end of the low-confidence band, 1 / classes if there is none.

    The band is the largest set of least confident texts with at most this accuracy. At its end
    the accuracy is somewhat higher.
    """
    classes = logits.shape[1]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    confidence = 1 / shares.sum(axis=1)
    correct = classes - 1 - shares[:, ::-1].argmax(axis=1) == labels
    order = np.argsort(confidence)
    accuracy = np.cumsum((weights * correct)[order]) / np.cumsum(weights[order])
    in_band = np.flatnonzero(accuracy <= most_accurate)
    if not len(in_band) or in_band[-1] + 1 < _SMALLEST_BAND:
        return float(1 / classes)
    return round(float(confidence[order[in_band[-1]]]), 3)
