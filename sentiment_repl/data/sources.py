"""Where the examples of a corpus come from.

A source yields *examples*: class probabilities, a text and a weight. Labelled files are the main
source, and the only one with held-out texts. Further sources add training examples. To add or
drop one is one line in ``training/train.py``.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from sentiment_repl.data.crowd_ratings import RatedText
from sentiment_repl.data.labels import NEGATIVE, POSITIVE, LabelledText
from sentiment_repl.data.synthetic import synthetic_sentences


class Example(NamedTuple):
    """A text to train on."""

    probabilities: tuple[float, ...]
    """The probability of each class, in the order of the model's labels; their sum is 1."""
    text: str
    weight: float = 1.0
    """How much the example counts in the loss."""
    label: int | None = None
    """The class that a person or an emoticon chose; None if only probabilities are known."""


class Source(Protocol):
    """Adds training examples to those of the labelled files."""

    @property
    def name(self) -> str:
        """The key of the source in ``metrics.json``."""

    def examples(self, labelled_rows: int) -> Iterator[Example]:
        """Yield the examples.

        :param labelled_rows: how many labelled examples the corpus has.
        """


def labelled_examples(rows: Iterable[LabelledText], labels: Sequence[str]) -> Iterator[Example]:
    """Turn labelled texts into examples. Rows with another label are left out."""
    classes = {
        label: (index, label_probabilities(label, labels)) for index, label in enumerate(labels)
    }
    for label, text in rows:
        if label in classes:
            index, probabilities = classes[label]
            yield Example(probabilities, text, label=index)


def sampled(examples: Iterable[Example], size: int | None, seed: int) -> Iterable[Example]:
    """Return a random sample, in the order of the examples.

    :param size: how many examples; None, or more than there are, returns all.
    """
    if size is None:
        return examples
    all_examples = list(examples)
    if size >= len(all_examples):
        return all_examples
    chosen = np.random.default_rng(seed).choice(len(all_examples), size, replace=False)
    return [all_examples[index] for index in np.sort(chosen).tolist()]


@dataclass(frozen=True)
class CrowdRatedTexts:
    """Texts with the mean of many people's ratings.

    Together they count at most a quarter as much as the labelled examples.
    """

    texts: Sequence[RatedText]
    labels: Sequence[str]
    seed: int
    weight: float = 2.0
    name: str = "crowd_rated"

    def examples(self, labelled_rows: int) -> Iterator[Example]:
        """Yield one example a text, or a random sample of the texts."""
        limit = max(int(labelled_rows / 4 / self.weight), 1)
        texts = self.texts
        if len(texts) > limit:
            texts = random.Random(self.seed).sample(texts, limit)
        for rated in texts:
            probabilities = polarity_probabilities(rated.positive_probability, self.labels)
            yield Example(probabilities, rated.text, self.weight)


@dataclass(frozen=True)
class SyntheticSentences:
    """Sentences from templates, for what labels by emoticon hardly teach."""

    share: float
    """How many sentences there are for each labelled example."""
    labels: Sequence[str]
    seed: int
    name: str = "synthetic"

    def examples(self, labelled_rows: int) -> Iterator[Example]:
        """Yield new sentences. The same seed yields the same ones."""
        for label, text in synthetic_sentences(round(self.share * labelled_rows), self.seed):
            index = self.labels.index(label) if label in self.labels else None
            yield Example(label_probabilities(label, self.labels), text, label=index)


def label_probabilities(label: str, labels: Sequence[str]) -> tuple[float, ...]:
    """Return the class probabilities of a label.

    A neutral text is half negative and half positive to a model without that label.

    >>> label_probabilities("positive", ("negative", "positive"))
    (0.0, 1.0)
    >>> label_probabilities("neutral", ("negative", "positive"))
    (0.5, 0.5)
    """
    if label in labels:
        return tuple(float(label == other) for other in labels)
    return polarity_probabilities(0.5, labels)


def polarity_probabilities(positive: float, labels: Sequence[str]) -> tuple[float, ...]:
    """Return the class probabilities of a text that is positive or else negative.

    :param positive: the probability of positive, 0–1.
    """
    shares = {NEGATIVE: 1 - positive, POSITIVE: positive}
    return tuple(shares.get(label, 0.0) for label in labels)
