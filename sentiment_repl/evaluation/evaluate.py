"""How good a model is on labelled texts, and on crowd-rated ones."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, POSITIVE, Classifier
from sentiment_repl.data.crowd_ratings import CLEAR, RatedText, no_rated_texts, read_rated
from sentiment_repl.data.labels import LabelledText
from sentiment_repl.data.split import is_held_out
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.metrics import (
    area_under_curve,
    classification_metrics,
    predicted_classes,
    reliability,
)
from sentiment_repl.files.tally import Tally
from sentiment_repl.prediction import Prediction

_BATCH = 1024  # texts


class Answers(NamedTuple):
    """What a model answers to texts with one of its labels."""

    texts: list[str]
    """The texts with a prediction. The arrays describe them."""
    labels: NDArray[np.intp]
    """The actual class, (texts,)."""
    probabilities: NDArray[np.float64]
    """(texts, classes)"""
    uncertain: NDArray[np.bool_]
    """(texts,)"""
    unanswered: int
    """The number of further texts, without a known word."""
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
    answers = collect_answers(classifier, rows)
    figures: dict[str, Any] = {"labels": list(classifier.labels), "rows": len(answers.labels)}
    if not figures["rows"] and not answers.neutral:
        raise DataError("no usable row, or no row with a word that the model knows")
    if figures["rows"]:
        figures |= _figures(answers, classifier.labels)
    return figures | {"neutral": _neutral_figures(answers) if answers.neutral else None}


def collect_answers(classifier: Classifier, rows: Iterable[LabelledText]) -> Answers:
    """Classify labelled texts, in batches."""
    labels: list[int] = []
    predictions: list[Prediction] = []
    neutral: list[Prediction] = []
    unanswered = 0
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        answers = classifier.classify_batch(row.text for row in batch)
        for (label, _), prediction in zip(batch, answers):
            if label not in classifier.labels:
                neutral += [prediction] if prediction.label else []
            elif prediction.label is None:
                unanswered += 1
            else:
                labels.append(classifier.labels.index(label))
                predictions.append(prediction)
    probabilities = [list((one.probabilities or {}).values()) for one in predictions]
    return Answers(
        [one.text for one in predictions],
        np.array(labels, np.intp),
        np.array(probabilities).reshape(-1, len(classifier.labels)),
        np.array([one.uncertain for one in predictions], bool),
        unanswered,
        neutral,
    )


def _figures(answers: Answers, labels: Sequence[str]) -> dict[str, Any]:
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


def _polarity_area(answers: Answers, positive: int, negative: int) -> float | None:
    polar = (answers.labels == positive) | (answers.labels == negative)
    shares = answers.probabilities[polar]
    # In the order of the log-odds of positive against negative.
    scores = shares[:, positive] / (shares[:, positive] + shares[:, negative])
    return area_under_curve(answers.labels[polar] == positive, scores)


def _neutral_figures(answers: Answers) -> dict[str, Any]:
    confidence = np.array([prediction.confidence for prediction in answers.neutral])
    others = answers.probabilities.max(axis=1)
    is_other = np.repeat([True, False], [len(others), len(confidence)])
    return {
        "rows": len(confidence),
        "uncertain": float(np.mean([prediction.uncertain for prediction in answers.neutral])),
        "confidence": float(confidence.mean()),
        "area_under_curve": area_under_curve(is_other, np.concatenate([others, confidence])),
    }


def evaluate_rated(classifier: Classifier, paths: Iterable[Path], seed: int) -> dict[str, Any]:
    """Compare a model with people's mean ratings of held-out texts.

    A text without a known word counts as half positive and half negative.

    :param paths: files of crowd-rated texts.
    :param seed: the split seed of the model.
    :return: for each path the number of ``rows``; the number of ``clear`` ones, with a mean
        rating of ``CLEAR`` or more in either direction, and the ``accuracy_of_clear``; and the
        Pearson ``correlation`` of the probability of positive with the mean rating, as Hutto and
        Gilbert (2014) measure VADER. The last two are None if they are not defined.
    :raises DataError: a file has no held-out text.
    """
    figures = {}
    for path in paths:
        with Tally() as tally:
            texts = [one for one in read_rated([path], tally) if is_held_out(one.text, seed)]
        if not texts:
            raise no_rated_texts([path], "held out")
        figures[str(path)] = _rated_figures(classifier, texts)
    return figures


def _rated_figures(classifier: Classifier, texts: Sequence[RatedText]) -> dict[str, Any]:
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
