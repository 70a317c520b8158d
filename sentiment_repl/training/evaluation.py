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

    :param rows: texts with the labels 0 and 1.
    :return: what ``metrics.summary`` has, ``unanswered`` (how many) and
        ``accuracy_of_all`` (0–1, with those as errors).
    :raises DataError: no row, or none with an answer.
    """
    labels: list[int] = []
    positive: list[float] = []
    unanswered = 0
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        predictions = classifier.classify_batch(row.text for row in batch)
        for row, prediction in zip(batch, predictions):
            if prediction.confidence is None:
                unanswered += 1
                continue
            labels.append(row.label)
            is_positive = prediction.label == "positive"
            positive.append(prediction.confidence if is_positive else 1 - prediction.confidence)
    if not labels:
        raise DataError("no usable row, or none with a word that the model knows")
    figures = metrics.summary(np.array(labels), np.array(positive))
    right = figures["accuracy"] * len(labels)
    return {
        **figures,
        "unanswered": unanswered,
        "accuracy_of_all": right / (len(labels) + unanswered),
    }
