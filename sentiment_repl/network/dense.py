"""The forward pass of the article's network: dense layers over a bag of words.

The bag is never built. A row of ones and zeros times a matrix is the sum of the matrix' rows
for the words present, so the first layer is an embedding bag.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.threads import one_blas_thread
from sentiment_repl.network.validation import bound_outputs, check_float32, check_width
from sentiment_repl.text.encoders import BagOfWordsEncoder

_ROWS_AT_ONCE = 1024  # bounds the memory of a batch

Activation = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def _linear(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return x


def _relu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(x, 0, out=x)


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    small = np.exp(-np.abs(x))  # of a negative number: cannot overflow
    y: NDArray[np.float32] = np.where(x >= 0, 1, small) / (1 + small)
    return y


ACTIVATIONS: dict[str, Activation] = {"linear": _linear, "relu": _relu, "sigmoid": _sigmoid}
"""The activations of hidden layers, by their Keras names."""


class Dense(NamedTuple):
    """A fully connected layer: ``activation(x @ kernel + bias)``."""

    kernel: NDArray[np.float32]  # (inputs, units)
    bias: NDArray[np.float32]  # (units,)
    activation: Activation


class DenseNetwork:
    """A stack of dense layers over a bag of words. The last layer returns logits.

    :param layers: at least one. The kernel of the first has one row for each word id.
    :raises ValueError: the shapes do not fit together, or a weight is invalid.
    """

    releases_lock = False  # one small NumPy call for each text

    def __init__(self, layers: Sequence[Dense]) -> None:
        if not layers:
            raise ValueError("the model has no dense layer")
        width, bound = None, 1.0
        for kernel, bias, _ in layers:
            if kernel.ndim != 2 or bias.shape != kernel.shape[1:]:
                raise ValueError(f"a kernel of {kernel.shape} has a bias of {bias.shape}")
            if width not in (None, kernel.shape[0]):
                raise ValueError(f"{width} units feed a layer of {kernel.shape[0]} inputs")
            check_float32(kernel, bias)
            bound = bound_outputs(bound, kernel, bias)
            width = kernel.shape[1]
            check_width(width)
        self._layers = list(layers)

    @property
    def vocabulary_size(self) -> int:
        """Number of word ids, padding included."""
        return int(self._layers[0].kernel.shape[0])

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self._layers[-1].kernel.shape[1])

    def encoder(self, vocabulary: Mapping[str, int]) -> BagOfWordsEncoder:
        """Return the encoder that makes bags of words."""
        return BagOfWordsEncoder(vocabulary)

    def segments(self, ids: list[int]) -> list[list[int]]:
        """Return the bag as the only segment; none if it is empty."""
        return [ids] if ids else []

    def logits(self, bags: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """Return the logits of a batch.

        :param bags: for each text its distinct word ids, in any order.
        :return: float64, shape (texts, classes).
        """
        logits = np.empty((len(bags), self.classes))
        with one_blas_thread():
            for start in range(0, len(bags), _ROWS_AT_ONCE):
                logits[start : start + _ROWS_AT_ONCE] = self._forward(
                    bags[start : start + _ROWS_AT_ONCE]
                )
        return logits

    def _forward(self, bags: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        (kernel, bias, activation), *others = self._layers
        x = np.empty((len(bags), kernel.shape[1]), np.float32)
        for bag, row in zip(bags, x):
            # intp, because NumPy takes an empty list for floats.
            np.add.reduce(kernel.take(np.array(bag, np.intp), axis=0), axis=0, out=row)
        x = activation(x + bias)
        for kernel, bias, activation in others:
            x = activation(x @ kernel + bias)
        return x
