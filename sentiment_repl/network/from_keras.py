"""Build a NumPy network from what Keras saved, or from an exported transformer.

Only the layers of the shipped models are supported. Nothing in a saved model is executed.
"""

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.base import Network
from sentiment_repl.network.dense import ACTIVATIONS, Dense, DenseNetwork
from sentiment_repl.network.recurrent import MinGRU, QuantizedEmbedding, RecurrentNetwork
from sentiment_repl.network.transformer import (
    Block,
    Embedding,
    LayerNorm,
    QuantizedDense,
    TransformerNetwork,
)

_DTYPES = {"float32": "<f4", "int8": "|i1"}
_IGNORED = frozenset(["InputLayer", "Dropout"])  # no effect on an answer
TRANSFORMER = "Transformer"
"""The class name in the ``model.json`` of a transformer, which Keras does not know."""
_EMBEDDING, _RECURRENT, _POOLING = "QuantizedEmbedding", "BidirectionalMinGRU", "MaxMeanPooling"

Tensors = Mapping[str, NDArray[Any]]


def read_tensors(weights: bytes, index: Mapping[str, Mapping[str, Any]]) -> Tensors:
    """Return the weights of a saved network by name, as views of the file's content.

    :param weights: the content of the weights file.
    :param index: for each weight its ``offset`` in bytes, its ``shape``, and its ``dtype``:
        ``"float32"`` (the default) or ``"int8"``.
    :raises ValueError: an entry is malformed, lies outside the file, or overlaps another.
    """
    try:
        found = {
            name: _view(weights, entry["offset"], entry["shape"], entry.get("dtype", "float32"))
            for name, entry in index.items()
        }
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"the list of weights in manifest.json is malformed: {error}") from error
    # Without this check a small file could stand for any number of large layers.
    ranges = sorted((index[name]["offset"], tensor.nbytes) for name, tensor in found.items())
    if any(start + size > following for (start, size), (following, _) in pairwise(ranges)):
        raise ValueError("weights overlap in manifest.json")
    return found


def _view(weights: bytes, offset: int, shape: Sequence[int], dtype: str) -> NDArray[Any]:
    # NumPy refuses a range outside the file, but some negative offsets crash it.
    if not all(type(number) is int for number in [offset, *shape]) or not (
        0 <= offset <= len(weights) and all(0 < number <= len(weights) for number in shape)
    ):
        raise ValueError(
            f"manifest.json has a weight of shape {reprlib.repr(shape)} "
            f"at offset {reprlib.repr(offset)}"
        )
    view: NDArray[Any] = np.ndarray(tuple(shape), _DTYPES[dtype], weights, offset)
    return view


def network_from_keras(model: Mapping[str, Any], tensors: Tensors) -> Network:
    """Build a network.

    The softmax of the last layer is left out: a network returns logits.

    :param model: the parsed ``model.json`` (``Model.to_json``) of a ``Sequential``: ``Dense``
        layers, or an embedding, minGRU layers, pooling and one ``Dense``. Or a
        ``TRANSFORMER`` with the numbers of its ``blocks`` and ``heads``.
    :param tensors: weights by name, ``<layer>/<variable>``.
    :raises ValueError: the model has another layer, or a weight is missing.
    """
    try:
        if model["class_name"] == TRANSFORMER:
            return _transformer(model["config"], tensors)
        layers = list(_active_layers(model))
        names = [config.get("name") for kind, config in layers if kind != _POOLING]
        if len(set(names)) < len(names):
            raise ValueError("two layers have the same name")
        if layers and layers[-1][1].get("activation") != "softmax":
            raise ValueError("the last layer is not a softmax, so its outputs are not logits")
        if any(kind == _EMBEDDING for kind, _ in layers):
            return _recurrent(layers, tensors)
        return DenseNetwork(
            [
                _dense(kind, config, tensors, i == len(layers))
                for i, (kind, config) in enumerate(layers, 1)
            ]
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"model.json or manifest.json lacks an entry: {error}") from error


def _active_layers(model: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the class name and configuration of each layer that affects an answer."""
    if model["class_name"] != "Sequential":
        raise ValueError(f"model.json holds a {model['class_name']} model, not a Sequential")
    for layer in model["config"]["layers"]:
        if layer["class_name"] not in _IGNORED:
            yield layer["class_name"], layer["config"]


def _dense(kind: str, config: Mapping[str, Any], tensors: Tensors, is_last: bool) -> Dense:
    if kind != "Dense":
        raise ValueError(f"model.json has a layer of the unsupported kind {kind}")
    name = config["name"]
    activation = ACTIVATIONS["linear" if is_last else config["activation"]]
    return Dense(tensors[f"{name}/kernel"], tensors[f"{name}/bias"], activation)


def _recurrent(
    layers: Sequence[tuple[str, Mapping[str, Any]]], tensors: Tensors
) -> RecurrentNetwork:
    kinds, configs = zip(*layers)
    middle = (_RECURRENT,) * (len(layers) - 3)
    if kinds != (_EMBEDDING, *middle, _POOLING, "Dense"):
        raise ValueError(f"model.json has layers in an unsupported order: {', '.join(kinds)}")
    embedding, *recurrent, _, output = configs
    name = embedding["name"]
    dense = _dense("Dense", output, tensors, is_last=True)
    return RecurrentNetwork(
        QuantizedEmbedding(*(tensors[f"{name}/{part}"] for part in ("rows", "scales", "features"))),
        [
            MinGRU(
                tensors[f"{config['name']}/kernel"],
                tensors[f"{config['name']}/bias"],
                config["window"],
            )
            for config in recurrent
        ],
        dense.kernel,
        dense.bias,
    )


def _transformer(config: Mapping[str, Any], tensors: Tensors) -> TransformerNetwork:
    def dense(name: str) -> QuantizedDense:
        return QuantizedDense(*(tensors[f"{name}/{part}"] for part in ("kernel", "scales", "bias")))

    def norm(name: str) -> LayerNorm:
        return LayerNorm(tensors[f"{name}/gain"], tensors[f"{name}/bias"])

    def block(name: str) -> Block:
        return Block(
            dense(f"{name}/query_key_value"),
            dense(f"{name}/attended"),
            norm(f"{name}/attention_norm"),
            dense(f"{name}/up"),
            dense(f"{name}/down"),
            norm(f"{name}/output_norm"),
        )

    return TransformerNetwork(
        Embedding(
            tensors["embedding/rows"],
            tensors["embedding/scales"],
            tensors["embedding/edges"],
            tensors["embedding/positions"],
            norm("embedding/norm"),
        ),
        [block(f"block_{number}") for number in range(config["blocks"])],
        tensors["output/kernel"],
        tensors["output/bias"],
        config["heads"],
    )
