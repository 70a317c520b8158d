"""How good a model is on labelled texts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, NEUTRAL, POSITIVE, Classifier
from sentiment_repl.data.labels import LABELS, LabelledText
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.metrics import (
    area_under_curve,
    classification_metrics,
    confusion_matrix,
    macro_recall,
    predicted_classes,
    reliability,
    two_way_accuracy,
)
from sentiment_repl.prediction import Prediction

MEANS = (
    "macro_recall",
    "two_way_accuracy",
    "accuracy",
    "macro_f1",
    "expected_calibration_error",
    "uncertain",
    "accuracy_of_certain",
)
"""The figures whose mean over several sets is of use."""
_BATCH = 1024  # texts


class Answers(NamedTuple):
    """What a model answers to labelled texts."""

    texts: list[str]
    """The texts with a prediction and one of the model's labels. The arrays describe them."""
    labels: NDArray[np.intp]
    """The actual class, (texts,)."""
    probabilities: NDArray[np.float64]
    """(texts, classes)"""
    uncertain: NDArray[np.bool_]
    """(texts,)"""
    neutral: list[Prediction]
    """Answers to neutral texts, if the model has no such label."""
    unanswered: Counter[str]
    """The number of further texts, without a known word, by label."""


def evaluate(classifier: Classifier, rows: Iterable[LabelledText]) -> dict[str, Any]:
    """Measure a model on labelled texts. See ``measure_answers``."""
    return measure_answers(collect_answers(classifier, rows), classifier.labels)


def collect_answers(classifier: Classifier, rows: Iterable[LabelledText]) -> Answers:
    """Classify labelled texts, in batches."""
    labels: list[int] = []
    predictions: list[Prediction] = []
    neutral: list[Prediction] = []
    unanswered: Counter[str] = Counter()
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        answers = classifier.classify_batch(row.text for row in batch)
        for (label, _), prediction in zip(batch, answers):
            if prediction.label is None:
                unanswered[label] += 1
            elif label not in classifier.labels:
                neutral.append(prediction)
            else:
                labels.append(classifier.labels.index(label))
                predictions.append(prediction)
    probabilities = [list((one.probabilities or {}).values()) for one in predictions]
    return Answers(
        [one.text for one in predictions],
        np.array(labels, np.intp),
        np.array(probabilities).reshape(-1, len(classifier.labels)),
        np.array([one.uncertain for one in predictions], bool),
        neutral,
        unanswered,
    )


def measure_answers(answers: Answers, labels: Sequence[str]) -> dict[str, Any]:
    """Return figures about answers. They are ready for JSON.

    A text without a known word has no prediction. Except where noted, the figures leave such
    texts out.

    :param labels: the labels of the model.
    :return: the model's ``labels`` and the figures of ``classification_metrics``, with:

        - ``texts``, the number of all texts;
        - ``recall`` of each label that occurs and ``macro_recall``, their mean, over all texts
          and three labels. A text without a prediction counts as predicted neutral. So does a
          text in the low-confidence band, if the model has no neutral label;
        - ``two_way_accuracy`` on negative and positive texts, by the more probable of these
          two. A text without a prediction is an error. None if there are no such texts;
        - ``reliability``, the points of the diagram;
        - ``unanswered``, the number of texts with one of the model's labels but no prediction;
        - ``accuracy_of_all``, with those texts as errors;
        - ``area_under_curve``, positive texts against negative ones; None if either is missing;
        - ``uncertain``, the share of texts in the low-confidence band;
        - ``accuracy_of_certain``, of the texts outside the band; None if there are none;
        - ``neutral``, figures on neutral texts for a model without that label; None if there
          are none. They are the number of ``rows``, the ``uncertain`` share, the mean
          ``confidence``, and in ``area_under_curve`` how well confidence separates the other
          texts from them.

        If all texts are neutral and the model has no such label, figures on the others are
        missing.
    :raises DataError: no text has a prediction.
    """
    rows = len(answers.labels)
    if not rows and not answers.neutral:
        raise DataError("no usable row, or no row with a word that the model knows")
    confusion = three_way_confusion(answers, labels)
    counts = confusion.sum(axis=1)
    return {
        "labels": list(labels),
        "texts": int(counts.sum()),
        "rows": rows,
        **(_figures(answers, labels) if rows else {}),
        "macro_recall": macro_recall(confusion),
        "recall": {
            label: float(confusion[index, index] / counts[index])
            for index, label in enumerate(LABELS)
            if counts[index]
        },
        "two_way_accuracy": _two_way_accuracy(answers, labels),
        "neutral": _neutral_figures(answers) if answers.neutral else None,
    }


def three_way_confusion(answers: Answers, labels: Sequence[str]) -> NDArray[np.int64]:
    """Count the actual (row) and predicted (column) labels of all texts, (3, 3).

    Texts without a prediction count as predicted neutral. So do those in the low-confidence
    band, if the model has no neutral label.
    """
    neutral = LABELS.index(NEUTRAL)
    index = np.array([LABELS.index(label) if label in LABELS else neutral for label in labels])
    predicted = index[predicted_classes(answers.probabilities)]
    if NEUTRAL not in labels:
        predicted[answers.uncertain] = neutral
    confusion = confusion_matrix(index[answers.labels], predicted, len(LABELS))
    for label, uncertain in ((one.label, one.uncertain) for one in answers.neutral):
        predicted_label = NEUTRAL if uncertain or label not in LABELS else label
        confusion[neutral, LABELS.index(predicted_label)] += 1
    for label, count in answers.unanswered.items():
        confusion[LABELS.index(label), neutral] += count
    return confusion


def mean_figures(figures: Iterable[Mapping[str, Any]]) -> dict[str, float | None]:
    """Return the mean of each of ``MEANS`` over several sets. Each set counts the same.

    The mean leaves out sets without the figure. It is None if no set has it.
    """
    means: dict[str, float | None] = {}
    sets = list(figures)
    for name in MEANS:
        values = [one[name] for one in sets if one.get(name) is not None]
        means[name] = float(np.mean(values)) if values else None
    return means


def pooled_reliability(answers: Sequence[Answers]) -> list[dict[str, Any]]:
    """Return the points of one reliability diagram for several sets of texts."""
    return reliability(
        np.concatenate([one.labels for one in answers]),
        np.concatenate([one.probabilities for one in answers]),
    )


def _figures(answers: Answers, labels: Sequence[str]) -> dict[str, Any]:
    correct = predicted_classes(answers.probabilities) == answers.labels
    certain = ~answers.uncertain
    unanswered = sum(answers.unanswered[label] for label in labels)
    return {
        **classification_metrics(answers.labels, answers.probabilities),
        "unanswered": unanswered,
        "accuracy_of_all": float(correct.sum() / (len(correct) + unanswered)),
        "area_under_curve": _polarity_area(answers, labels.index(POSITIVE), labels.index(NEGATIVE)),
        "uncertain": float(answers.uncertain.mean()),
        "accuracy_of_certain": float(correct[certain].mean()) if certain.any() else None,
        "reliability": reliability(answers.labels, answers.probabilities),
    }


def _two_way_accuracy(answers: Answers, labels: Sequence[str]) -> float | None:
    polar = [labels.index(NEGATIVE), labels.index(POSITIVE)]
    answered = int(np.isin(answers.labels, polar).sum())
    texts = answered + answers.unanswered[NEGATIVE] + answers.unanswered[POSITIVE]
    accuracy = two_way_accuracy(answers.labels, answers.probabilities, *polar)
    return (accuracy or 0.0) * answered / texts if texts else None


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
