"""From a fine-tuned encoder to a model folder: fewer word pieces, int8 weights."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from sentiment_repl import model_folder
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.calibration import Calibration
from sentiment_repl.network.from_keras import TRANSFORMER, Tensors, network_from_keras
from sentiment_repl.network.transformer import TransformerNetwork
from sentiment_repl.training.model_writer import HDF5_OVERHEAD, Content, reserve_room, write_model
from sentiment_repl.training.teacher import LONGEST, Encoder


def used_pieces(ids: NDArray[np.integer[Any]], pieces: Mapping[str, int]) -> dict[str, int]:
    """Return the word pieces that occur in texts, with their ids.

    Single ASCII characters stay, so that every English word has pieces.

    :param ids: of the pieces of all texts.
    :param pieces: all pieces, in the order of their ids.
    """
    used = set(np.unique(ids).tolist())
    return {
        piece: piece_id
        for piece, piece_id in pieces.items()
        if not (piece.startswith("[") and piece.endswith("]"))
        and (piece_id in used or (len(char := piece.removeprefix("##")) == 1 and char.isascii()))
    }


class QuantizedEncoder:
    """A fine-tuned encoder with int8 weights, as a model folder stores it.

    :param pieces: the word pieces that stay, with their ids in the encoder.
    :param first: the id of the piece in front of each text.
    :param last: the id of the piece behind each text.
    :raises DataError: it is too large for a model folder.
    """

    def __init__(self, encoder: Encoder, pieces: Mapping[str, int], first: int, last: int) -> None:
        self.vocabulary = {piece: word_id for word_id, piece in enumerate(pieces, start=1)}
        config = encoder.bert.config
        self.config = {
            "class_name": TRANSFORMER,
            "config": {"blocks": config.num_hidden_layers, "heads": config.num_attention_heads},
        }
        weights = {
            name: tensor.detach().float().cpu().numpy()
            for name, tensor in encoder.bert.state_dict().items()
        }
        rows = weights["embeddings.word_embeddings.weight"]
        kept, scales = _quantize(rows[list(pieces.values())], axis=1)
        padding = np.zeros((1, kept.shape[1]), np.int8)
        types = weights["embeddings.token_type_embeddings.weight"]
        self.tensors: dict[str, NDArray[Any]] = {
            "embedding/rows": np.vstack([padding, kept]),
            "embedding/scales": np.concatenate([np.zeros(1, np.float32), scales]),
            "embedding/edges": rows[[first, last]],
            "embedding/positions": weights["embeddings.position_embeddings.weight"][:LONGEST]
            + types[0],
            **_norm(weights, "embeddings.LayerNorm", "embedding/norm"),
            **{
                name: tensor
                for number in range(config.num_hidden_layers)
                for name, tensor in _block(weights, number)
            },
            "output/kernel": encoder.output.weight.detach().cpu().numpy().T.copy(),
            "output/bias": encoder.output.bias.detach().cpu().numpy(),
        }
        size = sum(tensor.nbytes for tensor in self.tensors.values()) + HDF5_OVERHEAD
        most = model_folder.SIZE_LIMITS[model_folder.WEIGHTS]
        if size > most:
            raise DataError(
                f"the encoder is too large to be loaded: {size >> 20} MB of int8 weights (limit "
                f"{most >> 20} MB); choose a smaller --encoder"
            )

    def network(self) -> TransformerNetwork:
        """Return the network, as the prompt runs it."""
        network = network_from_keras(self.config, self.tensors)
        assert isinstance(network, TransformerNetwork)
        return network

    def apply(self, calibration: Calibration) -> None:
        """Make a calibration part of the weights of the last layer."""
        kernel, bias = self.tensors["output/kernel"], self.tensors["output/bias"]
        self.tensors["output/kernel"] = (kernel / calibration.temperature).astype(np.float32)
        self.tensors["output/bias"] = calibration.apply(bias).astype(np.float32)

    def save(
        self,
        folder: Path,
        labels: Sequence[str],
        metrics: Mapping[str, Any],
        card: str,
    ) -> None:
        """Write a model folder. An older one is replaced when the new one is complete.

        :param labels: the label of each class.
        :param metrics: the content of ``metrics.json``; has the abstention thresholds.
        :param card: the content of ``model_card.md``.
        :raises Failure: the folder can't be written. An older model stays.
        """
        names = model_folder.THRESHOLD, model_folder.THRESHOLD_WITHOUT_NEUTRAL
        thresholds = {name: metrics[name] for name in names if name in metrics}
        content = Content(self.config, self.vocabulary, labels, thresholds, metrics, card)
        write_model(folder, content, lambda path: _save_tensors(path, self.tensors))


def _quantize(
    weights: NDArray[np.float32], axis: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 weights, and scales that turn them back: the largest weight becomes 127.

    :param axis: along which all weights share a scale.
    """
    scales = np.maximum(np.abs(weights).max(axis=axis), 1e-12) / np.float32(127)
    quantized = np.rint(weights / np.expand_dims(scales, axis)).astype(np.int8)
    return quantized, scales.astype(np.float32)


def _block(
    weights: Mapping[str, NDArray[np.float32]], number: int
) -> Iterator[tuple[str, NDArray[Any]]]:
    theirs, ours = f"encoder.layer.{number}", f"block_{number}"
    attention = [f"{theirs}.attention.self.{part}" for part in ("query", "key", "value")]
    for part, layers in (
        ("query_key_value", attention),
        ("attended", [f"{theirs}.attention.output.dense"]),
        ("up", [f"{theirs}.intermediate.dense"]),
        ("down", [f"{theirs}.output.dense"]),
    ):
        kernel = np.concatenate([weights[f"{layer}.weight"] for layer in layers]).T
        yield from zip(
            (f"{ours}/{part}/kernel", f"{ours}/{part}/scales"), _quantize(kernel, axis=0)
        )
        yield f"{ours}/{part}/bias", np.concatenate([weights[f"{layer}.bias"] for layer in layers])
    yield from _norm(
        weights, f"{theirs}.attention.output.LayerNorm", f"{ours}/attention_norm"
    ).items()
    yield from _norm(weights, f"{theirs}.output.LayerNorm", f"{ours}/output_norm").items()


def _norm(weights: Mapping[str, NDArray[np.float32]], theirs: str, ours: str) -> Tensors:
    return {f"{ours}/gain": weights[f"{theirs}.weight"], f"{ours}/bias": weights[f"{theirs}.bias"]}


def _save_tensors(path: Path, tensors: Tensors) -> dict[str, dict[str, Any]]:
    """Write weights, and return the place of each in the file."""
    reserve_room(path, tensors.values())
    with h5py.File(path, "w") as file:
        for name, tensor in tensors.items():
            file[name] = tensor
    with h5py.File(path) as file:
        return {
            name: {
                "offset": file[name].id.get_offset(),
                "shape": tensor.shape,
                "dtype": tensor.dtype.name,
            }
            for name, tensor in tensors.items()
        }
