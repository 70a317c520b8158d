import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.errors import DataError, Failure
from sentiment_repl.training import export
from sentiment_repl.data import synthetic
from sentiment_repl.training.architectures import ARCHITECTURES
from sentiment_repl.training.backend import keras
from sentiment_repl.training.batches import BagBatches, SequenceBatches
from sentiment_repl.data.corpus import Bags, Corpus, Sequences
from sentiment_repl.training.fit import _Checkpoint, fit
from sentiment_repl.text.social_tokenizer import STYLES
from tests.conftest import REPOSITORY


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


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on a file's size")
def test_an_epoch_that_finds_no_room_costs_no_earlier_one(tmp_path: Path) -> None:
    import resource

    model = keras.Sequential([keras.Input((100,)), keras.layers.Dense(100)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    keeper = _Checkpoint(tmp_path / "checkpoint.npz", {})
    keeper.set_model(model)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def epoch(number: int, room: int) -> None:
        keeper.on_epoch_begin(number)
        model.layers[0].bias.assign([float(number)] * 100)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        try:
            keeper.on_epoch_end(number, {"val_accuracy": 0.5})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with pytest.raises(Failure, match="checkpoint.npz: the epoch can't be kept: [^;]*$"):
        epoch(0, room=50_000)
    assert not list(tmp_path.iterdir())
    keeper.history.clear()
    epoch(1, room=limits[0])
    with pytest.raises(Failure, match="--resume goes on"):
        epoch(2, room=50_000)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]
    keeper.restore()
    assert len(keeper.history) == 1 and model.layers[0].bias.numpy()[0] == 1


def test_a_training_with_other_soft_labels_is_not_resumed(tmp_path: Path) -> None:
    """The same texts, which people rated otherwise, or of which teachers think otherwise."""
    labels = np.arange(40, dtype=np.float32) % 2
    rows = Sequences(np.arange(40, dtype=np.int32) % 5 * STYLES + STYLES, np.arange(41), labels)
    words = {f"word{column}": column for column in range(1, 6)}
    corpus = Corpus(words, rows, rows, "these texts", added=0)
    options = {
        "epochs": 1,
        "batch_size": 20,
        "seed": 1,
        "checkpoint": tmp_path / "checkpoint.npz",
        "verbose": 0,
    }
    fit(ARCHITECTURES["default"], corpus, **options, resume=False)
    again = fit(ARCHITECTURES["default"], corpus, **options, resume=True, positive=labels.copy())
    assert len(again.history) == 1
    rated = corpus._replace(training=Sequences(rows.tokens, rows.starts, labels / 2))
    for other, positive in (rated, None), (corpus, labels / 2):
        with pytest.raises(DataError, match="other data or options"):
            fit(ARCHITECTURES["default"], other, **options, resume=True, positive=positive)


def test_a_training_can_end_halfway_from_where_it_started(tmp_path: Path) -> None:
    labels = np.arange(40, dtype=np.float32) % 2
    rows = Sequences(np.arange(40, dtype=np.int32) % 5 * STYLES + STYLES, np.arange(41), labels)
    words = {f"word{column}": column for column in range(1, 6)}
    corpus = Corpus(words, rows, rows, "these texts", added=0)

    def kernels(**options: object) -> np.ndarray:
        fitted = fit(
            ARCHITECTURES["default"], corpus, epochs=1, batch_size=20, seed=1,
            checkpoint=tmp_path / "checkpoint.npz", resume=False, verbose=0, **options,
        )  # fmt: skip
        export.save(tmp_path / "model", fitted.model, words, {}, "")
        return fitted.model.get_layer("recurrence_2").get_weights()[0]

    old = kernels()
    start = model_folder.read(tmp_path / "model")
    new = kernels(start=start)
    assert np.abs(new - old).max() > 1e-5
    np.testing.assert_allclose(kernels(start=start, average=True), (old + new) / 2, atol=1e-7)


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on a file's size")
def test_a_model_that_finds_no_room_leaves_the_old_one(tmp_path: Path) -> None:
    # In a process of its own, for HDF5 is known to crash one on a full disk.
    code = f"""
import resource, sys
from pathlib import Path
from sentiment_repl import artifacts
from sentiment_repl.errors import Failure
from sentiment_repl.training import saving
from sentiment_repl.training.backend import keras
layers = [keras.Input((4,)), keras.layers.Dense(2, "softmax", name="output")]
model = keras.Sequential(layers)
folder, words = Path({str(tmp_path / "model")!r}), {{"a": 1, "b": 2, "c": 3}}
saving.save(folder, model, words, {{}}, "")
old = artifacts.read(folder).weights
model.set_weights([weights + 1 for weights in model.get_weights()])
for room in 0, 9000, 2**20, 2**20 + 100:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        saving.save(folder, model, words, {{"long": "x" * 2**21}}, "")
    except Failure as error:
        assert "can't be saved" in str(error)
    else:
        sys.exit("saved")
    assert artifacts.read(folder).weights == old
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=REPOSITORY)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.fixture
def bags() -> Bags:
    labels = np.array([0, 1] * 25, np.int8)
    return Bags(np.arange(1, 51, dtype=np.int32), np.arange(51), labels)


def order(batches: BagBatches) -> list[int]:
    return np.concatenate([batches[i][0][:, 0] for i in range(len(batches))]).tolist()


def test_every_epoch_sees_every_row_in_an_order_of_its_own(bags: Bags) -> None:
    batches = BagBatches(bags, 8, seed=1)
    first = order(batches)
    batches.on_epoch_end()
    second = order(batches)
    assert sorted(first) == sorted(second) == list(range(1, 51))
    assert first != second != list(range(1, 51))
    assert second == order(BagBatches(bags, 8, seed=1, epoch=1))  # as a resumed run has it
    assert order(BagBatches(bags, 8)) == list(range(1, 51))


def test_labels_stay_with_their_rows(bags: Bags) -> None:
    batches = BagBatches(bags, 8, seed=1)
    for i in range(len(batches)):
        columns, labels = batches[i]
        assert (labels[:, 1] == (columns[:, 0] - 1) % 2).all()
        assert (labels.sum(axis=1) == 1).all()


@pytest.fixture
def sequences() -> Sequences:
    """300 texts of 1 to 9 tokens; every token of text i is i + 100."""
    lengths = np.arange(300) % 9 + 1
    return Sequences(
        np.repeat(np.arange(300, dtype=np.int32) + 100, lengths),
        np.concatenate([[0], np.cumsum(lengths)]),
        np.arange(300, dtype=np.float32) % 2,
    )


def test_a_model_too_large_to_load_is_refused_before_it_is_trained() -> None:
    article = ARCHITECTURES["article"]
    few, many = ({f"word{i}": i + 1 for i in range(count)} for count in (30_000, 33_000))
    export.check_size(article.build(few).saved, few)
    with pytest.raises(DataError, match="33,000 words .* choose a smaller --vocabulary-size"):
        export.check_size(article.build(many).saved, many)


FROWN, SMILE = 1, 2


def test_a_held_back_text_is_read_as_it_is(sequences: Sequences) -> None:
    seen = {}
    for tokens, labels in SequenceBatches(sequences, 16).epoch(0):
        for row, label in zip(tokens.tolist(), labels):
            text = row[0] - 100
            seen[text] = [token for token in row if token]
            assert label[text % 2] == 1
    assert seen == {i: [i + 100] * (i % 9 + 1) for i in range(300)}


def test_an_epoch_leaves_out_words_and_gives_back_emoticons(sequences: Sequences) -> None:
    batches = SequenceBatches(sequences, 16, ([FROWN], [SMILE]), seed=1)
    kept = given = texts = 0
    for epoch in range(20):
        rows = [row for tokens, _ in batches.epoch(epoch) for row in tokens]
        assert len(rows) == 300
        for row in rows:
            words = row[row >= 100]
            assert len(set(words.tolist())) <= 1
            kept += len(words)
            emoticons = row[(row > 0) & (row < 100)]
            given += len(emoticons)
            if len(words) and len(emoticons):
                texts += 1
                assert emoticons.tolist() == [(FROWN, SMILE)[(words[0] - 100) % 2]]
    assert kept / (20 * len(sequences.tokens)) == pytest.approx(0.95, abs=0.01)
    assert given / (20 * 300) == pytest.approx(0.05, abs=0.01)
    assert texts > 150


def test_who_somebody_is_tells_no_label() -> None:
    """Of texts about him, all negative, and about Greeks, all positive, half name others."""
    he, she, greek, thai, other = (column * STYLES for column in (1, 2, 3, 4, 9))
    sentences = [[other, he + 1], [greek, other], [other, other]] * 1000
    rows = Sequences(
        np.concatenate(sentences).astype(np.int32),
        np.arange(0, 6001, 2),
        np.array([0, 1, 0] * 1000, np.float32),
    )
    batches = SequenceBatches(rows, 100, terms=([[1, 2]], [[3, 4]]), seed=1)
    counts = np.zeros((5 * STYLES * 2, 2), int)
    for tokens, labels in batches.epoch(0):
        for row, label in zip(tokens, labels[:, 1].astype(int)):
            for token in row[row > 0]:
                counts[token, label] += 1
    assert counts[she + 1, 0] == pytest.approx(475, abs=60)
    assert counts[he + 1, 0] == pytest.approx(475, abs=60)
    assert not counts[[he + 1, she + 1], 1].any() and not counts[[he, she]].any()
    assert counts[thai].sum() == pytest.approx(950, abs=100)
    # Those of the second kind are named in as many others, of either label, too.
    assert counts[[greek, thai], 0].sum() == pytest.approx(950 * 2 / 3, abs=100)


def test_a_sentence_that_is_neither_gets_one_half_and_no_emoticon(sequences: Sequences) -> None:
    labels = np.full(len(sequences), synthetic.NEITHER, np.float32)
    neither = Sequences(sequences.tokens, sequences.starts, labels)
    for tokens, labels in SequenceBatches(neither, 16, ([FROWN], [SMILE]), seed=1).epoch(0):
        assert (labels == 0.5).all()
        assert not ((tokens > 0) & (tokens < 100)).any()


def test_an_epoch_is_the_same_again_and_unlike_the_next(sequences: Sequences) -> None:
    def epoch(number: int) -> list[list[int]]:
        batches = SequenceBatches(sequences, 16, ([FROWN], [SMILE]), seed=1)
        return [row.tolist() for tokens, _ in batches.epoch(number) for row in tokens]

    assert epoch(0) == epoch(0) != epoch(1)


def test_texts_of_like_length_stand_together(sequences: Sequences) -> None:
    batches = SequenceBatches(sequences, 16, seed=1)
    cells = sum(tokens.size for tokens, _ in batches.epoch(0))
    assert cells < 1.15 * len(sequences.tokens)
