"""Checks on the weights of a network, before it answers.

A model folder may come from a stranger. A network that passes these checks needs bounded
memory, and its logits are finite numbers.
"""

import numpy as np
from numpy.typing import NDArray

_WIDEST_LAYER = 2048  # units; bounds the memory for one text
_LARGEST_VALUE = 1e30  # of an activation; float32 overflows at 3e38


def check_width(units: int) -> None:
    """Refuse a layer that is wider than any layer of this program.

    :raises ValueError: the layer is too wide.
    """
    if units > _WIDEST_LAYER:
        raise ValueError(f"a layer has {units} units; the limit is {_WIDEST_LAYER}")


def check_float32(*weights: NDArray[np.generic]) -> None:
    """Refuse weights that are not finite float32 numbers.

    :raises ValueError: an array has another dtype, or holds an infinity or NaN.
    """
    for array in weights:
        if array.dtype != np.float32:
            raise ValueError(f"weights have the dtype {array.dtype} instead of float32")
        if not np.isfinite(array).all():
            raise ValueError("a weight is not a finite number")


def bound_outputs(
    input_bound: float, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> float:
    """Bound the absolute outputs of a dense layer, given a bound of its inputs.

    :return: at least 1, which also bounds a sigmoid.
    :raises ValueError: the outputs could overflow float32.
    """
    per_unit = input_bound * np.abs(kernel).sum(axis=0, dtype=np.float64) + np.abs(bias)
    if not per_unit.max() < _LARGEST_VALUE:
        raise ValueError("the weights are so large that an answer could overflow")
    return max(float(per_unit.max()), 1.0)
