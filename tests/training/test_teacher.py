"""A teacher of a few numbers. PyTorch comes with the extra encoder."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl.errors import DataError

torch, teacher = (
    pytest.importorskip(name, reason="needs pip install '.[encoder]'")
    for name in ("torch", "sentiment_repl.training.teacher")
)
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "day", "user", "link", "!", "…"]
GOOD = 4

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained encoder."""
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    shape |= {"intermediate_size": 64, "max_position_embeddings": teacher.LONGEST}
    BertModel(BertConfig(vocab_size=len(VOCABULARY), **shape)).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("classes", [2, 3])
def test_a_teacher_learns_its_targets(
    folder: Path, monkeypatch: pytest.MonkeyPatch, classes: int
) -> None:
    monkeypatch.setattr(teacher, "LEARNING_RATE", 0.01)
    rng = np.random.default_rng(1)
    labels = rng.integers(0, classes, 1000)
    others = [rng.integers(7, 11, rng.integers(1, 5)) for _ in labels]
    texts = [np.array([2, *ids, GOOD + i, 3], np.int32) for ids, i in zip(others, labels)]
    encoder = teacher.Encoder(folder, classes, seed=1)
    before = encoder.probabilities(texts)
    targets, weights = np.eye(classes)[labels], np.ones(1000)
    teacher.fine_tune(encoder, texts, targets, weights=weights, passes=4.5, seed=1)
    after = encoder.probabilities(texts)
    assert (before.argmax(axis=1) == labels).mean() < 0.8
    assert (after.argmax(axis=1) == labels).mean() > 0.98
    alone = np.concatenate([encoder.probabilities([text]) for text in texts[:20]])
    np.testing.assert_allclose(alone, after[:20], atol=0.02)  # bfloat16 has three digits


def test_a_class_that_the_source_does_not_know_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "LEARNING_RATE", 0.01)
    texts = [np.array([2, word, 3], np.int32) for word in (GOOD, GOOD + 1, GOOD + 2)] * 100
    encoder = teacher.Encoder(folder, 3, seed=1)
    targets = np.tile([[0, np.nan, 1], [1, np.nan, 0], [0, 1, 0]], (100, 1))
    teacher.fine_tune(encoder, texts, targets, weights=np.ones(300), passes=30, seed=1)
    good, bad, day = encoder.probabilities(texts[:3])
    assert good[2] > 20 * good[0] and bad[0] > 20 * bad[2] and day[1] > 0.95


def test_an_interrupted_training_continues_where_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "_BATCH", 4)
    monkeypatch.setattr(teacher, "_SECONDS_BETWEEN_CHECKPOINTS", 0)
    texts = [np.array([2, GOOD + i % 3, 3], np.int32) for i in range(40)]
    training = {"targets": np.eye(3)[np.arange(40) % 3], "weights": np.ones(40), "passes": 1}
    file = tmp_path / "checkpoint.pt"

    def train(checkpoint: Path | None, seed: int = 1) -> np.ndarray:
        encoder = teacher.Encoder(folder, 3, seed=1)
        teacher.fine_tune(encoder, texts, **training, seed=seed, checkpoint=checkpoint)
        return encoder.probabilities(texts[:3])

    without_checkpoint = train(None)
    write = teacher._Checkpoint.write

    def write_then_stop(self, step: int) -> None:
        write(self, step)
        if step == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(teacher._Checkpoint, "write", write_then_stop)
        train(file)
    for _ in range(2):  # the second time all steps are done
        np.testing.assert_allclose(train(file), without_checkpoint, atol=1e-6)
    refused = "other data or options; start again without --resume"
    with pytest.raises(DataError, match=refused):
        train(file, seed=2)
    with monkeypatch.context() as changed, pytest.raises(DataError, match=refused):
        changed.setitem(training, "passes", 2)
        train(file)
    text, texts[0] = texts[0], np.array([2, GOOD, GOOD, 3], np.int32)
    with pytest.raises(DataError, match=refused):
        train(file)
    texts[0] = text
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DataError, match=f"{file}: it can't be resumed"):
        train(file)


@pytest.mark.parametrize("texts", [1, 40])  # one batch, and 20
@pytest.mark.parametrize("weights", [(0, 1), (1, 0)])
def test_weights_decide_between_contradicting_targets(
    folder: Path, texts: int, weights: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "_BATCH", 4)
    good = [np.array([2, GOOD, 3], np.int32)]
    encoder = teacher.Encoder(folder, 2, seed=1)
    before = encoder.probabilities(good)
    targets, of_text = np.repeat(np.eye(2), texts, axis=0), np.repeat(weights, texts)
    teacher.fine_tune(encoder, good * 2 * texts, targets, weights=of_text, passes=0.99, seed=1)
    assert ((encoder.probabilities(good) > before)[0] == weights).all()


@pytest.mark.parametrize("damage", ["config.json", "vocab.txt", "model.safetensors"])
def test_a_folder_that_is_not_an_encoder_is_refused(
    damage: str, folder: Path, tmp_path: Path
) -> None:
    damaged = shutil.copytree(folder, tmp_path / "encoder")
    (damaged / damage).write_bytes((damaged / damage).read_bytes()[20:])
    with pytest.raises(DataError, match=f"{damaged}: the encoder can't be loaded"):
        teacher.Encoder(damaged, 2, seed=1)
        teacher.read_pieces(damaged)
