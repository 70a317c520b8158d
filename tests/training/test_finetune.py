"""From labelled texts to a model folder with a small encoder. PyTorch comes with the extra."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentiment_repl import load, model_folder
from sentiment_repl.data.soft_targets import load_teacher
from sentiment_repl.data.sources import DataFile
from sentiment_repl.errors import DataError
from tests.conftest import Run

MODULES = "teacher", "teacher_export", "train_teacher"
torch, teacher, teacher_export, train_teacher = (
    pytest.importorskip(name, reason="needs pip install '.[encoder]'")
    for name in ("torch", *(f"sentiment_repl.training.{one}" for one in MODULES))
)
LABELS = ("negative", "neutral", "positive")
WORDS = {"negative": ["bad", "awful"], "neutral": ["day", "table"], "positive": ["good", "nice"]}
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "zebra", "##s", "user", "!", "a", "the", "movie"]
PIECES += [word for words in WORDS.values() for word in words]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained encoder with two blocks."""
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=80,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def test_numpy_and_pytorch_agree(pretrained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = teacher.Encoder(pretrained, 3, seed=1)
    monkeypatch.setattr(encoder, "_is_bfloat16_fast", False)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in encoder.parameters():
            if weight.ndim == 2:  # multiples of 1/500 that int8 holds exactly
                exact = torch.randint(-127, 128, weight.shape, generator=generator)
                diagonal = torch.arange(max(weight.shape))
                exact[diagonal % len(exact), diagonal % exact.shape[1]] = 127
                weight.copy_(exact / 500)
            else:
                weight.add_(torch.randn(weight.shape, generator=generator) / 5)
    pieces = {piece: i for piece, i in teacher.read_pieces(pretrained).items() if piece[0] != "["}
    network = teacher_export.QuantizedEncoder(encoder, pieces, first=2, last=3).network()
    rng = np.random.default_rng(1)
    texts = [rng.integers(1, len(pieces) + 1, rng.integers(1, 63)).tolist() for _ in range(50)]
    ids = list(pieces.values())
    theirs = encoder.probabilities(
        [np.array([2, *(ids[one - 1] for one in text), 3], np.int32) for text in texts]
    )
    logits = network.logits(texts)
    ours = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert theirs.std(axis=0).min() > 0.01
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def labelled_texts(count: int) -> list[tuple[str, str]]:
    rng = np.random.default_rng(1)
    rows = []
    for number in range(count):
        label = LABELS[number % 3]
        words = [*rng.choice(["a", "the", "movie", "movies"], 5), rng.choice(WORDS[label])]
        rows.append((label, " ".join(rng.permutation(words))))
    return rows


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """3,000 texts. One word of each gives the label."""
    path = tmp_path / "table.tsv"
    rows = [f"{label[:3]}\t{text}\n" for label, text in labelled_texts(3000)]
    path.write_text("".join(rows).replace("neu\t", "neutral\t"))
    return path


def options(pretrained: Path, table: Path, output: Path) -> Any:
    return train_teacher.TeacherOptions(
        encoder=pretrained,
        encoder_name="tiny",
        data=[DataFile(table, "table")],
        output=output,
        checkpoint=output.with_name("checkpoint.pt"),
        seed=3,
        passes=4,
        rows=2500,
    )


def test_a_fine_tuned_model_folder_answers_and_teaches(
    pretrained: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "LEARNING_RATE", 0.005)
    output = tmp_path / "encoder"
    metrics = train_teacher.train_teacher(options(pretrained, table, output))
    assert {path.name for path in tmp_path.iterdir()} == {"encoder", "table.tsv"}
    assert metrics["validation"]["accuracy"] > 0.95
    assert metrics["quantization"]["mean_difference"] < 0.01
    assert metrics["data"]["rows_training"] > 2000
    assert metrics["calibration"]["other_rows"]["expected_calibration_error"] < 0.05
    assert json.loads((output / model_folder.METRICS).read_text()) == metrics
    assert "`tiny`" in (output / model_folder.CARD).read_text()
    classifier = load(folder=output)
    assert classifier.labels == LABELS
    for label, words in WORDS.items():
        assert classifier.classify(f"the {words[0]} movie").label == label
    assert classifier.classify("the zebra movie").unknown_words == ("zebra",)
    assert "[CLS]" not in classifier.vocabulary
    answers = load_teacher(output, LABELS, seed=3).probabilities
    texts = [text for _, text in labelled_texts(300)]
    labels = [LABELS.index(label) for label, _ in labelled_texts(300)]
    assert (answers(texts).argmax(axis=1) == labels).mean() > 0.95
    with pytest.raises(DataError, match="--seed 4, not 3"):
        load_teacher(output, LABELS, seed=4)


def test_a_damaged_checkpoint_is_refused_and_a_new_training_replaces_it(
    pretrained: Path, table: Path, tmp_path: Path, script: Run
) -> None:
    output, checkpoint = tmp_path / "encoder", tmp_path / ".encoder.checkpoint.pt"
    command = ["finetune.py", "--data", table, "--encoder", pretrained, "--output", output]
    checkpoint.write_bytes(b"damaged")
    done = script(*command, "--resume")
    assert (done.returncode, output.exists()) == (1, False)
    assert f"{checkpoint}: it can't be resumed".encode() in done.stderr
    done = script(*command, "--rows", "900", "--passes", "0.5")
    assert done.returncode == 0, done.stderr.decode()
    printed = done.stdout.decode()
    assert "before the quantization" in printed and f"Written to {output}" in printed
    assert not checkpoint.exists()


def test_what_could_not_be_saved_or_measured_is_refused_before_the_training(
    pretrained: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import ElectraConfig, ElectraModel

    monkeypatch.setattr(teacher, "fine_tune", None)
    chosen = options(pretrained, table, tmp_path / "encoder")
    chosen.checkpoint.write_bytes(b"of a training that is still wanted")
    with monkeypatch.context() as small, pytest.raises(DataError, match="too large to be loaded"):
        small.setitem(model_folder.SIZE_LIMITS, model_folder.WEIGHTS, 2**20 + 2**14)
        train_teacher.train_teacher(chosen)
    electra = tmp_path / "electra"
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4}
    ElectraModel(ElectraConfig(vocab_size=len(PIECES), **shape)).save_pretrained(electra)
    shutil.copy(pretrained / "vocab.txt", electra)
    with pytest.raises(DataError, match="its model type is electra, not bert"):
        train_teacher.train_teacher(chosen._replace(encoder=electra))
    polar = [line for line in table.read_text().splitlines(True) if not line.startswith("neutral")]
    table.write_text("".join(polar))
    neutral = tmp_path / "neutral.tsv"
    neutral.write_text("neutral\tthe a\n")  # alone in its file, and not held out
    files = [DataFile(table, "table"), DataFile(neutral, "neutral")]
    with pytest.raises(DataError, match="held-out texts is neutral"):
        train_teacher.train_teacher(chosen._replace(data=files))
    assert chosen.checkpoint.exists()


def test_only_pieces_of_the_training_texts_and_ascii_characters_stay() -> None:
    pieces = {"[CLS]": 0, "é": 1, "##x": 2, "good": 3, "日": 4, "bad": 5}
    kept = teacher_export.used_pieces(np.array([3, 1, 3]), pieces)
    assert kept == {"é": 1, "##x": 2, "good": 3}
