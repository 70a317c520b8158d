from pathlib import Path

import numpy as np
import pytest

from sentiment_repl.training.backend import keras
from sentiment_repl.training.corpus import Bags
from sentiment_repl.training.fitting import Batches, _Checkpoint


def test_the_best_epoch_is_kept_and_the_earlier_of_two_equal_ones(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    keeper = _Checkpoint(tmp_path / "checkpoint.npz", {})
    keeper.set_model(model)
    for epoch, accuracy in enumerate([0.6, 0.9, 0.7, 0.9]):
        keeper.on_epoch_begin(epoch)
        model.layers[0].kernel.assign([[float(epoch)]])
        keeper.on_epoch_end(epoch, {"val_accuracy": accuracy})
    assert keeper.best_epoch == 2
    assert keeper.best_weights[0] == 1

    resumed = _Checkpoint(tmp_path / "checkpoint.npz", {})
    resumed.set_model(model)
    resumed.restore()
    assert resumed.best_epoch == 2 and len(resumed.history) == 4
    assert resumed.best_weights[0] == 1
    assert model.layers[0].kernel.numpy() == 3


@pytest.fixture
def bags() -> Bags:
    labels = np.array([0, 1] * 25, np.int8)
    return Bags(np.arange(1, 51, dtype=np.int32), np.arange(51), labels)


def order(batches: Batches) -> list[int]:
    return np.concatenate([batches[i][0][:, 0] for i in range(len(batches))]).tolist()


def test_every_epoch_sees_every_row_in_an_order_of_its_own(bags: Bags) -> None:
    batches = Batches(bags, 8, seed=1)
    first = order(batches)
    batches.on_epoch_end()
    second = order(batches)
    assert sorted(first) == sorted(second) == list(range(1, 51))
    assert first != second != list(range(1, 51))
    assert second == order(Batches(bags, 8, seed=1, epoch=1))  # as a resumed run has it
    assert order(Batches(bags, 8)) == list(range(1, 51))


def test_labels_stay_with_their_rows(bags: Bags) -> None:
    batches = Batches(bags, 8, seed=1)
    for i in range(len(batches)):
        columns, labels = batches[i]
        assert (labels[:, 1] == (columns[:, 0] - 1) % 2).all()
        assert (labels.sum(axis=1) == 1).all()
