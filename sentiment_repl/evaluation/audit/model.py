"""What a model made of its data: where it is right, and which words move it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from sentiment_repl.classifier import Classifier
from sentiment_repl.evaluation import metrics

TOPICS = {
    # Words of every year, none of them of a mood.
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
_GRAMMAR = (
    "a an the this that these those and or if as at by for from in into of on to with about over "
    "after before is am are was were be been being do does did have has had will would can could "
    "should may might i me my you your he she it its we us our they them their who which what "
    "when where how there here then so just also now today than i'm it's i'll i've that's"
)
FUNCTION_WORDS = frozenset(_GRAMMAR.split())
"""Words of grammar, from which no mood is expected."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|cannot|cant|dont|didnt|wont|isnt|wasnt|doesnt|\w+n't)\b",
    re.IGNORECASE,
)
_LENGTHS = (5, 10, 15, 20, 25)
_UNKNOWN = (0.0, 0.1, 0.2, 0.4)
_EXPLAINED = 20_000  # texts whose words' effects are found
_LEAST = 20  # texts of a group, or with a word, to be told of
_SHOWN = 15
_MOST_UNKNOWN, _MOST_MISCALIBRATED, _MOST_LACKING = 0.05, 0.02, 0.04
_BATCH = 1024


class Answers(NamedTuple):
    """What a model says of labelled texts, those with an answer."""

    texts: list[str]
    labels: np.ndarray
    positive: np.ndarray
    """The probability of the label 1."""
    lengths: np.ndarray
    """Words, marks and emoticons as the model reads them."""
    unknown: np.ndarray
    """The share of them that it does not know, 0–1."""
    unanswered: int


class WordEffects(NamedTuple):
    """The mean effect of a word on the log-odds of positive, and what its texts' labels say."""

    word: str
    times: int
    effect: float
    labels: float
    """The log-odds of positive among the labels of the texts that it stands in."""
    sure: bool
    """Whether those are further from even than chance explains (two standard errors)."""


def ask(classifier: Classifier, texts: Sequence[str], labels: np.ndarray) -> Answers:
    """Have texts answered."""
    kept, positive, lengths, unknown = [], [], [], []
    for first in range(0, len(texts), _BATCH):
        answers = classifier.classify_batch(texts[first : first + _BATCH])
        for at, answer in enumerate(answers, start=first):
            if answer.confidence is None:
                continue
            pieces = classifier.pieces(texts[at])
            kept.append(at)
            is_positive = answer.label == "positive"
            positive.append(answer.confidence if is_positive else 1 - answer.confidence)
            lengths.append(len(pieces))
            unknown.append(1 - sum(piece.known for piece in pieces) / len(pieces))
    return Answers(
        [texts[at] for at in kept],
        labels[kept],
        np.array(positive),
        np.array(lengths),
        np.array(unknown),
        len(texts) - len(kept),
    )


def summary(answers: Answers) -> dict[str, Any]:
    """The figures of ``scripts/audit.py`` on the answers, ready for JSON.

    :return: what ``metrics.summary`` has, ``unanswered``, ``reliability``, and under
        ``groups`` by what the texts are grouped by and by group its ``rows``, ``accuracy``
        and ``within`` (half of an interval of 95 %).
    """
    right = (answers.positive >= 0.5) == (answers.labels == 1)
    groups: dict[str, dict[str, Any]] = {}
    for by, group, chosen in _groups(answers):
        if (rows := int(chosen.sum())) >= _LEAST:
            accuracy = float(right[chosen].mean())
            within = 1.96 * (accuracy * (1 - accuracy) / rows) ** 0.5
            found = {"rows": rows, "accuracy": accuracy, "within": within}
            groups.setdefault(by, {})[group] = found
    figures = {
        **metrics.summary(answers.labels, answers.positive),
        "unanswered": answers.unanswered,
        "unknown": float((answers.unknown * answers.lengths).sum() / answers.lengths.sum()),
        "reliability": metrics.reliability(answers.labels, answers.positive),
        "groups": groups,
    }
    return figures | {"warnings": list(_warnings(figures))}


def _warnings(figures: dict[str, Any]) -> Iterator[str]:
    """What is out of line."""
    if figures["unknown"] > _MOST_UNKNOWN:
        yield f"The model does not know {figures['unknown']:.1%} of the words of held-back texts."
    if figures["expected_calibration_error"] > _MOST_MISCALIBRATED:
        yield (
            "The model's confidence is off by "
            f"{100 * figures['expected_calibration_error']:.1f} points on average."
        )
    for by, groups in figures["groups"].items():
        for group, one in groups.items():
            lacking = figures["accuracy"] - one["accuracy"]
            if lacking > _MOST_LACKING and lacking > 2 * one["within"]:
                yield (
                    f"On texts of the group “{by}: {group}” the model is right in "
                    f"{one['accuracy']:.1%}, {100 * lacking:.1f} points less often than on all."
                )


def _groups(answers: Answers) -> Iterator[tuple[str, str, np.ndarray]]:
    """By what, which group, and which texts belong to it."""
    lowest = 1
    for highest in _LENGTHS:
        inside = (answers.lengths >= lowest) & (answers.lengths <= highest)
        yield "length", f"{lowest}–{highest} words and marks", inside
        lowest = highest + 1
    yield "length", f"{lowest} and more", answers.lengths >= lowest
    negated = np.array([bool(_NEGATION.search(text)) for text in answers.texts])
    yield "negation", "with a negation", negated
    yield "negation", "without", ~negated
    words = [frozenset(re.findall(r"[a-z]+", text.lower())) for text in answers.texts]
    for topic, of_topic in TOPICS.items():
        of = frozenset(of_topic.split())
        yield "topic", topic, np.array([not of.isdisjoint(some) for some in words])
    yield "unknown words", "none", answers.unknown == 0
    for above, most in zip(_UNKNOWN, _UNKNOWN[1:]):
        inside = (answers.unknown > above) & (answers.unknown <= most)
        yield "unknown words", f"over {above:.0%} to {most:.0%}", inside
    yield "unknown words", f"over {most:.0%}", answers.unknown > most


def words(classifier: Classifier, answers: Answers, seed: int = 1) -> dict[str, Any]:
    """The words to tell of, ready for JSON.

    :return: in how many ``texts``, drawn at random, effects were found; the words strongest
        for ``positive`` and for ``negative``; of the words of ``grammar`` those that do most;
        and those that do the ``opposite`` of what their labels say.
    """
    drawn = np.random.default_rng(seed).permutation(len(answers.texts))[:_EXPLAINED]
    frequent = _word_effects(
        classifier, [answers.texts[at] for at in drawn], answers.labels[drawn].tolist()
    )
    ranked = sorted(frequent, key=lambda word: word.effect)
    opposite = [word for word in frequent if word.effect * word.labels < 0 and word.sure]
    grammar = [word for word in frequent if word.word in FUNCTION_WORDS]
    found = {
        "positive": [word for word in reversed(ranked) if word.effect > 0],
        "negative": [word for word in ranked if word.effect < 0],
        "grammar": sorted(grammar, key=lambda word: -abs(word.effect)),
        "opposite": sorted(opposite, key=lambda word: word.effect * word.labels),
    }
    return {
        "texts": len(drawn),
        **{kind: [word._asdict() for word in some[:_SHOWN]] for kind, some in found.items()},
    }


def _word_effects(
    classifier: Classifier, texts: Sequence[str], truth: Sequence[int]
) -> list[WordEffects]:
    """What each frequent word does on average in some texts, whose labels are known."""
    effects: dict[str, list[float]] = defaultdict(list)
    labels: dict[str, list[int]] = defaultdict(list)
    for first in range(0, len(texts), _BATCH):
        batch = classifier.classify_batch(texts[first : first + _BATCH], explain=True)
        for label, answer in zip(truth[first:], batch):
            of_text: dict[str, float] = {}
            for one in answer.word_effects or ():
                word = one.word.lower()
                of_text[word] = of_text.get(word, 0) + one.effect
            for word, effect in of_text.items():
                effects[word].append(effect)
                labels[word].append(label)
    return [
        WordEffects(word, len(some), float(np.mean(some)), *_log_odds(labels[word]))
        for word, some in effects.items()
        if len(some) >= _LEAST
    ]


def _log_odds(labels: Sequence[int]) -> tuple[float, bool]:
    positive = sum(labels) + 0.5
    negative = len(labels) + 1 - positive
    odds = float(np.log(positive / negative))
    return odds, abs(odds) > 2 * (1 / positive + 1 / negative) ** 0.5
