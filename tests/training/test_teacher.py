"""Of an encoder of a few numbers; PyTorch comes with the extra encoder."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl.errors import DataError
from sentiment_repl.data import corpus, labelled, soft_targets
from tests.conftest import Run

for library in "torch", "tokenizers", "transformers":
    pytest.importorskip(library, reason="needs pip install '.[encoder]'")

import torch  # noqa: E402

from sentiment_repl.training import teacher  # noqa: E402

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "day", "user", "url", "!", "…"]
UNKNOWN, GOOD, BAD = 1, 4, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder that nobody has trained."""
    import tokenizers
    from tokenizers import models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = tokenizers.Tokenizer(
        models.WordPiece({piece: i for i, piece in enumerate(VOCABULARY)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(VOCABULARY),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=teacher.LONGEST,
        )
    ).save_pretrained(folder)
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Texts of which good ones are positive, each another."""
    path = tmp_path / "table.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["label", "text"])
        for i in range(300):
            rows.writerow([i % 2, f"{'x ' * (i % 7)}{['bad', 'good'][i % 2]} day number{i}"])
    return path


def test_a_text_is_read_as_the_other_models_read_it(folder: Path) -> None:
    texts = ["@somebody GOOD day!!!! http://a.example/b", "bad" * 100, "", "bad " * 200]
    pieces = teacher.Pieces(folder)(texts)
    read = [VOCABULARY[i] for i in pieces[0]]
    assert read == ["[CLS]", "user", "good", "day", "!", "url", "[SEP]"]
    assert pieces[1].tolist() == [2, UNKNOWN, 3] and pieces[2].tolist() == [2, 3]
    assert len(pieces[3]) == teacher.LONGEST


def test_it_learns_what_it_is_taught(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "RATE", 0.01)
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 1000).astype(np.int8)
    texts = [
        np.array([2, *rng.integers(6, 11, rng.integers(1, 5)), (BAD, GOOD)[label], 3], np.int32)
        for label in labels
    ]
    net = teacher.Encoder(folder, seed=1)
    untaught = net.probabilities(texts)
    teacher.fine_tune(net, texts, labels, passes=4.5, seed=1)
    taught = net.probabilities(texts)
    assert ((untaught >= 0.5) == labels).mean() < 0.8
    assert ((taught >= 0.5) == labels).mean() > 0.98
    alone = [net.probabilities([text])[0] for text in texts[:20]]
    assert alone == pytest.approx(taught[:20], abs=0.02)  # bfloat16 has three digits


def test_what_the_script_keeps_fits_the_training_texts(
    folder: Path, table: Path, tmp_path: Path, script: Run
) -> None:
    kept = tmp_path / "answers.npz"
    done = script(
        "finetune.py",
        *["--data", table, "--encoder", folder, "--passes", "2", "--rows", "200", "--seed", "3"],
        *["--output", kept, "--labelled", table],
    )
    assert done.returncode == 0, done.stderr.decode()
    assert f"{table}: " in done.stdout.decode() and "held-back texts: " in done.stdout.decode()

    def prepare(seed: int) -> corpus.Corpus:
        rows = labelled.read_all([table], labelled.Tally())
        return corpus.prepare(rows, vocabulary_size=50, seed=seed, sample=200, sequences=True)

    learned = soft_targets.answers([kept], prepare(seed=3), seed=3)
    data = corpus.texts(labelled.read_all([table], labelled.Tally()), seed=3, sample=200)
    alike: dict[str, list[float]] = {}
    for text, answer in zip(data.training, learned.tolist(), strict=True):
        alike.setdefault(text[: text.rindex(" ")], []).append(answer)
    assert len(alike) == 14
    assert all(max(answers) - min(answers) < 0.002 for answers in alike.values())
    assert len({answers[0] for answers in alike.values()}) > 7
    with pytest.raises(DataError, match="same rows"):
        soft_targets.answers([kept], prepare(seed=4), seed=4)
    assert {path.name for path in tmp_path.iterdir()} == {"answers.npz", "table.csv"}


def test_it_learns_from_texts_that_people_rated(
    folder: Path, table: Path, tmp_path: Path, script: Run
) -> None:
    ratings = tmp_path / "ratings.tsv"
    ratings.write_text("".join(f"{i}\t{i % 2 * 8 - 4}\t{'x ' * (i % 9)}day\n" for i in range(20)))
    command = ["finetune.py", "--data", table, "--encoder", folder, "--passes", "1"]
    kept = [tmp_path / "plain.npz", tmp_path / "rated.npz"]
    assert script(*command, "--output", kept[0]).returncode == 0
    done = script(*command, "--output", kept[1], "--rated", ratings)
    assert done.returncode == 0, done.stderr.decode()
    assert "of 20 rated texts to train on" in done.stdout.decode()
    plain, rated = (np.load(path)["positive"] for path in kept)
    assert plain.shape == rated.shape and not np.allclose(plain, rated)

    (tmp_path / "texts.txt").write_text("good day\n\nbad day\n")
    done = script(*command, "--rate", tmp_path / "texts.txt", tmp_path / "machine.txt")
    assert done.returncode == 0, done.stderr.decode()
    rows = [line.split("\t") for line in (tmp_path / "machine.txt").read_text().splitlines()]
    assert [row[2] for row in rows] == ["good day", "bad day"]
    assert all(-4 <= float(row[1]) <= 4 for row in rows)
    assert script(*command).returncode == 2  # neither --rate nor --output
    for pairs in [[table, table]], [[ratings, tmp_path / "x"], [table, tmp_path / "x"]]:
        rate = [part for pair in pairs for part in ("--rate", *pair)]
        assert script(*command, *rate).returncode == 2
    (tmp_path / "texts.txt").write_text("\n")
    done = script(*command, "--rate", tmp_path / "texts.txt", tmp_path / "machine.txt")
    assert done.returncode == 1 and f"{tmp_path / 'texts.txt'}: " in done.stderr.decode()

    ratings.write_text("whatever\n")
    done = script(*command, "--output", tmp_path / "none.npz", "--rated", ratings)
    assert done.returncode == 1 and not (tmp_path / "none.npz").exists()
    assert f"{ratings}:1: " in done.stderr.decode() and "no rated text" in done.stderr.decode()


@pytest.mark.parametrize("damage", ["nothing in it", "tokenizer.json", "model.safetensors"])
def test_a_folder_that_is_no_encoder_is_named(
    damage: str, folder: Path, table: Path, tmp_path: Path, script: Run
) -> None:
    damaged = tmp_path / "encoder"
    if damage == "nothing in it":
        damaged.mkdir()
    else:
        shutil.copytree(folder, damaged)
        (damaged / damage).write_bytes((damaged / damage).read_bytes()[:-20])
    done = script(
        "finetune.py",
        *["--data", table, "--encoder", damaged, "--output", tmp_path / "answers.npz"],
    )
    assert done.returncode == 1 and done.stdout == b""
    assert str(damaged) in done.stderr.decode() and done.stderr.count(b"\n") == 1
    assert not (tmp_path / "answers.npz").exists()


@pytest.mark.parametrize("texts", [1, 20 * 256])
def test_any_number_of_batches_is_learned_from(folder: Path, texts: int) -> None:
    net = teacher.Encoder(folder, seed=1)
    before = net.probabilities([np.array([2, GOOD, 3], np.int32)])
    teacher.fine_tune(
        net, [np.array([2, GOOD, 3], np.int32)] * texts, np.ones(texts, np.int8), 0.999, seed=1
    )
    assert net.probabilities([np.array([2, GOOD, 3], np.int32)]) > before
