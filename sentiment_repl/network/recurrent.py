"""The forward pass of the recurrent network, in NumPy.

``reference.py`` is the same function in 30 plain lines: read that first. This module is
20 to 50 times as fast on a batch, for three reasons:

- Texts are *packed by time*: the first tokens of all texts, the longest text first, then the
  second tokens, and so on. There is no padding, and each step is one contiguous slice.
- A product that depends on one token alone is computed once for each distinct token.
- Batches fit into the processor's cache and run in threads. NumPy releases the lock.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.segments import SegmentedNetwork
from sentiment_repl.network.threads import thread_count
from sentiment_repl.network.validation import bound_outputs, check_float32, check_width
from sentiment_repl.text.encoders import TokenEncoder
from sentiment_repl.text.vocabulary import FEATURE_SETS, split_token_id

LONGEST_SEGMENT = 64
"""Tokens that the network reads at once. A longer text is cut into segments."""

_THREADS = thread_count()
_SHARED_BYTES = 2**27  # for the per-token products that the segments of a group share
_BATCH_TOKENS = 2048  # about what a processor's cache holds
_BLOCK_TOKENS = 512  # distinct tokens whose products one thread computes at a time

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]


class QuantizedEmbedding(NamedTuple):
    """One int8 vector and one scale for each word, and one vector for each set of features."""

    rows: NDArray[np.int8]  # (vocabulary_size, width)
    scales: Floats  # (vocabulary_size,)
    features: Floats  # (FEATURE_SETS, width)


class MinGRU(NamedTuple):
    """A bidirectional minGRU layer. In each half the forward units come first."""

    kernel: Floats  # (window * width, 4 * units): candidates, then gates
    bias: Floats  # (4 * units,)
    window: int  # 1, or 3: a step also sees its two neighbours


_Products = Sequence[Sequence[Floats]]
"""Vectors times the kernel of a layer: ``[candidates, gates][step of the window]``.

Each array has the shape (vectors, 2 * units) and is contiguous.
"""


class RecurrentNetwork(SegmentedNetwork):
    """Embedding, bidirectional minGRU layers, max-mean pooling, and a dense layer.

    :param kernel: of the dense layer, float32, (2 * width, classes).
    :param bias: of the dense layer, float32, (classes,).
    :raises ValueError: the shapes do not fit together, or a weight is invalid.
    """

    releases_lock = True
    longest_segment = LONGEST_SEGMENT

    def __init__(
        self,
        embedding: QuantizedEmbedding,
        layers: Sequence[MinGRU],
        kernel: Floats,
        bias: Floats,
    ) -> None:
        _validate(embedding, layers, kernel, bias)
        self._embedding, self._layers = embedding, layers
        self._kernel, self._bias = kernel, bias
        floats_per_token = embedding.rows.shape[1] + layers[0].bias.size * layers[0].window
        self._group_tokens = _SHARED_BYTES // (4 * floats_per_token)

    @property
    def vocabulary_size(self) -> int:
        """Number of word ids, padding included."""
        return int(self._embedding.rows.shape[0])

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self._kernel.shape[1])

    def encoder(self, vocabulary: Mapping[str, int]) -> TokenEncoder:
        """Return the encoder that makes token ids."""
        return TokenEncoder(vocabulary)

    def _segment_logits(self, segments: list[list[int]]) -> NDArray[np.float64]:
        logits = np.empty((len(segments), self.classes))
        lengths = np.array([len(segment) for segment in segments], np.intp)
        # Segments of similar length run together: the longest decides the number of steps.
        order = np.argsort(-lengths, kind="stable")
        ends = np.cumsum(lengths[order])
        first = done = 0
        while first < len(order):
            end = max(first + 1, int(np.searchsorted(ends, done + self._group_tokens, "right")))
            chosen = order[first:end]
            logits[chosen] = self._group_logits([segments[i] for i in chosen], lengths[chosen])
            first, done = end, int(ends[end - 1])
        return logits

    def _group_logits(self, segments: list[list[int]], lengths: Ints) -> Floats:
        """Return the logits of segments that are ordered from longest to shortest."""
        starts = np.concatenate([[0], np.cumsum(lengths)])
        ids = np.fromiter(chain.from_iterable(segments), np.intp, starts[-1])
        distinct, index_of = np.unique(ids, return_inverse=True)
        vectors, products = self._empty_products(len(distinct))

        def embed(block: slice) -> None:
            vectors[block] = self._embed(distinct[block])
            for half, parts in zip(products, _products(self._layers[0], vectors[block])):
                for whole, part in zip(half, parts):
                    whole[block] = part

        def forward(batch: slice) -> Floats:
            packing = _Packing(lengths[batch])
            indices = np.empty(packing.bounds[-1], np.intp)
            indices[packing.places] = index_of[starts[batch.start] : starts[batch.stop]]
            x = packing.min_gru(vectors.take(indices, axis=0), products, indices)
            for layer in self._layers[1:]:
                x = packing.min_gru(x, _products(layer, x))
            logits: Floats = packing.max_mean_pool(x) @ self._kernel + self._bias
            return logits

        blocks = [slice(i, i + _BLOCK_TOKENS) for i in range(0, len(distinct), _BLOCK_TOKENS)]
        batches = _batches(lengths)
        if len(batches) == 1:
            for block in blocks:
                embed(block)
            return forward(batches[0])
        with ThreadPoolExecutor(_THREADS) as executor:
            list(executor.map(embed, blocks))
            return np.concatenate(list(executor.map(forward, batches)))

    def _embed(self, token_ids: Ints) -> Floats:
        """Return the vectors of some tokens, (tokens, width)."""
        word_ids, features = split_token_id(token_ids)
        rows, scales, of_features = self._embedding
        vectors: Floats = rows[word_ids] * scales[word_ids, np.newaxis] + of_features[features]
        return vectors

    def _empty_products(self, tokens: int) -> tuple[Floats, list[list[Floats]]]:
        width, layer = self._embedding.rows.shape[1], self._layers[0]
        shape = (tokens, layer.bias.size // 2)
        products = [[np.empty(shape, np.float32) for _ in range(layer.window)] for _ in range(2)]
        return np.empty((tokens, width), np.float32), products


def _batches(lengths: Ints) -> list[slice]:
    """Cut segments, from longest to shortest, into batches of about the same size."""
    tokens = int(lengths.sum())
    size = math.ceil(tokens / math.ceil(tokens / _BATCH_TOKENS))
    batches = []
    first = 0
    while first < len(lengths):
        end = min(first + math.ceil(size / lengths[first]), len(lengths))
        batches.append(slice(first, end))
        first = end
    return batches


def count_within(lengths: Ints) -> Ints:
    """Count 0, 1, 2, … within each run of a ragged array.

    >>> count_within(np.array([3, 1, 2])).tolist()
    [0, 1, 2, 0, 0, 1]
    """
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


class _Packing:
    """A batch packed by time: all first tokens, then all second tokens, and so on.

    :param lengths: of each segment, at least 1, in descending order.
    """

    def __init__(self, lengths: Ints) -> None:
        self._lengths = lengths
        active = np.count_nonzero(lengths > np.arange(lengths[0])[:, np.newaxis], axis=1)
        bounds = np.concatenate([[0], np.cumsum(active)])
        self.bounds: list[int] = bounds.tolist()
        """Step t is at ``bounds[t]:bounds[t + 1]``."""
        segment = np.repeat(np.arange(len(lengths)), lengths)
        self.places = bounds[count_within(lengths)] + segment
        """The place of each token, segment by segment."""
        # For each token that is not the first of its segment: the place of the one before.
        self._previous = np.arange(bounds[1], bounds[-1]) - np.repeat(active[:-1], active[1:])

    def min_gru(self, x: Floats, products: _Products, index: Ints | None = None) -> Floats:
        """Run a ``MinGRU`` layer on packed vectors.

        :param x: (tokens, width).
        :param products: of ``x``. With ``index``, of the distinct tokens: row ``index[i]``
            belongs to place ``i``.
        :return: (tokens, 2 * units); ``x`` is added if it has the same shape.
        """
        values, forget = (self._sum_window(half, index) for half in products)
        _sigmoid_in_place(forget)
        values -= values * forget
        n = values.shape[1]
        forwards, backwards = slice(0, n // 2), slice(n // 2, n)
        steps = list(pairwise(self.bounds))
        for (previous, _), (first, end) in pairwise(steps):
            values[first:end, forwards] += (
                forget[first:end, forwards] * values[previous : previous + end - first, forwards]
            )
        for (first, end), (previous, _) in pairwise(reversed(steps)):
            values[previous : previous + end - first, backwards] += (
                forget[previous : previous + end - first, backwards] * values[first:end, backwards]
            )
        if x.shape[1] == n:
            values += x
        return values

    def _sum_window(self, parts: Sequence[Floats], index: Ints | None) -> Floats:
        """Add up what a token and its neighbours contribute, (tokens, 2 * units)."""
        here = parts[len(parts) // 2]
        if index is None:
            total, index = here, np.arange(len(here))
        else:
            total = here.take(index, axis=0)
        if len(parts) == 3:
            before, _, after = parts
            total[self.bounds[1] :] += before.take(index[self._previous], axis=0)
            for (first, _), (second, end) in pairwise(pairwise(self.bounds)):
                total[first : first + end - second] += after.take(index[second:end], axis=0)
        return total

    def max_mean_pool(self, x: Floats) -> Floats:
        """Return the maximum and the mean over time, (segments, 2 * width)."""
        width = x.shape[1]
        pooled = np.empty((len(self._lengths), 2 * width), np.float32)
        maximum, mean = pooled[:, :width], pooled[:, width:]
        maximum[:] = mean[:] = x[: len(pooled)]
        for first, end in pairwise(self.bounds[1:]):
            np.maximum(maximum[: end - first], x[first:end], out=maximum[: end - first])
            mean[: end - first] += x[first:end]
        mean /= self._lengths[:, np.newaxis].astype(np.float32)
        return pooled


def _products(layer: MinGRU, x: Floats) -> _Products:
    """Multiply vectors with each part of a kernel. The bias goes into the middle part."""
    halves = []
    for half, bias in enumerate(np.split(layer.bias, 2)):
        parts = [
            x @ np.split(rows, 2, axis=1)[half] for rows in np.split(layer.kernel, layer.window)
        ]
        parts[layer.window // 2] += bias
        halves.append(parts)
    return halves


def _sigmoid_in_place(x: Floats) -> None:
    """Apply the sigmoid. Far below zero exp overflows to infinity, and the result is 0."""
    with np.errstate(over="ignore"):
        np.negative(x, out=x)
        np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


def _validate(
    embedding: QuantizedEmbedding, layers: Sequence[MinGRU], kernel: Floats, bias: Floats
) -> None:
    rows, scales, features = embedding
    if (
        rows.ndim != 2
        or scales.shape != rows.shape[:1]
        or features.shape != (FEATURE_SETS, rows.shape[1])
    ):
        raise ValueError(f"an embedding of {rows.shape}, {scales.shape} and {features.shape}")
    if rows.dtype != np.int8:
        raise ValueError(f"an embedding of the dtype {rows.dtype} instead of int8")
    width = rows.shape[1]
    check_width(width)
    if not layers:
        raise ValueError("the model has no recurrent layer")
    for layer in layers:
        if type(layer.window) is not int or layer.window not in (1, 3):
            raise ValueError(f"a window of {layer.window!r}; only 1 and 3 are supported")
        inputs, outputs = layer.window * width, layer.bias.size
        if layer.kernel.shape != (inputs, outputs) or layer.bias.ndim != 1 or outputs % 4:
            raise ValueError(f"a recurrent kernel of {layer.kernel.shape} after {width} features")
        check_width(outputs)
        width = outputs // 2
    if kernel.ndim != 2 or kernel.shape[0] != 2 * width or bias.shape != kernel.shape[1:]:
        raise ValueError(f"an output of {kernel.shape} and {bias.shape} after {width} features")
    check_float32(scales, features, kernel, bias)
    # A minGRU state is a mixture of candidates. The layer's input may be added to it.
    bound = 128 * float(np.abs(scales).max()) + float(np.abs(features).max())
    for layer in layers:
        check_float32(layer.kernel, layer.bias)
        bound += bound_outputs(bound, layer.kernel, layer.bias)
    bound_outputs(bound, kernel, bias)
