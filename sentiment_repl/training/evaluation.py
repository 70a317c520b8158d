"""How good a model folder is on labelled texts; needs neither TensorFlow nor Keras."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np

from sentiment_repl.classifier import Classifier
from sentiment_repl.errors import DataError
from sentiment_repl.training import metrics
from sentiment_repl.training.tables import Row

_BATCH = 1024  # texts at a time; the result does not depend on it


def evaluate(classifier: Classifier, rows: Iterable[Row]) -> dict[str, Any]:
    """Accuracy, macro-F1, confusion matrix and calibration error, ready for JSON.

    All of them are of the texts that got an answer; one without a known word has none.

    :param rows: texts with the labels 0, 1 and None (neutral).
    :return: what ``metrics.summary`` has, ``reliability``, ``unanswered`` (how many),
        ``accuracy_of_all`` (0–1, with those as errors), ``uncertain`` (the share that is too
        close to call), ``accuracy_of_certain`` (of the rest; None if there is none) and
        ``neutral``: of the neutral texts with an answer how many ``rows``, their share
        ``uncertain`` and their mean ``confidence``; None where there are none. Of neutral
        texts alone only ``rows`` (0) and ``neutral``.
    :raises DataError: no row, or none with an answer.
    """
    labels: list[int] = []
    positive: list[float] = []
    certain: list[bool] = []
    neutral: list[tuple[bool, float]] = []
    unanswered = 0
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        predictions = classifier.classify_batch(row.text for row in batch)
        for row, prediction in zip(batch, predictions):
            if prediction.confidence is None:
                unanswered += row.label is not None
            elif row.label is None:
                neutral.append((prediction.uncertain, prediction.confidence))
            else:
                labels.append(row.label)
                is_positive = prediction.label == "positive"
                positive.append(prediction.confidence if is_positive else 1 - prediction.confidence)
                certain.append(not prediction.uncertain)
    if not labels and not neutral:
        raise DataError("no usable row, or none with a word that the model knows")
    if not labels:
        return {"rows": 0, "neutral": _neutral(neutral)}
    figures = metrics.summary(np.array(labels), np.array(positive))
    right = (np.array(positive) >= 0.5) == np.array(labels, bool)
    chosen = np.array(certain)
    return {
        **figures,
        "unanswered": unanswered,
        "accuracy_of_all": float(right.sum() / (len(labels) + unanswered)),
        "uncertain": float(1 - chosen.mean()),
        "accuracy_of_certain": float(right[chosen].mean()) if chosen.any() else None,
        "neutral": _neutral(neutral) if neutral else None,
        "reliability": metrics.reliability(np.array(labels), np.array(positive)),
    }


def _neutral(answers: list[tuple[bool, float]]) -> dict[str, Any]:
    uncertain, confidence = np.mean(answers, axis=0).tolist()
    return {"rows": len(answers), "uncertain": uncertain, "confidence": confidence}
