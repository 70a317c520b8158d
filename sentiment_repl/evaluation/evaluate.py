"""How good a model is on labelled texts, and on crowd-rated ones."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, POSITIVE, Classifier
from sentiment_repl.data.crowd_ratings import CLEAR, RatedText
from sentiment_repl.data.labels import LabelledText
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.metrics import (
    area_under_curve,
    classification_metrics,
    predicted_classes,
    reliability,
)
from sentiment_repl.prediction import Prediction

_BATCH = 1024  # texts


class _Answers(NamedTuple):
    """What a model answers to texts with one of its labels."""

    labels: NDArray[np.intp]  # (texts,): the actual class
    probabilities: NDArray[np.float64]  # (texts, classes)
    uncertain: NDArray[np.bool_]  # (texts,)
    unanswered: int
    """Further texts without a known word."""
    neutral: list[Prediction]
    """Answers to neutral texts, if the model has no such label."""


def evaluate(classifier: Classifier, rows: Iterable[LabelledText]) -> dict[str, Any]:
    """Measure a model on labelled texts. The result is ready for JSON.

    A text without a known word has no prediction. Except where noted, the figures leave such
    texts out.

    :return: the model's ``labels`` and the figures of ``classification_metrics``, with:

        - ``reliability``, the points of the diagram;
        - ``unanswered``, the number of texts without a prediction;
        - ``accuracy_of_all``, with those texts as errors;
        - ``area_under_curve``, positive texts against negative ones; None if either is missing;
        - ``uncertain``, the share of texts in the low-confidence band;
        - ``accuracy_of_certain``, of the texts outside the band; None if there are none;
        - ``neutral``, figures on neutral texts for a model without that label; None if there
          are none. They are the number of ``rows``, the ``uncertain`` share, the mean
          ``confidence``, and in ``area_under_curve`` how well confidence separates the other
          texts from them.

        If all texts are neutral, only ``labels``, ``rows`` (0) and ``neutral`` are there.
    :raises DataError: no text has a prediction.
    """
    answers = _collect_answers(classifier, rows)
    figures: dict[str, Any] = {"labels": list(classifier.labels), "rows": len(answers.labels)}
    if not figures["rows"] and not answers.neutral:
        raise DataError("no usable row, or no row with a word that the model knows")
    if figures["rows"]:
        figures |= _figures(answers, classifier.labels)
    return figures | {"neutral": _neutral_figures(answers) if answers.neutral else None}


def _collect_answers(classifier: Classifier, rows: Iterable[LabelledText]) -> _Answers:
    labels: list[int] = []
    predictions: list[Prediction] = []
    neutral: list[Prediction] = []
    unanswered = 0
    for label, prediction in _classify(classifier, rows):
        if label not in classifier.labels:
            neutral += [prediction] if prediction.label else []
        elif prediction.label is None:
            unanswered += 1
        else:
            labels.append(classifier.labels.index(label))
            predictions.append(prediction)
    return _Answers(
        np.array(labels, np.intp),
        np.array([list((one.probabilities or {}).values()) for one in predictions]),
        np.array([one.uncertain for one in predictions], bool),
        unanswered,
        neutral,
    )


def _classify(
    classifier: Classifier, rows: Iterable[LabelledText]
) -> Iterator[tuple[str, Prediction]]:
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        predictions = classifier.classify_batch(row.text for row in batch)
        yield from zip((row.label for row in batch), predictions)


def _figures(answers: _Answers, labels: Sequence[str]) -> dict[str, Any]:
    correct = predicted_classes(answers.probabilities) == answers.labels
    certain = ~answers.uncertain
    return {
        **classification_metrics(answers.labels, answers.probabilities),
        "unanswered": answers.unanswered,
        "accuracy_of_all": float(correct.sum() / (len(correct) + answers.unanswered)),
        "area_under_curve": _polarity_area(answers, labels.index(POSITIVE), labels.index(NEGATIVE)),
        "uncertain": float(answers.uncertain.mean()),
        "accuracy_of_certain": float(correct[certain].mean()) if certain.any() else None,
        "reliability": reliability(answers.labels, answers.probabilities),
    }


def _polarity_area(answers: _Answers, positive: int, negative: int) -> float | None:
    polar = (answers.labels == positive) | (answers.labels == negative)
    shares = answers.probabilities[polar]
    # In the order of the log-odds of positive against negative.
    scores = shares[:, positive] / (shares[:, positive] + shares[:, negative])
    return area_under_curve(answers.labels[polar] == positive, scores)


def _neutral_figures(answers: _Answers) -> dict[str, Any]:
    confidence = np.array([prediction.confidence for prediction in answers.neutral])
    others = answers.probabilities.max(axis=1) if len(answers.labels) else np.zeros(0)
    is_other = np.repeat([True, False], [len(others), len(confidence)])
    return {
        "rows": len(confidence),
        "uncertain": float(np.mean([prediction.uncertain for prediction in answers.neutral])),
        "confidence": float(confidence.mean()),
        "area_under_curve": area_under_curve(is_other, np.concatenate([others, confidence])),
    }


def evaluate_rated(classifier: Classifier, texts: Sequence[RatedText]) -> dict[str, Any]:
    """Compare a model with people's mean ratings. The result is ready for JSON.

    A text without a known word counts as half positive and half negative.

    :param texts: at least one. The model was not trained on them.
    :return: the number of ``rows``; the number of ``clear`` ones, with a mean rating of
        ``CLEAR`` or more in either direction, and the ``accuracy_of_clear``; and the Pearson
        ``correlation`` of the probability of positive with the mean rating, as Hutto and Gilbert
        (2014) measure VADER. The last two are None if they are not defined.
    """
    log_odds = classifier.log_odds(text.text for text in texts)
    ratings = np.array([text.rating for text in texts])
    clear = np.abs(ratings) >= CLEAR
    correct = (log_odds * ratings > 0)[clear]
    positive = 1 / (1 + np.exp(-log_odds))
    varied = positive.std() > 0 and ratings.std() > 0
    return {
        "rows": len(texts),
        "clear": len(correct),
        "accuracy_of_clear": float(correct.mean()) if len(correct) else None,
        "correlation": float(np.corrcoef(positive, ratings)[0, 1]) if varied else None,
    }
