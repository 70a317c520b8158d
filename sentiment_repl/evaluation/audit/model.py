"""The model part of the audit: where a model is accurate, and which words move it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, POSITIVE, Classifier
from sentiment_repl.evaluation.metrics import (
    classification_metrics,
    predicted_classes,
    reliability,
)

TOPICS = {
    # Words without sentiment that every year uses.
    "food and drink": "food eat eating ate dinner lunch breakfast coffee tea pizza chocolate cake "
    "cook cooking kitchen hungry drink",
    "work": "work working job boss office meeting shift",
    "school": "school class exam exams homework teacher study studying college essay",
    "family": "mom mum dad mother father sister brother son daughter family kids baby parents",
    "sleep": "sleep sleeping slept bed tired awake nap insomnia",
    "health": "sick doctor hospital headache cold flu tooth pain throat stomach",
    "weather": "weather rain raining sun sunny snow hot cold storm cloudy summer winter",
    "music": "music song songs album band concert sing singing guitar radio",
    "film and television": "movie movies film watch watching tv episode show cinema",
    "sport": "game games match team football soccer tennis baseball basketball gym run running",
    "travel": "trip travel flight plane airport hotel vacation holiday beach train",
    "animals": "dog dogs cat cats puppy kitten horse bird",
    "money": "money buy bought pay shopping shop store sale price",
}
_FUNCTION_WORDS = (
    "a an the this that these those and or if as at by for from in into of on to with about over "
    "after before is am are was were be been being do does did have has had will would can could "
    "should may might i me my you your he she it its we us our they them their who which what "
    "when where how there here then so just also now today than i'm it's i'll i've that's"
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that should not move an answer much."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|cannot|cant|dont|didnt|wont|isnt|wasnt|doesnt|\w+n't)\b",
    re.IGNORECASE,
)
_LENGTH_BOUNDS = (5, 10, 15, 20, 25)  # tokens
_UNKNOWN_BOUNDS = (0.0, 0.1, 0.2, 0.4)  # share of out-of-vocabulary tokens
_EXPLAINED_TEXTS = 20_000
_MIN_TEXTS = 20  # a group or a word with fewer texts is left out
_WORDS_SHOWN = 15
_BATCH = 1024  # texts

# A figure beyond its limit gets a warning.
_MAX_UNKNOWN = 0.05  # share of tokens
_MAX_CALIBRATION_ERROR = 0.02
_MAX_ACCURACY_GAP = 0.04  # of a group, below the accuracy on all texts


class Answers(NamedTuple):
    """What a model answers to labelled texts. Texts without a known word are left out."""

    texts: list[str]
    labels: NDArray[np.int8]
    """The actual class, (texts,)."""
    probabilities: NDArray[np.float64]
    """(texts, classes)"""
    lengths: NDArray[np.int64]
    """The number of tokens, (texts,)."""
    unknown: NDArray[np.float64]
    """The share of out-of-vocabulary tokens, 0–1, (texts,)."""
    unanswered: int
    """The number of texts that were left out."""


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


def answer_texts(classifier: Classifier, texts: Sequence[str], labels: NDArray[np.int8]) -> Answers:
    """Classify labelled texts.

    :param labels: the class of each text, (texts,).
    """
    answered: list[int] = []
    probabilities, lengths, unknown = [], [], []
    for first in range(0, len(texts), _BATCH):
        predictions = classifier.classify_batch(texts[first : first + _BATCH])
        for index, prediction in enumerate(predictions, start=first):
            if prediction.probabilities is None:
                continue
            tokens = classifier.encode_tokens(texts[index])
            answered.append(index)
            probabilities.append(list(prediction.probabilities.values()))
            lengths.append(len(tokens))
            unknown.append(sum(not token.known for token in tokens) / len(tokens))
    return Answers(
        [texts[index] for index in answered],
        labels[answered],
        np.array(probabilities).reshape(-1, len(classifier.labels)),
        np.array(lengths),
        np.array(unknown),
        len(texts) - len(answered),
    )


def model_figures(answers: Answers) -> dict[str, Any]:
    """Return the figures, with ``warnings``. They are ready for JSON.

    :param answers: at least one.
    :return: the figures of ``classification_metrics``; ``unanswered``; the share of ``unknown``
        tokens; ``reliability``; and ``groups``. A group has its number of ``rows``, its
        ``accuracy`` and the ``margin`` of a 95 % interval.
    """
    correct = predicted_classes(answers.probabilities) == answers.labels
    groups: dict[str, dict[str, Any]] = defaultdict(dict)
    for criterion, group, chosen in _groups(answers):
        if (rows := int(chosen.sum())) >= _MIN_TEXTS:
            accuracy = float(correct[chosen].mean())
            margin = 1.96 * (accuracy * (1 - accuracy) / rows) ** 0.5
            groups[criterion][group] = {"rows": rows, "accuracy": accuracy, "margin": margin}
    tokens = answers.lengths.sum()
    figures = {
        **classification_metrics(answers.labels, answers.probabilities),
        "unanswered": answers.unanswered,
        "unknown": float((answers.unknown * answers.lengths).sum() / tokens),
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


def _groups(answers: Answers) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield a criterion, the name of a group, and which texts belong to it."""
    lowest = 1
    for highest in _LENGTH_BOUNDS:
        in_bounds = (answers.lengths >= lowest) & (answers.lengths <= highest)
        yield "length", f"{lowest}–{highest} tokens", in_bounds
        lowest = highest + 1
    yield "length", f"{lowest} tokens or more", answers.lengths >= lowest
    negated = np.array([bool(_NEGATION.search(text)) for text in answers.texts])
    yield "negation", "with a negation", negated
    yield "negation", "without a negation", ~negated
    words = [frozenset(re.findall(r"[a-z]+", text.lower())) for text in answers.texts]
    for topic, topic_words in TOPICS.items():
        of_topic = frozenset(topic_words.split())
        yield "topic", topic, np.array([not of_topic.isdisjoint(some) for some in words])
    criterion = "out-of-vocabulary tokens"
    yield criterion, "none", answers.unknown == 0
    for low, high in pairwise(_UNKNOWN_BOUNDS):
        in_bounds = (answers.unknown > low) & (answers.unknown <= high)
        yield criterion, f"over {low:.0%} to {high:.0%}", in_bounds
    yield criterion, f"over {high:.0%}", answers.unknown > high


def word_figures(classifier: Classifier, answers: Answers, seed: int = 1) -> dict[str, Any]:
    """Return the words that move the model, ready for JSON.

    :return: the number of ``texts``, drawn at random, that were explained; and four lists of
        ``WordEffect``: the words with the largest contributions towards ``positive`` and
        ``negative``, the ``function_words`` with the largest contributions, and the words that
        push ``against_labels`` of their texts.
    """
    drawn = np.random.default_rng(seed).permutation(len(answers.texts))[:_EXPLAINED_TEXTS]
    effects = _word_effects(
        classifier,
        [answers.texts[index] for index in drawn],
        [classifier.labels[label] for label in answers.labels[drawn]],
    )
    ranked = sorted(effects, key=lambda word: word.contribution)
    function_words = [word for word in effects if word.word in FUNCTION_WORDS]
    against = [
        word
        for word in effects
        if word.contribution * word.label_log_odds < 0 and word.is_significant
    ]
    lists = {
        POSITIVE: [word for word in reversed(ranked) if word.contribution > 0],
        NEGATIVE: [word for word in ranked if word.contribution < 0],
        "function_words": sorted(function_words, key=lambda word: -abs(word.contribution)),
        "against_labels": sorted(against, key=lambda word: word.contribution * word.label_log_odds),
    }
    return {
        "texts": len(drawn),
        **{
            name: [word._asdict() for word in words[:_WORDS_SHOWN]] for name, words in lists.items()
        },
    }


def _word_effects(
    classifier: Classifier, texts: Sequence[str], labels: Sequence[str]
) -> list[WordEffect]:
    """Return the effect of each frequent word.

    :param labels: the actual label of each text.
    """
    contributions: dict[str, list[float]] = defaultdict(list)
    labels_of: dict[str, list[str]] = defaultdict(list)
    for first in range(0, len(texts), _BATCH):
        batch = classifier.classify_batch(texts[first : first + _BATCH], explain=True)
        for label, prediction in zip(labels[first:], batch):
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
