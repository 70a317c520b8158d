"""Checkpoints and model folders, and what a full disk does to them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.classifier import build_classifier
from sentiment_repl.errors import DataError, Failure
from sentiment_repl.training import export
from sentiment_repl.training.architectures import ARCHITECTURES
from sentiment_repl.training.backend import keras
from sentiment_repl.training.checkpoint import Checkpoint
from tests.training.conftest import Trained


@pytest.fixture
def keeper(tmp_path: Path) -> Checkpoint:
    """A checkpoint of a model with one weight."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    keeper = Checkpoint(tmp_path / "checkpoint.npz", {"seed": 1})
    keeper.set_model(model)
    return keeper


def run_epoch(keeper: Checkpoint, weight: float, accuracy: float) -> None:
    keeper.on_epoch_begin(len(keeper.history))
    keeper.model.layers[0].kernel.assign([[weight]])
    keeper.on_epoch_end(len(keeper.history), {"val_accuracy": accuracy})


def test_of_equally_good_epochs_the_first_is_kept(keeper: Checkpoint, tmp_path: Path) -> None:
    for weight, accuracy in enumerate([0.6, 0.9, 0.7, 0.9]):
        run_epoch(keeper, weight, accuracy)
    resumed = Checkpoint(tmp_path / "checkpoint.npz", {"seed": 1})
    resumed.set_model(keeper.model)
    keeper.model.layers[0].kernel.assign([[7]])
    resumed.restore(epochs=5)
    for one in keeper, resumed:
        assert (one.best_epoch, len(one.history), one.best_weights[0]) == (2, 4, 1)
    assert keeper.model.layers[0].kernel.numpy() == 3
    with pytest.raises(DataError, match=r"other data or options \(seed\)"):
        Checkpoint(tmp_path / "checkpoint.npz", {"seed": 2}).restore(epochs=5)
    for content in b"", b"PK\x03\x04 cut short":
        (tmp_path / "checkpoint.npz").write_bytes(content)
        with pytest.raises(DataError, match="start again without --resume"):
            keeper.restore(epochs=5)


def test_a_full_disk_costs_no_earlier_epoch(
    keeper: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fail)
        with pytest.raises(Failure, match="npz: the epoch can't be saved: No space [^;]*$"):
            run_epoch(keeper, 0, 0.5)
    assert not list(tmp_path.iterdir())
    keeper.history.clear()
    run_epoch(keeper, 1, 0.5)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(Failure, match="continue from the last one with --resume"):
        run_epoch(keeper, 2, 0.5)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]
    keeper.restore(epochs=5)
    assert len(keeper.history) == 1 and keeper.model.layers[0].kernel.numpy() == 1


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on the size of a file")
@pytest.mark.slow
def test_a_full_disk_leaves_the_old_model(tmp_path: Path) -> None:
    # In a process of its own, because HDF5 can crash on a full disk.
    code = """
import resource, sys
from pathlib import Path
from sentiment_repl import model_folder
from sentiment_repl.classifier import build_classifier
from sentiment_repl.errors import Failure
from sentiment_repl.training.backend import keras
from sentiment_repl.training.export import Export, save_model
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "softmax", name="output")])
folder = Path(sys.argv[1])
export = Export(model, {"a": 1, "b": 2, "c": 3}, ("negative", "positive"), {}, {}, "x" * 2**21)
save_model(folder, export)
old = model_folder.read_model(folder).weights
model.set_weights([weights + 1 for weights in model.get_weights()])
for room in 0, 9000, 2**20, 2**20 + 100:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        save_model(folder, export)
    except Failure as error:
        assert "can't be saved" in str(error)
    else:
        sys.exit("saved")
    assert model_folder.read_model(folder).weights == old
"""
    command = [sys.executable, "-c", code, str(tmp_path / "model")]
    done = subprocess.run(command, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_too_large_to_load_is_refused() -> None:
    article = ARCHITECTURES["article"]
    few, many = ({f"word{i}": i + 1 for i in range(count)} for count in (30_000, 33_000))
    export.check_size(article.build(few, 2).exported, few)
    with pytest.raises(DataError, match=r"33,000 words .* 65 MB .*limit 64 MB.* --vocabulary-size"):
        export.check_size(article.build(many, 2).exported, many)


@pytest.mark.slow
def test_only_the_weights_of_the_same_network_are_loaded(trained: Trained) -> None:
    files = model_folder.read_model(trained.folder)
    model = trained.architecture.build({f"word{i}": i for i in range(1, 400)}, 2).exported
    export.load_weights(model, files)
    before = build_classifier(files).network.logits([[1], [1, 2]])
    np.testing.assert_array_equal(export.to_numpy(model).logits([[1], [1, 2]]), before)
    other = trained.architecture.build({"too": 1, "few": 2}, 2).exported
    with pytest.raises(DataError, match=f"{trained.folder}: its layers are not those of"):
        export.load_weights(other, files)
