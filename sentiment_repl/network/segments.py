"""Long texts: a network that reads a limited number of tokens reads them in segments."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.threads import one_blas_thread


class SegmentedNetwork(ABC):
    """A network that reads a limited number of tokens at once."""

    longest_segment: int
    """How many tokens it reads at once."""

    def segments(self, ids: list[int]) -> list[list[int]]:
        """Cut a text into as few segments as possible, of about the same length."""
        return cut_into_segments(ids, self.longest_segment)

    def logits(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """Return the logits of a batch.

        :param texts: the ids of the tokens of each text.
        :return: float64, shape (texts, classes): the mean over the segments of each text, and
            zeros for a text without tokens. A batch of another size rounds differently: a
            probability may differ by 1e-6.
        """
        segments = [self.segments(list(ids)) for ids in texts]
        with one_blas_thread():
            return mean_over_segments(segments, self._segment_logits)

    @abstractmethod
    def _segment_logits(self, segments: list[list[int]]) -> NDArray[np.floating]:
        """Return the logits of segments, (segments, classes)."""


def cut_into_segments(ids: list[int], longest: int) -> list[list[int]]:
    """Cut a text into as few segments as possible, of about the same length.

    >>> cut_into_segments([1, 2, 3, 4, 5], longest=2)
    [[1], [2, 3], [4, 5]]
    """
    if 0 < len(ids) <= longest:
        return [ids]
    count = -(-len(ids) // longest)
    bounds = [len(ids) * i // count for i in range(count + 1)] if count else []
    return [ids[a:b] for a, b in pairwise(bounds)]


def mean_over_segments(
    texts: Sequence[Sequence[list[int]]],
    segment_logits: Callable[[list[list[int]]], NDArray[np.floating]],
) -> NDArray[np.float64]:
    """Return the logits of texts: the mean over the segments of each, (texts, classes).

    :param texts: the segments of each text. A text without segments gets zeros.
    :param segment_logits: computes the logits of segments, (segments, classes).
    """
    counts = np.array([len(segments) for segments in texts], np.intp)
    logits = segment_logits(list(chain.from_iterable(texts)))
    sums = np.zeros((len(texts), logits.shape[1]))
    # Not reduceat, which gives a text without segments the sum of the next one.
    np.add.at(sums, np.repeat(np.arange(len(texts)), counts), logits)
    means: NDArray[np.float64] = sums / np.maximum(counts, 1)[:, np.newaxis]
    return means
