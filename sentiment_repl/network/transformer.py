"""The forward pass of a transformer encoder, BERT (Devlin et al. 2018, arXiv:1810.04805).

Texts of one length run together, so nothing is padded. In the comments on shapes B is the number
of texts, T their tokens, D the width, and H the number of attention heads.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.segments import SegmentedNetwork
from sentiment_repl.network.threads import thread_count
from sentiment_repl.network.validation import bound_outputs, check_float32, check_width
from sentiment_repl.text.wordpiece import WordPieceEncoder

_THREADS = thread_count()
_BATCH_TOKENS = 1024  # about what a processor's cache holds
_EPSILON = np.float32(1e-12)  # of a layer normalization
_LARGEST_VALUE = 1e9  # of an activation; its cube fits into float32

Floats = NDArray[np.float32]


class QuantizedDense:
    """A dense layer with int8 weights: ``x @ (kernel * scales) + bias``.

    :param kernel: int8, (inputs, units).
    :param scales: float32, (units,).
    :param bias: float32, (units,).
    :raises ValueError: the shapes do not fit together, or a weight is invalid.
    """

    def __init__(self, kernel: NDArray[np.int8], scales: Floats, bias: Floats) -> None:
        if kernel.dtype != np.int8 or kernel.ndim != 2:
            raise ValueError(f"a kernel of {kernel.shape}, {kernel.dtype} instead of int8")
        if scales.shape != kernel.shape[1:] or bias.shape != kernel.shape[1:]:
            raise ValueError(f"a kernel of {kernel.shape}, scales of {scales.shape}, {bias.shape}")
        check_width(kernel.shape[1])
        check_float32(scales, bias)
        self.shape, self._largest_weight = kernel.shape, _check_bound(128 * _largest(scales))
        self._kernel: Floats = kernel * scales
        self._bias = bias

    def __call__(self, x: Floats) -> Floats:
        """Return (vectors, units) for (vectors, inputs)."""
        y: Floats = x @ self._kernel
        y += self._bias
        return y

    def bound(self, inputs: float) -> float:
        """Bound the absolute outputs, given a bound of the inputs."""
        largest_sum = self._largest_weight * self.shape[0] * inputs
        return _check_bound(largest_sum + _largest(self._bias))


class LayerNorm:
    """Normalizes each vector to the mean 0 and the variance 1; then ``x * gain + bias``.

    :param gain: float32, (D,).
    :param bias: float32, (D,).
    :raises ValueError: the shapes do not fit together, or a weight is invalid.
    """

    def __init__(self, gain: Floats, bias: Floats) -> None:
        if gain.ndim != 1 or bias.shape != gain.shape:
            raise ValueError(f"a normalization of {gain.shape} and {bias.shape}")
        check_float32(gain, bias)
        self.width = gain.size
        self._gain, self._bias = gain, bias

    def __call__(self, x: Floats) -> Floats:
        """Normalize vectors, (vectors, D), in place."""
        x -= x.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", x, x)[:, np.newaxis] / np.float32(self.width)
        x /= np.sqrt(variance + _EPSILON)
        x *= self._gain
        x += self._bias
        return x

    def bound(self) -> float:
        """Bound the absolute outputs."""
        return _check_bound(math.sqrt(self.width) * _largest(self._gain) + _largest(self._bias))


class Embedding(NamedTuple):
    """The vectors that a token starts from."""

    rows: NDArray[np.int8]  # (vocabulary_size, D); row 0 is padding
    scales: Floats  # (vocabulary_size,)
    edges: Floats  # (2, D): of the tokens [CLS] and [SEP] around each text
    positions: Floats  # (longest segment + 2, D)
    norm: LayerNorm


class Block(NamedTuple):
    """Self-attention, then a feed-forward network on each token. F is about 4 D."""

    query_key_value: QuantizedDense  # (D, 3 D)
    attended: QuantizedDense  # (D, D)
    attention_norm: LayerNorm
    up: QuantizedDense  # (D, F)
    down: QuantizedDense  # (F, D)
    output_norm: LayerNorm


class TransformerNetwork(SegmentedNetwork):
    """Embedding, transformer blocks, the mean over all tokens, and a dense layer.

    :param kernel: of the last layer, float32, (D, classes).
    :param bias: of the last layer, float32, (classes,).
    :param heads: the number of attention heads.
    :raises ValueError: the shapes do not fit together, or a weight is invalid.
    """

    releases_lock = True

    def __init__(
        self,
        embedding: Embedding,
        blocks: Sequence[Block],
        kernel: Floats,
        bias: Floats,
        heads: int,
    ) -> None:
        _validate(embedding, blocks, kernel, bias, heads)
        self._embedding, self._blocks, self._heads = embedding, blocks, heads
        self._kernel, self._bias = kernel, bias
        self.longest_segment = len(embedding.positions) - 2

    @property
    def vocabulary_size(self) -> int:
        """Number of word ids, padding included."""
        return int(self._embedding.rows.shape[0])

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self._kernel.shape[1])

    def encoder(self, vocabulary: Mapping[str, int]) -> WordPieceEncoder:
        """Return the encoder that makes the ids of word pieces."""
        return WordPieceEncoder(vocabulary)

    def _segment_logits(self, segments: list[list[int]]) -> Floats:
        logits = np.empty((len(segments), self.classes), np.float32)

        def fill(rows: list[int]) -> None:
            logits[rows] = self._forward(np.array([segments[row] for row in rows]))

        batches = _batches_of_one_length([len(segment) for segment in segments])
        if len(batches) < 2:
            for rows in batches:
                fill(rows)
            return logits
        executor = ThreadPoolExecutor(_THREADS)
        try:
            list(executor.map(fill, batches))  # raises what a thread has raised
        finally:  # after an interrupt, batches that have not started never do
            executor.shutdown(cancel_futures=True)
        return logits

    def _forward(self, ids: NDArray[np.intp]) -> Floats:
        """Return the logits of texts of one length, (B, classes).

        :param ids: (B, T - 2), without the two tokens around each text.
        """
        texts = len(ids)
        x = self._embed(ids)  # (B T, D)
        for block in self._blocks:
            x = block.attention_norm(x + self._attend(x, block, texts))  # (B T, D)
            x = block.output_norm(x + block.down(_gelu(block.up(x))))  # (B T, D)
        pooled = x.reshape(texts, -1, x.shape[1]).mean(axis=1)  # (B, D)
        logits: Floats = pooled @ self._kernel + self._bias  # (B, classes)
        return logits

    def _embed(self, ids: NDArray[np.intp]) -> Floats:
        rows, scales, edges, positions, norm = self._embedding
        x = np.empty((len(ids), ids.shape[1] + 2, rows.shape[1]), np.float32)  # (B, T, D)
        x[:, 0], x[:, -1] = edges
        x[:, 1:-1] = rows[ids] * scales[ids, np.newaxis]
        x += positions[: x.shape[1]]
        return norm(x.reshape(-1, x.shape[2]))  # (B T, D)

    def _attend(self, x: Floats, block: Block, texts: int) -> Floats:
        shape = texts, -1, 3, self._heads, x.shape[1] // self._heads
        split = block.query_key_value(x).reshape(shape)  # (B, T, 3, H, D / H)
        query, key, value = split.transpose(2, 0, 3, 1, 4)  # (B, H, T, D / H) each
        scores = query @ key.swapaxes(2, 3)  # (B, H, T, T)
        scores *= 1 / math.sqrt(shape[-1])
        scores -= scores.max(axis=3, keepdims=True)
        weights = np.exp(scores, out=scores)
        weights /= weights.sum(axis=3, keepdims=True)
        attended = (weights @ value).transpose(0, 2, 1, 3)  # (B, T, H, D / H)
        return block.attended(attended.reshape(x.shape))  # (B T, D)


def _gelu(x: Floats) -> Floats:
    """Apply GELU, approximated by a tanh (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    inner = x * x
    inner *= 0.044715
    inner += 1
    inner *= x
    inner *= math.sqrt(2 / math.pi)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= 0.5
    return inner


def _batches_of_one_length(lengths: list[int]) -> list[list[int]]:
    """Group the indices of segments into batches, the longest segments first."""
    of_length: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        of_length.setdefault(length, []).append(index)
    batches = []
    for length in sorted(of_length, reverse=True):
        rows, size = of_length[length], max(_BATCH_TOKENS // (length + 2), 1)
        batches += [rows[first : first + size] for first in range(0, len(rows), size)]
    return batches


def _validate(
    embedding: Embedding, blocks: Sequence[Block], kernel: Floats, bias: Floats, heads: int
) -> None:
    rows, scales, edges, positions, norm = embedding
    if rows.ndim != 2 or rows.dtype != np.int8 or scales.shape != rows.shape[:1]:
        raise ValueError(f"an embedding of {rows.shape} and {scales.shape}, {rows.dtype}")
    width = rows.shape[1]
    if edges.shape != (2, width) or positions.shape[1:] != (width,) or len(positions) < 3:
        raise ValueError(f"edges of {edges.shape} and positions of {positions.shape}")
    if type(heads) is not int or heads < 1 or width % heads:
        raise ValueError(f"{heads!r} attention heads of {width} features")
    for units in width, len(positions):
        check_width(units)
    if norm.width != width:
        raise ValueError(f"a normalization of {norm.width} instead of {width} features")
    for block in blocks:
        _validate_block(block, width)
    if kernel.shape != (width, bias.size) or bias.ndim != 1:
        raise ValueError(f"an output of {kernel.shape} and {bias.shape} after {width} features")
    check_float32(scales, edges, positions, kernel, bias)
    _check_bounds(embedding, blocks, kernel, bias)


def _validate_block(block: Block, width: int) -> None:
    hidden = block.up.shape[1]
    if (
        block.query_key_value.shape != (width, 3 * width)
        or block.attended.shape != (width, width)
        or block.attention_norm.width != width
        or block.up.shape != (width, hidden)
        or block.down.shape != (hidden, width)
        or block.output_norm.width != width
    ):
        raise ValueError(f"a transformer block that does not fit {width} features")


def _check_bounds(
    embedding: Embedding, blocks: Sequence[Block], kernel: Floats, bias: Floats
) -> None:
    """Refuse weights that could make an activation overflow."""
    for vectors in embedding.scales, embedding.edges, embedding.positions:
        _check_bound(128 * _largest(vectors))
    bound = embedding.norm.bound()
    for block in blocks:
        block.attended.bound(block.query_key_value.bound(bound))
        block.down.bound(block.up.bound(block.attention_norm.bound()))
        bound = block.output_norm.bound()
    bound_outputs(bound, kernel, bias)


def _largest(weights: Floats) -> float:
    return float(np.abs(weights).max())


def _check_bound(largest: float) -> float:
    if not largest < _LARGEST_VALUE:
        raise ValueError("the weights are so large that an answer could overflow")
    return largest
