"""How much each word of a text moves the answer."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from sentiment_repl.network import Network
from sentiment_repl.reading import Reader

EXPLAINED = 2000
"""Words of one text whose effects are found; those after them have none."""
_TOGETHER = 2048  # shortened texts that go through the network at once, more or less


class WordEffect(NamedTuple):
    """What one word does to the answer."""

    word: str
    """As it stands in the text."""
    start: int
    end: int
    """Its place: ``text[start:end]``."""
    effect: float
    """What the log-odds of positive lose without it: above 0 it speaks for positive, below
    for negative. On that scale effects in different sentences compare."""


def word_effects(
    reader: Reader, net: Network, texts: Sequence[str]
) -> list[tuple[WordEffect, ...]]:
    """The effect of each known word, by leaving it out (Li et al. 2016, arXiv:1612.08220).

    Where nothing is left the log-odds are 0. Of a text so long that the network reads it
    in parts, the part that holds the word is shortened, and the cuts stay where they are.

    :return: for each text its effects, in the order of their places.
    """
    found: list[tuple[WordEffect, ...]] = []
    waiting: list[_Shortened] = []
    inputs = 0
    for text in texts:
        waiting.append(_Shortened(text, reader, net))
        inputs += len(waiting[-1].inputs) + 1
        if inputs >= _TOGETHER:
            found += _effects(waiting, net)
            waiting, inputs = [], 0
    return found + _effects(waiting, net)


class _Shortened:
    """A text's words, and what the network reads with all of them and without each."""

    def __init__(self, text: str, reader: Reader, net: Network) -> None:
        self.text = text
        pieces = [piece for piece in reader.pieces(text) if piece.numbers]
        self.pieces = pieces[:EXPLAINED]
        parts = net.parts(reader.numbers(pieces))
        self.count = len(parts)
        # Of each shortened part which word it lacks, and which part it was.
        self.lacking: list[tuple[int, int]] = []
        self.inputs: list[Sequence[int]] = list(parts)
        for word, part, shortened in reader.without_each(pieces, parts):
            if word >= EXPLAINED:
                break
            self.lacking.append((word, part))
            self.inputs.append(shortened)

    def effects(self, odds: np.ndarray) -> tuple[WordEffect, ...]:
        """From the log-odds of the inputs."""
        effects = np.zeros(len(self.pieces))
        for (word, part), shortened in zip(self.lacking, odds[self.count :]):
            effects[word] += (odds[part] - shortened) / self.count
        return tuple(
            WordEffect(self.text[start:end], start, end, effect)
            for (start, end, *_), effect in zip(self.pieces, effects.tolist())
        )


def _effects(shortened: list[_Shortened], net: Network) -> list[tuple[WordEffect, ...]]:
    inputs = [one_input for one in shortened for one_input in one.inputs]
    # A probability of 0, which a very sure network rounds to, would have infinite odds.
    logs = np.log(np.maximum(net.probabilities(inputs), np.finfo(np.float64).tiny))
    odds = logs[:, 1] - logs[:, 0]
    odds[[not one_input for one_input in inputs]] = 0
    rest = iter(odds)
    return [
        one.effects(np.fromiter(islice(rest, len(one.inputs)), np.float64)) for one in shortened
    ]
