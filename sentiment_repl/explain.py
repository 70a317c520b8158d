"""The contribution of each word to an answer.

Leave-one-out attribution (Li et al. 2016, arXiv:1612.08220): a word's contribution is how much
the log-odds of positive against negative drop when the word is removed. A neutral label has no
part in them.
"""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.base import Network
from sentiment_repl.prediction import WordContribution
from sentiment_repl.text.encoders import Encoder

MAX_WORDS = 2000
"""Words of one text that are explained. Later words get no contribution."""
_INPUTS_AT_ONCE = 2048  # shortened texts in one call of the network, about


Polarity = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From logits, (texts, classes), to the log-odds of positive against negative, (texts,)."""


def explain_texts(
    texts: Sequence[str], encoder: Encoder, network: Network, polarity: Polarity
) -> list[tuple[WordContribution, ...]]:
    """Compute the contribution of each known word of each text.

    An empty text has log-odds 0. In a text of several segments only the segment that holds
    the word is shortened; the other cuts stay.

    :return: for each text its contributions, in the order of the words.
    """
    explained: list[tuple[WordContribution, ...]] = []
    pending: list[_Ablation] = []
    inputs = 0
    for text in texts:
        pending.append(_Ablation(text, encoder, network))
        inputs += len(pending[-1].inputs) + 1
        if inputs >= _INPUTS_AT_ONCE:
            explained += _score(pending, polarity, network)
            pending, inputs = [], 0
    return explained + _score(pending, polarity, network)


class _Ablation:
    """The segments of one text, whole and with each word left out."""

    def __init__(self, text: str, encoder: Encoder, network: Network) -> None:
        self.text = text
        tokens = [token for token in encoder.encode_tokens(text) if token.ids]
        self._tokens = tokens[:MAX_WORDS]
        segments = network.segments(encoder.ids(tokens))
        self._segments = len(segments)
        self._left_out: list[tuple[int, int]] = []  # (token, segment) of each shortened segment
        self.inputs: list[list[int]] = list(segments)
        for token, segment, shortened in encoder.leave_one_out(tokens, segments):
            if token >= MAX_WORDS:
                break
            self._left_out.append((token, segment))
            self.inputs.append(shortened)

    def contributions(self, log_odds: NDArray[np.float64]) -> tuple[WordContribution, ...]:
        """Compute the contributions from the log-odds of ``inputs``."""
        drops = np.zeros(len(self._tokens))
        for (token, segment), without in zip(self._left_out, log_odds[self._segments :]):
            drops[token] += (log_odds[segment] - without) / self._segments
        return tuple(
            WordContribution(self.text[token.start : token.end], token.start, token.end, drop)
            for token, drop in zip(self._tokens, drops.tolist())
        )


def _score(
    ablations: list[_Ablation], polarity: Polarity, network: Network
) -> list[tuple[WordContribution, ...]]:
    inputs = [ids for ablation in ablations for ids in ablation.inputs]
    log_odds = polarity(network.logits(inputs))
    log_odds[[not ids for ids in inputs]] = 0
    rest = iter(log_odds)
    return [
        ablation.contributions(np.fromiter(islice(rest, len(ablation.inputs)), np.float64))
        for ablation in ablations
    ]
