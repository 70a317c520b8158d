"""A fitted Keras model into NumPy, and into a model folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from sentiment_repl import artifacts, dictionary, network
from sentiment_repl.classifier import from_files
from sentiment_repl.errors import Failure
from sentiment_repl.training.backend import keras

_NEW_DEFAULTS = (("optional", False), ("ragged", False))
_VARIABLES = ("kernel", "bias")  # of a Dense layer, in Keras' order


def to_numpy(model: keras.Model) -> network.Network:
    """The same network as the prompt will compute it."""
    weights = {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in model.layers
        for variable in layer.weights
    }
    return network.from_keras(json.loads(model.to_json()), weights)


def largest_difference(model: keras.Model, net: network.Network, bags: list[list[int]]) -> float:
    """How far apart Keras' probabilities and ours lie, at most, on some bags of words."""
    rows = np.zeros((len(bags), net.columns), np.float32)
    for row, bag in zip(rows, bags):
        row[bag] = 1
    return float(np.abs(model.predict(rows, verbose=0) - net.probabilities(bags)).max())


def save(folder: Path, model: keras.Model, words: dict[str, int], metrics: dict[str, Any]) -> None:
    """Write a model folder, in place of an older one once it is complete.

    :param model: a ``Sequential`` of plain layers, its input a bag of words.
    :param metrics: what goes to ``metrics.json``.
    :raises OSError: it can't be written; the old folder stays.
    """
    with artifacts.replacing(folder) as new:
        model.save_weights(new / artifacts.WEIGHTS)
        for name, text in (
            (artifacts.MODEL, json.dumps(_plain(json.loads(model.to_json())), indent=1) + "\n"),
            (artifacts.DICTIONARY, dictionary.dumps(words)),
            (artifacts.METRICS, json.dumps(metrics, indent=2) + "\n"),
        ):
            (new / name).write_text(text, encoding="utf-8", newline="\n")
        artifacts.write_manifest(new, dict(_tensors(new / artifacts.WEIGHTS)))
        from_files(artifacts.read(new))


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


def _tensors(weights: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where in a ``.weights.h5`` of Keras each ``<layer>/<variable>`` lies."""
    with h5py.File(weights) as file:
        for group in (layer["vars"] for layer in file["layers"].values()):
            for variable, dataset in zip(_VARIABLES, group.values()):
                offset = dataset.id.get_offset()
                if offset is None or dataset.chunks is not None or dataset.dtype != np.dtype("<f4"):
                    raise Failure(f"{weights}: {dataset.name} is not contiguous float32")
                yield (
                    f"{group.attrs['name']}/{variable}",
                    {"offset": offset, "shape": dataset.shape},
                )
