"""The model part of the audit: where a model is accurate, and which words move it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, POSITIVE, Classifier
from sentiment_repl.evaluation.evaluate import Answers
from sentiment_repl.evaluation.metrics import (
    classification_metrics,
    predicted_classes,
    reliability,
)

_WORD_LISTS = json.loads(Path(__file__).with_name("word_lists.json").read_text(encoding="utf-8"))
TOPICS = {topic: frozenset(words) for topic, words in _WORD_LISTS["topics"].items()}
"""Words without sentiment that every year uses."""
FUNCTION_WORDS = frozenset(_WORD_LISTS["function_words"])
"""Words that should not move an answer much."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|cannot|cant|dont|didnt|wont|isnt|wasnt|doesnt|\w+n't)\b",
    re.IGNORECASE,
)
_LENGTH_BOUNDS = (0, 5, 10, 15, 20, 25)  # tokens
_UNKNOWN_BOUNDS = (0.0, 0.1, 0.2, 0.4)  # share of out-of-vocabulary tokens
_EXPLAINED_TEXTS = 20_000
_MIN_TEXTS = 20  # a group or a word with fewer texts is left out
_WORDS_SHOWN = 15

# A figure beyond its limit gets a warning.
_MAX_UNKNOWN = 0.05  # share of tokens
_MAX_CALIBRATION_ERROR = 0.02
_MAX_ACCURACY_GAP = 0.04  # of a group, below the accuracy on all texts


class WordEffect(NamedTuple):
    """A frequent word: how it moves the model, and the labels of its texts."""

    word: str
    texts: int
    contribution: float
    """Its mean contribution to the log-odds of positive."""
    label_log_odds: float
    """The log-odds of positive among the labels of its texts."""
    is_significant: bool
    """Whether the labels differ from an even split by two standard errors."""

    @property
    def agreement(self) -> float:
        """Below zero if the word pushes against the labels of its texts."""
        return self.contribution * self.label_log_odds


def model_figures(classifier: Classifier, answers: Answers) -> dict[str, Any]:
    """Return the figures, with ``warnings``. They are ready for JSON.

    :param answers: at least one.
    :return: the figures of ``classification_metrics``; ``unanswered``; the share of ``unknown``
        tokens; ``reliability``; and ``groups``. A group has its number of ``rows``, its
        ``accuracy`` and the ``margin`` of a 95 % interval.
    """
    tokens = (classifier.encode_tokens(text) for text in answers.texts)
    counts = [(len(some), sum(not token.known for token in some)) for some in tokens]
    lengths, unknown = np.array(counts).T
    correct = predicted_classes(answers.probabilities) == answers.labels
    groups: dict[str, dict[str, Any]] = defaultdict(dict)
    for criterion, group, chosen in _groups(answers.texts, lengths, unknown / lengths):
        if (rows := int(chosen.sum())) >= _MIN_TEXTS:
            accuracy = float(correct[chosen].mean())
            margin = 1.96 * (accuracy * (1 - accuracy) / rows) ** 0.5
            groups[criterion][group] = {"rows": rows, "accuracy": accuracy, "margin": margin}
    figures = {
        **classification_metrics(answers.labels, answers.probabilities),
        "unanswered": answers.unanswered.total(),
        "unknown": float(unknown.sum() / lengths.sum()),
        "reliability": reliability(answers.labels, answers.probabilities),
        "groups": dict(groups),
    }
    return figures | {"warnings": list(_warnings(figures))}


def _warnings(figures: Mapping[str, Any]) -> Iterator[str]:
    if figures["unknown"] > _MAX_UNKNOWN:
        yield f"{figures['unknown']:.1%} of the tokens of held-out texts are out of vocabulary."
    error = figures["expected_calibration_error"]
    if error > _MAX_CALIBRATION_ERROR:
        yield f"The expected calibration error is {100 * error:.1f} points."
    for criterion, groups in figures["groups"].items():
        for group, one in groups.items():
            gap = figures["accuracy"] - one["accuracy"]
            if gap > max(_MAX_ACCURACY_GAP, 2 * one["margin"]):
                yield (
                    f"On texts of the group “{criterion}: {group}” the accuracy is "
                    f"{one['accuracy']:.1%}, {100 * gap:.1f} points lower than on all texts."
                )


def _groups(
    texts: Sequence[str], lengths: NDArray[np.int64], unknown: NDArray[np.float64]
) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield a criterion, the name of a group, and which texts belong to it.

    :param lengths: the number of tokens, (texts,).
    :param unknown: the share of out-of-vocabulary tokens, 0–1, (texts,).
    """
    for low, high in pairwise(_LENGTH_BOUNDS):
        yield "length", f"{low + 1}–{high} tokens", (lengths > low) & (lengths <= high)
    yield "length", f"{high + 1} tokens or more", lengths > high
    negated = np.array([bool(_NEGATION.search(text)) for text in texts])
    yield "negation", "with a negation", negated
    yield "negation", "without a negation", ~negated
    words = [frozenset(re.findall(r"[a-z]+", text.lower())) for text in texts]
    for topic, of_topic in TOPICS.items():
        yield "topic", topic, np.array([not of_topic.isdisjoint(some) for some in words])
    criterion = "out-of-vocabulary tokens"
    yield criterion, "none", unknown == 0
    for least, most in pairwise(_UNKNOWN_BOUNDS):
        in_bounds = (unknown > least) & (unknown <= most)
        yield criterion, f"over {least:.0%} to {most:.0%}", in_bounds
    yield criterion, f"over {most:.0%}", unknown > most


def word_figures(classifier: Classifier, answers: Answers, seed: int = 1) -> dict[str, Any]:
    """Return the words that move the model, ready for JSON.

    :return: the number of ``texts``, drawn at random, that were explained; and four lists of
        ``WordEffect``: the words with the largest contributions towards ``positive`` and
        ``negative``, the ``function_words`` with the largest contributions, and the words that
        push ``against_labels`` of their texts.
    """
    drawn = np.random.default_rng(seed).permutation(len(answers.texts))[:_EXPLAINED_TEXTS]
    labels = [classifier.labels[label] for label in answers.labels[drawn]]
    effects = _word_effects(classifier, [answers.texts[index] for index in drawn], labels)
    ranked = sorted(effects, key=lambda word: word.contribution)
    function_words = [word for word in effects if word.word in FUNCTION_WORDS]
    against = [word for word in effects if word.is_significant and word.agreement < 0]
    lists = {
        POSITIVE: [word for word in reversed(ranked) if word.contribution > 0],
        NEGATIVE: [word for word in ranked if word.contribution < 0],
        "function_words": sorted(function_words, key=lambda word: -abs(word.contribution)),
        "against_labels": sorted(against, key=lambda word: word.agreement),
    }
    shown = {name: [word._asdict() for word in some[:_WORDS_SHOWN]] for name, some in lists.items()}
    return {"texts": len(drawn)} | shown


def _word_effects(
    classifier: Classifier, texts: Sequence[str], labels: Sequence[str]
) -> list[WordEffect]:
    """Return the effect of each frequent word.

    :param labels: the actual label of each text.
    """
    contributions: dict[str, list[float]] = defaultdict(list)
    labels_of: dict[str, list[str]] = defaultdict(list)
    for label, prediction in zip(labels, classifier.classify_batch(texts, explain=True)):
        of_text: dict[str, float] = defaultdict(float)
        for word in prediction.contributions or ():
            of_text[word.word.lower()] += word.contribution
        for name, contribution in of_text.items():
            contributions[name].append(contribution)
            labels_of[name].append(label)
    return [
        WordEffect(name, len(some), float(np.mean(some)), *_label_log_odds(labels_of[name]))
        for name, some in contributions.items()
        if len(some) >= _MIN_TEXTS
    ]


def _label_log_odds(labels: Sequence[str]) -> tuple[float, bool]:
    """Return the log-odds of positive against negative, and whether they are significant."""
    positive, negative = (labels.count(label) + 0.5 for label in (POSITIVE, NEGATIVE))
    log_odds = float(np.log(positive / negative))
    return log_odds, abs(log_odds) > 2 * (1 / positive + 1 / negative) ** 0.5
