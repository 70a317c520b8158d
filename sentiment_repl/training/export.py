"""Keras models to NumPy networks and model folders, and back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from sentiment_repl import model_folder
from sentiment_repl.errors import DataError, Failure
from sentiment_repl.evaluation.calibration import Calibration
from sentiment_repl.network.base import Network
from sentiment_repl.network.from_keras import network_from_keras, read_tensors
from sentiment_repl.text.vocabulary import vocabulary_to_json
from sentiment_repl.training.backend import keras
from sentiment_repl.training.model_writer import (
    HDF5_OVERHEAD,
    Content,
    reserve_room,
    write_model,
)

_DTYPES = (np.dtype("<f4"), np.dtype("i1"))
_NEW_DEFAULTS = (("optional", False), ("ragged", False))


def to_numpy(model: keras.Model) -> Network:
    """Return the NumPy network of an exported Keras model, as the prompt runs it."""
    tensors = {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in model.layers
        for variable in layer.weights
    }
    return network_from_keras(json.loads(model.to_json()), tensors)


def load_weights(model: keras.Model, files: model_folder.ModelFiles) -> None:
    """Set the weights of an exported Keras model to those of a model folder.

    :raises DataError: the folder holds another network.
    """
    tensors = read_tensors(files.weights, files.tensors)
    try:
        for layer in model.layers:
            layer.set_weights([tensors[f"{layer.name}/{one.name}"] for one in layer.weights])
    except (KeyError, ValueError) as error:
        raise DataError(
            f"{files.folder}: its layers are not those of {model.name!r} in this version; "
            "train the model again"
        ) from error


def apply_calibration(model: keras.Model, calibration: Calibration) -> None:
    """Make a calibration part of the weights of the last layer."""
    last = model.layers[-1]
    kernel, bias = last.get_weights()
    last.set_weights([kernel / calibration.temperature, calibration.apply(bias)])


def check_size(model: keras.Model, vocabulary: Mapping[str, int]) -> None:
    """Refuse a model that is too large to be loaded. Call it before the training.

    :raises DataError: the vocabulary makes the model too large.
    """
    weights = sum(tensor.nbytes for tensor in model.get_weights()) + HDF5_OVERHEAD
    words = len(vocabulary_to_json(vocabulary).encode())
    limits = model_folder.SIZE_LIMITS
    if weights > limits[model_folder.WEIGHTS] or words > limits[model_folder.VOCABULARY]:
        raise DataError(
            f"a model of {len(vocabulary):,} words is too large to be loaded: {weights >> 20} MB "
            f"of weights (limit {limits[model_folder.WEIGHTS] >> 20} MB) and {words >> 20} MB of "
            f"words (limit {limits[model_folder.VOCABULARY] >> 20} MB); choose a smaller "
            "--vocabulary-size"
        )


class Export(NamedTuple):
    """What a model folder is made of."""

    model: keras.Model
    """A ``Sequential`` that ``network.from_keras`` reads."""
    vocabulary: Mapping[str, int]
    classes: Sequence[str]
    """The label of each class."""
    thresholds: Mapping[str, float | None]
    """The abstention thresholds, as ``model_folder.write_manifest`` takes them."""
    metrics: Mapping[str, Any]
    """The content of ``metrics.json``."""
    card: str
    """The content of ``model_card.md``."""


def save_model(folder: Path, export: Export) -> None:
    """Write a model folder. An older one is replaced when the new one is complete.

    :raises Failure: the folder can't be written. An older model stays.
    """
    config = _without_new_defaults(json.loads(export.model.to_json()))
    write_model(
        folder, Content(config, *export[1:]), lambda path: _save_weights(path, export.model)
    )


def _save_weights(path: Path, model: keras.Model) -> dict[str, dict[str, Any]]:
    """Write weights, and return the place of each in the file."""
    reserve_room(path, model.get_weights())
    model.save_weights(path, overwrite=True)
    return dict(_locate_tensors(path, model))


def _without_new_defaults(config: Any) -> Any:
    """Remove null entries and new defaults from a Keras configuration.

    Older releases of Keras refuse entries that they do not know.
    """
    if isinstance(config, dict):
        return {
            key: _without_new_defaults(value)
            for key, value in config.items()
            if value is not None and (key, value) not in _NEW_DEFAULTS
        }
    return [_without_new_defaults(item) for item in config] if isinstance(config, list) else config


def _locate_tensors(weights: Path, model: keras.Model) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield for each ``<layer>/<variable>`` its place in a ``.weights.h5`` of Keras."""
    variables = {layer.name: [v.name for v in layer.weights] for layer in model.layers}
    with h5py.File(weights) as file:
        for group in (layer["vars"] for layer in file["layers"].values()):
            layer = group.attrs["name"]
            for variable, dataset in zip(variables[layer], group.values()):
                offset = dataset.id.get_offset()
                if offset is None or dataset.chunks is not None or dataset.dtype not in _DTYPES:
                    raise Failure(f"{weights}: {dataset.name} is not contiguous float32 or int8")
                entry = {"offset": offset, "shape": dataset.shape}
                if dataset.dtype != np.float32:
                    entry["dtype"] = dataset.dtype.name
                yield f"{layer}/{variable}", entry
