"""A checkpoint: everything that the next epoch depends on, in one file."""

import json
import math
import os
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.errors import DataError, Failure
from sentiment_repl.training.backend import keras


class Checkpoint(keras.callbacks.Callback):
    """Writes a checkpoint after each epoch, and remembers the best epoch.

    :param path: the file, replaced atomically.
    :param identity: the data and the options. A checkpoint of other ones is not restored.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        super().__init__()
        self._path = path
        self._identity = json.loads(json.dumps(identity))  # as a file has it
        self.history: list[dict[str, float]] = []
        """One entry an epoch: accuracy, loss, val_accuracy, val_loss, seconds."""
        self.best_weights: list[NDArray[np.float32]] = []

    @property
    def best_epoch(self) -> int:
        """The first epoch with the highest held-out accuracy, from 1."""
        accuracies = [epoch["val_accuracy"] for epoch in self.history]
        return accuracies.index(max(accuracies)) + 1

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Write the checkpoint.

        :raises Failure: it can't be written, or the loss is not finite. The one of the epoch
            before stays.
        """
        figures = {name: float(value) for name, value in (logs or {}).items()}
        if not all(map(math.isfinite, figures.values())):
            raise Failure(f"the training failed in epoch {epoch + 1}: the loss is not finite")
        self.history.append({**figures, "seconds": round(time.monotonic() - self._began, 1)})
        if self.best_epoch == len(self.history):
            self.best_weights = self.model.get_weights()
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            self._write(part)
            part.replace(self._path)
        except OSError as error:
            resume = "; continue from the last one with --resume" if self._path.exists() else ""
            raise Failure(
                f"{self._path}: the epoch can't be saved: {error.strerror or error}{resume}"
            ) from error
        finally:
            with suppress(OSError):
                part.unlink()  # after an error or an interrupt; it may be what fills the disk

    def _write(self, path: Path) -> None:
        arrays = {f"variable_{i}": v.numpy() for i, v in enumerate(self._variables())}
        arrays |= {f"best_{i}": weights for i, weights in enumerate(self.best_weights)}
        with open(path, "wb") as file:
            np.savez(
                file,
                identity=json.dumps(self._identity),
                history=json.dumps(self.history),
                **arrays,
            )
            file.flush()
            os.fsync(file.fileno())

    def _variables(self) -> list[keras.Variable]:
        # The model's include the states of the random generators of its dropout layers.
        return [*self.model.variables, *self.model.optimizer.variables]

    def restore(self, epochs: int) -> None:
        """Return to the last finished epoch.

        :param epochs: how many the training has in all.
        :raises DataError: the file is damaged, of other data or options, or has more epochs.
        """
        try:
            with np.load(self._path, allow_pickle=False) as file:
                saved = dict(file)
            identity, history = (json.loads(saved[name].item()) for name in ("identity", "history"))
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise DataError(
                f"{self._path}: it can't be resumed ({error}); start again without --resume"
            ) from error
        if different := sorted(
            key
            for key in identity.keys() | self._identity.keys()
            if identity.get(key) != self._identity.get(key)
        ):
            raise DataError(
                f"{self._path}: that training had other data or options ({', '.join(different)}); "
                "repeat them, or start again without --resume"
            )
        if len(history) > epochs:
            raise DataError(
                f"{self._path}: that training has finished epoch {len(history)} already; use "
                f"--epochs {len(history)} or more, or start again without --resume"
            )
        self.history = history
        for i, variable in enumerate(self._variables()):
            variable.assign(saved[f"variable_{i}"])
        self.best_weights = [saved[f"best_{i}"] for i in range(len(self.model.weights))]
