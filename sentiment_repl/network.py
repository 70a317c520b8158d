"""A saved Keras network to its forward pass in NumPy.

Deliberately left out: every layer that the shipped models do not have.
"""

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from sentiment_repl.dense import ACTIVATIONS, Dense, DenseStack
from sentiment_repl.recurrent import Recurrence, Recurrent, Words

_DTYPES = {"float32": "<f4", "int8": "|i1"}
_SILENT = frozenset(["InputLayer", "Dropout"])  # neither does anything to an answer


class Network(Protocol):
    """What a classifier asks of a network."""

    @property
    def columns(self) -> int:
        """How many columns the dictionary has, column 0 included."""

    @property
    def classes(self) -> int:
        """How many classes the network tells apart."""

    @property
    def sequences(self) -> bool:
        """Whether its inputs are what ``reading.Sequence`` brings, or ``reading.Bag``."""

    def probabilities(self, inputs: Sequence[Sequence[int]], /) -> np.ndarray:
        """Float64 in 0-1, (inputs, classes), each row whatever the others are."""

    def parts(self, one_input: list[int], /) -> list[list[int]]:
        """The parts in which an input is read one by one; none if it is empty."""


def tensors(weights: bytes, index: Mapping[str, Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """The weights of a saved network, by name, as views of the file.

    :param weights: the content of the file that holds them.
    :param index: for each its ``offset`` in bytes, its ``shape`` and its ``dtype``,
        ``"float32"`` (taken where there is none) or ``"int8"``.
    :raises ValueError: an entry is malformed, points outside the file or into another's bytes.
    """
    try:
        found = {
            name: _tensor(weights, entry["offset"], entry["shape"], entry.get("dtype", "float32"))
            for name, entry in index.items()
        }
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"its list of weights is malformed: {error}") from error
    # A small file could otherwise stand for any number of large layers.
    ends = sorted((index[name]["offset"], tensor.nbytes) for name, tensor in found.items())
    if any(start + size > later for (start, size), (later, _) in pairwise(ends)):
        raise ValueError("its list of weights has some in the place of others")
    return found


def _tensor(weights: bytes, offset: int, shape: Sequence[int], dtype: str) -> np.ndarray:
    # NumPy refuses a range outside the file, but some negative offsets crash it.
    if not all(type(number) is int for number in [offset, *shape]) or not (
        0 <= offset <= len(weights) and all(0 < number <= len(weights) for number in shape)
    ):
        raise ValueError(f"its list of weights has {reprlib.repr(shape)} at {reprlib.repr(offset)}")
    return np.ndarray(tuple(shape), _DTYPES[dtype], weights, offset)


def from_keras(model: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> Network:
    """Put a network together from what Keras saved.

    :param model: the parsed ``model.json`` (``Model.to_json``) of a ``Sequential``, either
        of ``Dense`` layers or of ``StoredWords``, ``LightRecurrence``, ``MaxAndMean`` and
        one ``Dense``.
    :param tensors: weights by name, ``<layer>/<variable>``.
    :raises ValueError: another kind of model or layer, or a weight is missing.
    """
    try:
        layers = list(_layers(model))
        kinds = [kind for kind, _ in layers]
        names = [config.get("name") for kind, config in layers if kind != "MaxAndMean"]
        if len(set(names)) < len(names):
            raise ValueError("two layers of one name")
        if "StoredWords" in kinds:
            return _recurrent(layers, tensors)
        return DenseStack([_dense(kind, config, tensors) for kind, config in layers])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{error} is missing or misplaced") from error


def _layers(model: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The kind and configuration of each layer that does something to an answer."""
    if model["class_name"] != "Sequential":
        raise ValueError(f"a {model['class_name']} model, where a Sequential is read")
    for layer in model["config"]["layers"]:
        if layer["class_name"] not in _SILENT:
            yield layer["class_name"], layer["config"]


def _dense(kind: str, config: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> Dense:
    if kind != "Dense":
        raise ValueError(f"a layer of the kind {kind}, which is not read here")
    name = config["name"]
    return Dense(
        tensors[f"{name}/kernel"], tensors[f"{name}/bias"], ACTIVATIONS[config["activation"]]
    )


def _recurrent(
    layers: Sequence[tuple[str, Mapping[str, Any]]], tensors: Mapping[str, np.ndarray]
) -> Recurrent:
    kinds, configs = zip(*layers)
    middle = ("LightRecurrence",) * (len(layers) - 3)
    if kinds != ("StoredWords", *middle, "MaxAndMean", "Dense"):
        raise ValueError(
            f"layers of the kinds {', '.join(kinds)}, which are not read in this order"
        )
    words, *recurrent, _, output = configs
    if output["activation"] != "softmax":
        raise ValueError(f"an output of the kind {output['activation']!r}, where softmax is read")
    name = words["name"]
    recurrences = [
        Recurrence(
            tensors[f"{config['name']}/kernel"], tensors[f"{config['name']}/bias"], config["window"]
        )
        for config in recurrent
    ]
    dense = _dense("Dense", output, tensors)
    return Recurrent(
        Words(tensors[f"{name}/rows"], tensors[f"{name}/scales"], tensors[f"{name}/styles"]),
        recurrences,
        dense.kernel,
        dense.bias,
    )
