"""The contribution of each word to an answer.

Leave-one-out attribution (Li et al. 2016, arXiv:1612.08220): a word's contribution is how much
the log-odds of positive against negative drop when the word is removed. A neutral label has no
part in them.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.base import Network
from sentiment_repl.prediction import WordContribution
from sentiment_repl.text.encoders import Encoder, Encoding

MAX_WORDS = 2000
"""Known words of one text that are explained. Later words get no contribution."""
_WORDS_AT_ONCE = 2048  # of the texts that share calls of the network, about
_IDS_AT_ONCE = 2**17  # in one call of the network, about

Polarity = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From logits, (texts, classes), to the log-odds of positive against negative, (texts,)."""


def explain_texts(
    texts: Iterable[str],
    encodings: Iterable[Encoding],
    encoder: Encoder,
    network: Network,
    polarity: Polarity,
) -> list[tuple[WordContribution, ...]]:
    """Compute the contribution of each known word of each text.

    An empty text has log-odds 0. In a text of several segments only the segment that holds
    the word is shortened; the other cuts stay.

    :param encodings: of each text, made by the encoder.
    :return: for each text its contributions, in the order of the words.
    """
    explained: list[tuple[WordContribution, ...]] = []
    pending: list[_Ablation] = []
    words = 0
    for text, encoding in zip(texts, encodings):
        pending.append(_Ablation(text, encoding.ids, encoder, network))
        words += len(pending[-1].tokens) + 1
        if words >= _WORDS_AT_ONCE:
            explained += _score(pending, polarity, network)
            pending, words = [], 0
    return explained + _score(pending, polarity, network)


class _Ablation:
    """The segments of one text, whole and with each word left out."""

    def __init__(self, text: str, ids: list[int], encoder: Encoder, network: Network) -> None:
        self.text, self._encoder = text, encoder
        known = (token for token in encoder.encode_tokens(text) if token.ids)
        self.tokens = list(islice(known, MAX_WORDS))
        self._segments = network.segments(ids)
        self._left_out: list[tuple[int, int]] = []  # (token, segment) of each shortened segment

    def inputs(self) -> Iterator[list[int]]:
        """Yield each shortened segment, then those segments as they are."""
        for token, segment, shortened in self._encoder.leave_one_out(self.tokens, self._segments):
            self._left_out.append((token, segment))
            yield shortened
        yield from self._segments[: self._touched]

    def contributions(self, log_odds: Iterator[float]) -> tuple[WordContribution, ...]:
        """Compute the contributions from the log-odds of ``inputs``."""
        without = list(islice(log_odds, len(self._left_out)))
        whole = list(islice(log_odds, self._touched))
        drops = [0.0] * len(self.tokens)
        for (token, segment), odds in zip(self._left_out, without):
            drops[token] += (whole[segment] - odds) / len(self._segments)
        return tuple(
            WordContribution(self.text[token.start : token.end], token.start, token.end, drop)
            for token, drop in zip(self.tokens, drops)
        )

    @property
    def _touched(self) -> int:
        """The number of segments that hold an explained word: the first ones."""
        return max((segment for _, segment in self._left_out), default=-1) + 1


def _score(
    ablations: list[_Ablation], polarity: Polarity, network: Network
) -> list[tuple[WordContribution, ...]]:
    inputs = chain.from_iterable(ablation.inputs() for ablation in ablations)
    log_odds: list[float] = []
    for batch in _batches(inputs):
        odds = polarity(network.logits(batch))
        odds[[not ids for ids in batch]] = 0
        log_odds += odds.tolist()
    rest = iter(log_odds)
    return [ablation.contributions(rest) for ablation in ablations]


def _batches(inputs: Iterable[list[int]]) -> Iterator[list[list[int]]]:
    batch: list[list[int]] = []
    size = 0
    for ids in inputs:
        batch.append(ids)
        size += len(ids) + 1
        if size >= _IDS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
