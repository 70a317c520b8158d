"""The forward pass of the network that reads a sentence word by word, in NumPy.

The sentences of a batch are packed by time: first the first token of every
sentence, the longest sentence first, then the second tokens of those that have
one, and so on. No work is done for padding, and each step of a recurrence is one
contiguous slice. ``training/layers.py`` describes what each layer computes.
"""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from sentiment_repl.dense import check_finite, check_width, largest
from sentiment_repl.tweet import STYLES

LONGEST = 64
"""Tokens read as one piece; a longer text is read in pieces."""

_THREADS = min(os.cpu_count() or 1, 4)
_MEMORY = 2**27  # bytes for what depends on one word alone, which the pieces of a group share
_TOKENS = 2048  # of a batch, more or less: about what a processor's cache holds
_BLOCK = 512  # distinct tokens whose products one thread makes at a time
_ROWS = 64  # of a product, or a multiple; how many are made at once is told at ``_way``:
_TURNED, _EDGE = 304, 8  # with those at the edges what OpenBLAS takes at a time with AVX2
_FEW = 8


class Words(NamedTuple):
    """A vector for each word, in a byte a number, and one for each style."""

    rows: np.ndarray  # int8, (columns, width)
    scales: np.ndarray  # float32, (columns,)
    styles: np.ndarray  # float32, (STYLES, width)


class Recurrence(NamedTuple):
    """A bidirectional light recurrence; in each half the forward units stand first."""

    kernel: np.ndarray  # float32, (window * width, 4 * units)
    bias: np.ndarray  # float32, (4 * units,)
    window: int  # 1, or 3: a step sees its neighbours, too: earlier, itself, later


_Products = Sequence[Sequence[np.ndarray]]
"""What the kernel of a recurrence makes of vectors: for the candidates and for the gates,
apart, so that each is contiguous, that of each step of the window, (vectors, 2 * units)."""


class Recurrent:
    """Word vectors, light recurrences, largest and mean values, one dense layer.

    :raises ValueError: shapes that do not fit each other, or a weight that is no
        finite number or too large.
    """

    sequences = True

    def __init__(
        self,
        words: Words,
        recurrences: Sequence[Recurrence],
        kernel: np.ndarray,
        bias: np.ndarray,
    ) -> None:
        _check(words, recurrences, kernel, bias)
        self._words, self._recurrences = words, recurrences
        self._kernel, self._bias = kernel, bias
        numbers = words.rows.shape[1] + recurrences[0].bias.size * recurrences[0].window
        self._tokens = _MEMORY // (4 * numbers)  # of a group

    @property
    def columns(self) -> int:
        """How many words the network has vectors of, column 0, which is padding, included."""
        return self._words.rows.shape[0]

    @property
    def classes(self) -> int:
        """How many classes the network tells apart."""
        return self._kernel.shape[1]

    def probabilities(self, sentences: Sequence[Sequence[int]]) -> np.ndarray:
        """Class probabilities of a batch.

        A sentence's answer does not depend on the others in the batch, to the last bit.
        One of more than ``LONGEST`` tokens is read in pieces of about one length; its
        log-odds are the mean of theirs.

        :param sentences: for each its token numbers, ``column * STYLES + style``.
        :return: float64 in 0-1, shape (sentences, classes); one without tokens has equal ones.
        """
        pieces = [self.parts(list(sentence)) for sentence in sentences]
        logits = self._logits([piece for of_one in pieces for piece in of_one])
        counts = np.array([len(of_one) for of_one in pieces], np.intp)
        sums = np.zeros((len(sentences), self.classes))
        # Not reduceat, which gives a sentence without pieces the next one's sum.
        np.add.at(sums, np.repeat(np.arange(len(sentences)), counts), logits)
        sums /= np.maximum(counts, 1)[:, np.newaxis]
        exp = np.exp(sums - sums.max(axis=1, keepdims=True, initial=-np.inf))
        return exp / exp.sum(axis=1, keepdims=True)

    def parts(self, sentence: list[int]) -> list[list[int]]:
        """A sentence cut into as few pieces of at most ``LONGEST`` as can be, of like length."""
        if 0 < len(sentence) <= LONGEST:
            return [sentence]
        count = -(-len(sentence) // LONGEST)
        bounds = [len(sentence) * i // count for i in range(count + 1)] if count else []
        return [sentence[a:b] for a, b in pairwise(bounds)]

    def _logits(self, pieces: list[list[int]]) -> np.ndarray:
        """Unnormalised log-probabilities, float64, (pieces, classes)."""
        answers = np.empty((len(pieces), self.classes))
        lengths = np.array([len(piece) for piece in pieces], np.intp)
        # Of like length together: the steps of a batch are as many as its longest has tokens.
        order = np.argsort(-lengths, kind="stable")
        ends = np.cumsum(lengths[order])
        first = done = 0
        while first < len(order):
            end = max(first + 1, int(np.searchsorted(ends, done + self._tokens, "right")))
            chosen = order[first:end]
            answers[chosen] = self._of_group([pieces[i] for i in chosen], lengths[chosen])
            first, done = end, ends[end - 1]
        return answers

    def _of_group(self, pieces: list[list[int]], lengths: np.ndarray) -> np.ndarray:
        """The same of pieces from the longest to the shortest.

        Most tokens of a group are repeats: what depends on one alone is done once for
        all of it, the rest in batches that a processor's cache holds.
        """
        starts = np.concatenate([[0], np.cumsum(lengths)])
        tokens = np.fromiter(chain.from_iterable(pieces), np.intp, starts[-1])
        tokens, of_token = np.unique(tokens, return_inverse=True)
        width, outputs = self._words.rows.shape[1], self._recurrences[0].bias.size
        vectors = np.empty((len(tokens), width), np.float32)
        products = [
            [
                np.empty((len(tokens), outputs // 2), np.float32)
                for _ in range(self._recurrences[0].window)
            ]
            for _ in ("values", "forget")
        ]

        def look_up(some: slice) -> None:
            rows, scales, styles = self._words
            columns = tokens[some] // STYLES
            vectors[some] = rows[columns] * scales[columns, np.newaxis]
            vectors[some] += styles[tokens[some] % STYLES]
            for half, parts in zip(products, _products(self._recurrences[0], vectors[some])):
                for whole, part in zip(half, parts):
                    whole[some] = part

        def answer(batch: slice) -> np.ndarray:
            packed = _Packing(lengths[batch])
            places = np.empty(packed.bounds[-1], np.intp)
            places[packed.places] = of_token[starts[batch.start] : starts[batch.stop]]
            x = packed.recurrence(vectors.take(places, axis=0), products, places)
            for layer in self._recurrences[1:]:
                x = packed.recurrence(x, _products(layer, x))
            pooled = packed.largest_and_mean(x)
            return (pooled[:, np.newaxis] @ self._kernel)[:, 0] + self._bias

        batches = []
        first = 0
        size = math.ceil(len(of_token) / math.ceil(len(of_token) / _TOKENS))  # all of one size
        while first < len(lengths):
            end = min(first + math.ceil(size / lengths[first]), len(lengths))
            batches.append(slice(first, end))
            first = end
        some = [slice(i, i + _BLOCK) for i in range(0, len(tokens), _BLOCK)]
        if len(batches) == 1:
            for block in some:
                look_up(block)
            return answer(batches[0])
        with ThreadPoolExecutor(_THREADS) as executor:  # NumPy lets others run meanwhile
            list(executor.map(look_up, some))
            return np.concatenate(list(executor.map(answer, batches)))


def counted(lengths: np.ndarray) -> np.ndarray:
    """0, 1, 2, … as far as each length, one run after the other."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


class _Packing:
    """A batch of sentences packed by time, and what is done in that order.

    :param lengths: of each sentence, at least 1, in descending order.
    """

    def __init__(self, lengths: np.ndarray) -> None:
        self._lengths = lengths
        active = np.count_nonzero(lengths > np.arange(lengths[0])[:, np.newaxis], axis=1)
        bounds = np.concatenate([[0], np.cumsum(active)])
        self.bounds: list[int] = bounds.tolist()
        """Step t stands at bounds[t]:bounds[t + 1]."""
        sentence = np.repeat(np.arange(len(lengths)), lengths)
        step = counted(lengths)
        self.places = bounds[step] + sentence
        """Where the tokens of the first sentence stand, then those of the second, …"""
        # The token before each of those that are not a sentence's first.
        self._before = np.arange(bounds[1], bounds[-1]) - np.repeat(active[:-1], active[1:])

    def recurrence(
        self, x: np.ndarray, products: _Products, of_place: np.ndarray | None = None
    ) -> np.ndarray:
        """A ``LightRecurrence`` of packed vectors.

        :param x: float32, (places, width).
        :param products: of the vectors; with ``of_place`` of the distinct ones, of
            which it says which stands where.
        :return: float32, (places, 2 * units).
        """
        values, forget = (self._seen(half, of_place) for half in products)
        _sigmoid(forget)
        values -= values * forget
        n = values.shape[1]
        forwards, backwards = (slice(0, n // 2), slice(n // 2, n))
        steps = list(pairwise(self.bounds))
        for (earlier, _), (first, end) in pairwise(steps):
            values[first:end, forwards] += (
                forget[first:end, forwards] * values[earlier : earlier + end - first, forwards]
            )
        for (first, end), (earlier, _) in pairwise(reversed(steps)):
            values[earlier : earlier + end - first, backwards] += (
                forget[earlier : earlier + end - first, backwards] * values[first:end, backwards]
            )
        if x.shape[1] == n:
            values += x
        return values

    def _seen(self, parts: Sequence[np.ndarray], of_place: np.ndarray | None) -> np.ndarray:
        """What half a kernel makes of each place and its neighbours, float32."""
        now = parts[len(parts) // 2]
        if of_place is None:
            seen, of_place = now, np.arange(len(now))
        else:
            seen = now.take(of_place, axis=0)
        if len(parts) == 3:
            earlier, _, later = parts
            seen[self.bounds[1] :] += earlier.take(of_place[self._before], axis=0)
            for (first, _), (second, end) in pairwise(pairwise(self.bounds)):
                seen[first : first + end - second] += later.take(of_place[second:end], axis=0)
        return seen

    def largest_and_mean(self, x: np.ndarray) -> np.ndarray:
        """``MaxAndMean``: float32, (sentences, 2 * width)."""
        width = x.shape[1]
        pooled = np.empty((len(self._lengths), 2 * width), np.float32)
        largest, mean = pooled[:, :width], pooled[:, width:]
        largest[:] = mean[:] = x[: len(pooled)]
        for first, end in pairwise(self.bounds[1:]):
            np.maximum(largest[: end - first], x[first:end], out=largest[: end - first])
            mean[: end - first] += x[first:end]
        mean /= self._lengths[:, np.newaxis].astype(np.float32)
        return pooled


def _products(layer: Recurrence, x: np.ndarray) -> _Products:
    """Vectors times each part of a kernel, the bias in the part of the step itself.

    Each vector's are the same to the last bit whatever the others are.
    """
    padded = np.zeros((-(-len(x) // _ROWS) * _ROWS, x.shape[1]), np.float32)
    padded[: len(x)] = x
    halves = []
    for half, bias in enumerate(np.split(layer.bias, 2)):
        parts = [
            _product(padded, np.split(rows, 2, axis=1)[half])[: len(x)]
            for rows in np.split(layer.kernel, layer.window)
        ]
        parts[layer.window // 2] += bias
        halves.append(parts)
    return halves


_Way = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _product(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """``x @ kernel``, every row rounded alike, of as many times ``_ROWS`` rows as there be."""
    return _way(*kernel.shape)(x, kernel)


@lru_cache
def _way(width: int, outputs: int) -> _Way:
    """The fastest way to a product in which this machine makes equal rows of equal rows.

    OpenBLAS makes a product in tiles, and does not round in all of them alike: with AVX-512 it
    does in whole blocks of rows; with AVX2 it does not, but for few rows, or far from the edges
    of a product that is turned round.
    """
    numbers = np.sin(np.arange(width * (outputs + 1), dtype=np.float32))
    row, kernel = numbers[:width], numbers[width:].reshape(width, outputs)

    def alike(way: _Way) -> bool:
        one, many = (way(np.tile(row, (rows, 1)), kernel) for rows in (_ROWS, 16 * _ROWS))
        return bool((one == one[0]).all() and (many == one[0]).all())

    return next(filter(alike, (np.matmul, _turned)), _by_few)


def _turned(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    framed = np.zeros((len(x) + 2 * _EDGE, x.shape[1]), np.float32)
    framed[_EDGE:-_EDGE] = x
    product = np.empty((len(x), kernel.shape[1]), np.float32)
    for first in range(0, len(x), _TURNED):
        block = framed[first : first + _TURNED + 2 * _EDGE]
        product[first : first + _TURNED] = (kernel.T @ block.T).T[_EDGE:-_EDGE]
    return product


def _by_few(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return (x.reshape(-1, _FEW, x.shape[1]) @ kernel).reshape(len(x), -1)


def _sigmoid(x: np.ndarray) -> None:
    """In place; far below zero exp overflows to infinity and the answer is 0."""
    with np.errstate(over="ignore"):
        np.negative(x, out=x)
        np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


def _check(
    words: Words, recurrences: Sequence[Recurrence], kernel: np.ndarray, bias: np.ndarray
) -> None:
    rows, scales, styles = words
    if rows.ndim != 2 or scales.shape != rows.shape[:1] or styles.shape != (STYLES, rows.shape[1]):
        raise ValueError(f"word vectors of {rows.shape}, {scales.shape} and {styles.shape}")
    width = rows.shape[1]
    check_width(width)
    if not recurrences:
        raise ValueError("it has no recurrence")
    for layer in recurrences:
        if type(layer.window) is not int or layer.window not in (1, 3):
            raise ValueError(f"a window of {layer.window!r}, where 1 and 3 are read")
        inputs, outputs = layer.window * width, layer.bias.size
        if layer.kernel.shape != (inputs, outputs) or layer.bias.ndim != 1 or outputs % 4:
            raise ValueError(f"a recurrence of {layer.kernel.shape} after {width} features")
        check_width(outputs)
        width = outputs // 2
    if kernel.ndim != 2 or kernel.shape[0] != 2 * width or bias.shape != kernel.shape[1:]:
        raise ValueError(f"an output of {kernel.shape} and {bias.shape} after {width} features")
    if rows.dtype != np.int8:
        raise ValueError(f"word vectors of the type {rows.dtype}, where int8 is read")
    of_layers = [weights for layer in recurrences for weights in (layer.kernel, layer.bias)]
    for weights in (scales, styles, *of_layers, kernel, bias):
        if weights.dtype != np.float32:
            raise ValueError(f"weights of the type {weights.dtype}, where float32 is read")
        check_finite(weights)
    # A recurrence makes mixtures of the products; its input may be added to it.
    reach = 128 * float(np.abs(scales).max()) + float(np.abs(styles).max())
    for layer in recurrences:
        reach += largest(reach, layer.kernel, layer.bias)
    largest(reach, kernel, bias)
