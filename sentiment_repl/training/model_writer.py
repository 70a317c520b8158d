"""Write a model folder, for every network: the weights come from Keras or from PyTorch."""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl import model_folder
from sentiment_repl.classifier import build_classifier
from sentiment_repl.errors import Failure
from sentiment_repl.text.vocabulary import vocabulary_to_json

HDF5_OVERHEAD = 2**20
"""Bytes, more than HDF5 writes around the weights."""


class Content(NamedTuple):
    """What a model folder holds next to the weights."""

    network: Any
    """The content of ``model.json``."""
    vocabulary: Mapping[str, int]
    labels: Sequence[str]
    """The label of each class."""
    thresholds: Mapping[str, float | None]
    """The abstention thresholds, as ``model_folder.write_manifest`` takes them."""
    metrics: Mapping[str, Any]
    """The content of ``metrics.json``."""
    card: str
    """The content of ``model_card.md``."""


def write_model(
    folder: Path,
    content: Content,
    save_weights: Callable[[Path], Mapping[str, Mapping[str, Any]]],
) -> None:
    """Write a model folder. An older one is replaced when the new one is complete.

    :param save_weights: writes the weights to a file, and returns the place of each in it.
    :raises Failure: the folder can't be written. An older model stays.
    """
    try:
        with model_folder.replace_atomically(folder) as new:
            tensors = save_weights(new / model_folder.WEIGHTS)
            for name, text in (
                (model_folder.MODEL, json.dumps(content.network, indent=1) + "\n"),
                (model_folder.VOCABULARY, vocabulary_to_json(content.vocabulary)),
                (model_folder.METRICS, json.dumps(content.metrics, indent=2) + "\n"),
                (model_folder.CARD, content.card),
            ):
                (new / name).write_text(text, encoding="utf-8", newline="\n")
            model_folder.write_manifest(new, tensors, content.labels, **content.thresholds)
            build_classifier(model_folder.read_model(new))
    except OSError as error:
        reason = error.strerror or error
        raise Failure(f"{folder}: the model can't be saved: {reason}") from error


def reserve_room(path: Path, weights: Iterable[NDArray[np.generic]]) -> None:
    """Fill a file with as many bytes as its weights will take.

    On a full disk HDF5 crashes, and a plain write raises. The bytes are random, because some
    file systems store no zeros.
    """
    path.write_bytes(os.urandom(sum(one.nbytes for one in weights) + HDF5_OVERHEAD))
