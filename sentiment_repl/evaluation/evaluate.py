"""How good a model folder is on labelled texts; needs neither TensorFlow nor Keras."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from sentiment_repl.classifier import Classifier, Prediction
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation import metrics
from sentiment_repl.data.crowd_ratings import CLEAR, Rated
from sentiment_repl.data.labels import Row

_BATCH = 1024  # texts at a time; the result does not depend on it


def evaluate(classifier: Classifier, rows: Iterable[Row]) -> dict[str, Any]:
    """Accuracy, macro-F1, confusion matrix and calibration error, ready for JSON.

    All of them are of the texts that got an answer; one without a known word has none.

    :param rows: texts with the labels 0, 1 and None (neutral).
    :return: what ``metrics.summary`` has, ``reliability``, ``unanswered`` (how many),
        ``accuracy_of_all`` (0–1, with those as errors), ``area_under_curve`` (how well the
        probability of positive ranks them; None if all have one label), ``uncertain`` (the share
        that is too close to call), ``accuracy_of_certain`` (of the rest; None if there is none)
        and ``neutral``: of the neutral texts with an answer how many ``rows``, their share
        ``uncertain``, their mean ``confidence`` and ``area_under_curve`` (how well confidence
        tells the others from them); None where there are none. Of neutral texts alone only
        ``rows`` (0) and ``neutral``.
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
                positive.append(_positive(prediction))
                certain.append(not prediction.uncertain)
    if not labels and not neutral:
        raise DataError("no usable row, or none with a word that the model knows")
    truth, values, chosen = np.array(labels, int), np.array(positive), np.array(certain, bool)
    about_neutral = _neutral(neutral, values) if neutral else None
    if not labels:
        return {"rows": 0, "neutral": about_neutral}
    right = (values >= 0.5) == truth.astype(bool)
    return {
        **metrics.summary(truth, values),
        "unanswered": unanswered,
        "accuracy_of_all": float(right.sum() / (len(labels) + unanswered)),
        "area_under_curve": metrics.area_under_curve(truth, values),
        "uncertain": float(1 - chosen.mean()),
        "accuracy_of_certain": float(right[chosen].mean()) if chosen.any() else None,
        "neutral": about_neutral,
        "reliability": metrics.reliability(truth, values),
    }


def evaluate_rated(classifier: Classifier, texts: Sequence[Rated]) -> dict[str, Any]:
    """How near answers are to what people find, ready for JSON.

    A text without a known word counts as one that is neither.

    :param texts: those that the classifier was not trained on, at least one.
    :return: how many ``rows``; how many of them are ``clear`` (``rated.CLEAR``) and how many of
        these are right, ``accuracy_of_clear`` (0–1); and ``correlation``, Pearson's, of the
        probability of positive with the mean rating, as Hutto and Gilbert (2014) measure
        VADER. None where it can't be told.
    """
    answers = classifier.classify_batch(text.text for text in texts)
    positive = np.array([_positive(answer) for answer in answers])
    rating = np.array([text.rating for text in texts])
    clear = np.abs(rating) >= CLEAR
    right = ((positive - 0.5) * rating > 0)[clear]
    varied = len(texts) > 1 and positive.std() > 0 and rating.std() > 0
    return {
        "rows": len(texts),
        "clear": len(right),
        "accuracy_of_clear": float(right.mean()) if len(right) else None,
        "correlation": float(np.corrcoef(positive, rating)[0, 1]) if varied else None,
    }


def _positive(prediction: Prediction) -> float:
    """The probability of positive, 0–1; 0.5 without an answer."""
    if prediction.confidence is None:
        return 0.5
    return prediction.confidence if prediction.label == "positive" else 1 - prediction.confidence


def _neutral(answers: Sequence[tuple[bool, float]], positive: np.ndarray) -> dict[str, Any]:
    """Of neutral texts; the others' probabilities are what their confidence is compared with."""
    uncertain, confidence = np.array(answers).T
    others = np.maximum(positive, 1 - positive)
    return {
        "rows": len(answers),
        "uncertain": float(uncertain.mean()),
        "confidence": float(confidence.mean()),
        "area_under_curve": metrics.area_under_curve(
            np.repeat([1, 0], [len(others), len(answers)]), np.concatenate([others, confidence])
        ),
    }
