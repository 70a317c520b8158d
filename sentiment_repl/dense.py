"""The forward pass of a stack of dense layers over bags of words, in NumPy.

It leaves out the bag: a row of ones and zeros times a matrix is the sum of that
matrix' rows for the words present.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

_ROWS = 1024  # sentences worked on at a time: bounds the memory, whatever the batch
_WIDEST = 2048  # units of a layer; likewise
_LARGEST = 1e30  # of a number on the way to an answer; float32 ends at 3e38


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0, out=x)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    # exp(-|x|) cannot overflow, whatever the sign of x.
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def _softmax(x: np.ndarray) -> np.ndarray:
    # float64: a confidence is printed to eight decimals, float32 holds seven.
    exp = np.exp(x.astype(np.float64) - x.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": _relu,
    "sigmoid": _sigmoid,
    "softmax": _softmax,
}
"""Those of Keras that are read here, by its names."""


class Dense(NamedTuple):
    """One fully connected layer: ``activation(x @ kernel + bias)``."""

    kernel: np.ndarray  # float32, (inputs, units)
    bias: np.ndarray  # float32, (units,)
    activation: Callable[[np.ndarray], np.ndarray]


def check_width(units: int) -> None:
    """See to it that the numbers of many words at once fit into the memory.

    :raises ValueError: a layer has more units than any of this program's.
    """
    if units > _WIDEST:
        raise ValueError(f"a layer of {units} units, where at most {_WIDEST} are read")


def check_finite(*weights: np.ndarray) -> None:
    """See to it that weights are numbers.

    :raises ValueError: one is infinite or none.
    """
    if not all(np.isfinite(some).all() for some in weights):
        raise ValueError("a weight is not a finite number")


def largest(reach: float, kernel: np.ndarray, bias: np.ndarray) -> float:
    """The largest number, apart from its sign, that a layer can make of numbers up to ``reach``.

    :raises ValueError: it is so large that the sums behind an answer could overflow.
    """
    of_units = reach * np.abs(kernel).sum(axis=0, dtype=np.float64) + np.abs(bias)
    if not of_units.max() < _LARGEST:
        raise ValueError("its weights are so large that an answer could overflow")
    return max(float(of_units.max()), 1.0)  # a sigmoid or a softmax makes up to 1 of anything


class DenseStack:
    """A stack of dense layers over bags of words.

    :param layers: at least one; the kernel of the first has one row a column of
        the dictionary.
    :raises ValueError: shapes that do not fit each other, a weight that is no finite
        number or too large, or an end that is no softmax.
    """

    sequences = False

    def __init__(self, layers: Sequence[Dense]) -> None:
        if not layers:
            raise ValueError("it has no dense layer")
        if layers[-1].activation is not _softmax:
            raise ValueError("its last layer is no softmax, whose outputs alone are probabilities")
        width, reach = None, 1.0
        for kernel, bias, _ in layers:
            if kernel.ndim != 2 or bias.shape != kernel.shape[1:]:
                raise ValueError(f"a kernel of {kernel.shape} with a bias of {bias.shape}")
            if width not in (None, kernel.shape[0]):
                raise ValueError(f"a layer of {width} units before one of {kernel.shape[0]} inputs")
            if not kernel.dtype == bias.dtype == np.float32:
                raise ValueError(f"weights of the type {kernel.dtype}, where float32 is read")
            check_finite(kernel, bias)
            reach = largest(reach, kernel, bias)
            width = kernel.shape[1]
            check_width(width)
        self._first, *self._rest = layers

    @property
    def columns(self) -> int:
        """How many columns a bag of words has, column 0 included."""
        return self._first.kernel.shape[0]

    @property
    def classes(self) -> int:
        """How many classes the network tells apart."""
        return (self._rest or [self._first])[-1].kernel.shape[1]

    def parts(self, bag: list[int]) -> list[list[int]]:
        """A bag is read as a whole."""
        return [bag] if bag else []

    def probabilities(self, bags: Sequence[Sequence[int]]) -> np.ndarray:
        """Class probabilities of a batch.

        A bag's answer does not depend on the others in the batch, to the last
        bit: each row is multiplied alone. One product for the whole batch would
        be a little faster, but BLAS rounds a row by its place in the batch.

        :param bags: for each sentence the distinct columns of its words, in any
            order; an empty bag is the all-zero row.
        :return: float64 in 0–1, shape (bags, classes).
        """
        answers = np.empty((len(bags), self.classes))
        for start in range(0, len(bags), _ROWS):
            answers[start : start + _ROWS] = self._forward(bags[start : start + _ROWS])
        return answers

    def _forward(self, bags: Sequence[Sequence[int]]) -> np.ndarray:
        kernel, bias, activation = self._first
        x = np.empty((len(bags), kernel.shape[1]), np.float32)
        for bag, row in zip(bags, x):
            # intp: NumPy takes an empty list for floats, which index nothing.
            np.add.reduce(kernel.take(np.array(bag, np.intp), axis=0), axis=0, out=row)
        x = activation(x + bias)
        for kernel, bias, activation in self._rest:
            x = activation((x[:, np.newaxis] @ kernel)[:, 0] + bias)
        return x
