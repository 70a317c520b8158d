"""A fitted Keras model into NumPy, and into a model folder."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from sentiment_repl import model_folder
from sentiment_repl.text import vocabulary
from sentiment_repl.network import from_keras
from sentiment_repl.classifier import from_files
from sentiment_repl.errors import DataError, Failure
from sentiment_repl.training.backend import keras

_AROUND = 2**20  # bytes, more than HDF5 writes around the weights
_DTYPES = (np.dtype("<f4"), np.dtype("i1"))
_NEW_DEFAULTS = (("optional", False), ("ragged", False))


def to_numpy(model: keras.Model) -> from_keras.Network:
    """The same network as the prompt will compute it."""
    weights = {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in model.layers
        for variable in layer.weights
    }
    return from_keras.from_keras(json.loads(model.to_json()), weights)


def take(model: keras.Model, files: model_folder.Files) -> None:
    """Give a model the weights of a model folder.

    :raises DataError: they are those of another network.
    """
    tensors = from_keras.tensors(files.weights, files.tensors)
    try:
        for layer in model.layers:
            layer.set_weights([tensors[f"{layer.name}/{one.name}"] for one in layer.weights])
    except (KeyError, ValueError) as error:
        raise DataError(
            f"{files.folder}: a model to start from must have the layers of {model.name!r} as this "
            "version builds them"
        ) from error


def largest_difference(
    model: keras.Model, net: from_keras.Network, inputs: Sequence[Sequence[int]]
) -> float:
    """How far apart Keras' probabilities and ours lie, at most.

    :param inputs: bags of columns, or token numbers of at most ``LONGEST`` a text. An
        empty one is left out: it gets no answer, and Keras' for it means nothing.
    """
    inputs = [numbers for numbers in inputs if numbers]
    if not inputs:
        return 0.0
    if net.sequences:
        rows = np.zeros((len(inputs), max(map(len, inputs))), np.int32)
        for row, tokens in zip(rows, inputs):
            row[: len(tokens)] = tokens
    else:
        rows = np.zeros((len(inputs), net.columns), np.float32)
        for row, bag in zip(rows, inputs):
            row[bag] = 1
    return float(np.abs(model.predict(rows, verbose=0) - net.probabilities(inputs)).max())


def divide_log_odds(model: keras.Model, temperature: float) -> None:
    """Make a temperature part of the weights of the last layer, a softmax."""
    last = model.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])


def check_size(model: keras.Model, words: Mapping[str, int]) -> None:
    """Refuse a model that would not be loaded for its size; best before it is trained.

    :raises DataError: the dictionary makes it too large.
    """
    weights = sum(tensor.nbytes for tensor in model.get_weights()) + _AROUND
    text = len(vocabulary.dumps(words).encode())
    if (
        weights > model_folder.LARGEST[model_folder.WEIGHTS]
        or text > model_folder.LARGEST[model_folder.DICTIONARY]
    ):
        raise DataError(
            f"{len(words):,} words make a model too large to be loaded: {weights >> 20} MB of "
            f"weights and a dictionary of {text >> 20} MB, where 64 and 8 are read; choose a "
            "smaller --vocabulary-size"
        )


def save(
    folder: Path,
    model: keras.Model,
    words: dict[str, int],
    metrics: dict[str, Any],
    card: str,
    uncertain_below: float | None = None,
) -> None:
    """Write a model folder, in place of an older one once it is complete.

    :param model: a ``Sequential`` of layers that ``network.from_keras`` reads.
    :param metrics: what goes to ``metrics.json``.
    :param card: what goes to ``model_card.md``.
    :param uncertain_below: the confidence below which an answer is too close to call.
    :raises Failure: it can't be written; the old folder stays.
    """
    try:
        with model_folder.replacing(folder) as new:
            # HDF5 crashes on a full disk, where a plain file raises; so that comes first. Random
            # bytes, for some disks keep no zeros.
            room = sum(weights.nbytes for weights in model.get_weights()) + _AROUND
            (new / model_folder.WEIGHTS).write_bytes(os.urandom(room))
            model.save_weights(new / model_folder.WEIGHTS, overwrite=True)
            for name, text in (
                (model_folder.MODEL, json.dumps(_plain(json.loads(model.to_json())), indent=1) + "\n"),
                (model_folder.DICTIONARY, vocabulary.dumps(words)),
                (model_folder.METRICS, json.dumps(metrics, indent=2) + "\n"),
                (model_folder.CARD, card),
            ):
                (new / name).write_text(text, encoding="utf-8", newline="\n")
            variables = {layer.name: [v.name for v in layer.weights] for layer in model.layers}
            tensors = dict(_tensors(new / model_folder.WEIGHTS, variables))
            model_folder.write_manifest(new, tensors, uncertain_below=uncertain_below)
            from_files(model_folder.read(new))
    except OSError as error:
        reason = error.strerror or error
        raise Failure(f"{folder}: the model can't be saved, and is as it was: {reason}") from error


def _plain(config: Any) -> Any:
    """A Keras configuration without the defaults that older releases of Keras do not know.

    They refuse to read an entry that they do not know, even if it is null.
    """
    if isinstance(config, dict):
        return {
            key: _plain(value)
            for key, value in config.items()
            if value is not None and (key, value) not in _NEW_DEFAULTS
        }
    return [_plain(item) for item in config] if isinstance(config, list) else config


def _tensors(
    weights: Path, variables: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where in a ``.weights.h5`` of Keras each ``<layer>/<variable>`` lies.

    :param variables: for each layer the names of its weights in Keras' order.
    """
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
