"""Training from end to end, on texts made here, and what it leaves behind."""

import csv
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import model_folder, load
from sentiment_repl.text.article_tokenizer import tokenize
from tests.conftest import REPOSITORY, Run

ARCHITECTURES = pytest.mark.parametrize("architecture", ["article", "default"])
FAST = [
    "--architecture",
    "article",
    "--epochs",
    "3",
    "--batch-size",
    "256",
    "--vocabulary-size",
    "500",
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """6,000 texts of 900 words, 100 of which tell the label, nine times in ten rightly."""
    rng = random.Random(0)
    path = tmp_path_factory.mktemp("data") / "made.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "text"])
        for _ in range(6000):
            label = rng.randrange(2)
            mood = label if rng.random() < 0.9 else 1 - label
            words = [f"mood{mood}{rng.randrange(50)}" for _ in range(2)]
            words += [f"word{int(800 * rng.random() ** 2)}" for _ in range(8)]
            writer.writerow([label, " ".join(rng.sample(words, 10))])
    return path


Train = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def train(script: Run, data: Path) -> Train:
    return lambda output, *args: script(
        "train.py", "--data", data, "--output", output, *FAST, *args
    )


def weights(folder: Path) -> str:
    return hashlib.sha256((folder / model_folder.WEIGHTS).read_bytes()).hexdigest()


def metrics(folder: Path) -> dict[str, object]:
    return json.loads((folder / model_folder.METRICS).read_text())


@ARCHITECTURES
def test_a_trained_folder_is_whole_and_repeatable(
    train: Train, tmp_path: Path, architecture: str
) -> None:
    chosen = ["--architecture", architecture]
    done = train(tmp_path / "a", *chosen)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""  # TensorFlow's noise stays off the screen
    lines = done.stdout.decode().splitlines()
    assert [line for line in lines if line.startswith("Epoch")] == [
        f"Epoch {i}/3" for i in (1, 2, 3)
    ]
    assert len(lines) < 15  # a log gets a line an epoch, not a progress bar
    assert sorted(os.listdir(tmp_path)) == ["a"]

    words = load(folder=tmp_path / "a").words
    assert len(words) == 499  # exactly what the network reads
    figures = metrics(tmp_path / "a")
    history = figures["history"]
    best = max(range(3), key=lambda epoch: history[epoch]["val_accuracy"])
    assert figures["best_epoch"] == best + 1
    # Our forward pass on the saved weights gives the accuracy that Keras gave that epoch.
    rounding = 0.01 if architecture == "default" else 1e-6  # its word vectors are in bytes
    assert figures["validation"]["accuracy"] == pytest.approx(
        history[best]["val_accuracy"], abs=rounding
    )
    assert figures["validation"]["accuracy"] > 0.65
    assert {"data", "options", "versions", "seconds"} <= set(figures)
    page = (tmp_path / "a" / model_folder.CARD).read_text(encoding="utf-8")
    assert f"{figures['validation']['accuracy']:.2%} of {figures['validation']['rows']:,}" in page
    assert figures["data"]["fingerprint"] in page
    strongest = figures["strongest_words"]
    assert all(word.startswith("mood1") and odds > 0 for word, odds in strongest["positive"])
    assert all(word.startswith("mood0") and odds < 0 for word, odds in strongest["negative"])
    assert all(f"| {word} |" in page for word, _ in strongest["negative"])

    assert train(tmp_path / "b", *chosen).returncode == 0
    assert weights(tmp_path / "a") == weights(tmp_path / "b")
    assert train(tmp_path / "b", *chosen, "--seed", "2").returncode == 0
    assert weights(tmp_path / "a") != weights(tmp_path / "b")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@ARCHITECTURES
def test_killed_and_resumed_ends_with_the_same_weights(
    train: Train, data: Path, tmp_path: Path, architecture: str
) -> None:
    chosen = ["--architecture", architecture]
    assert train(tmp_path / "unbroken", *chosen).returncode == 0
    output = tmp_path / "model"
    command = [sys.executable, "scripts/train.py", "--data", data, "--output", output, *FAST]
    command += chosen
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    checkpoint = tmp_path / ".model.checkpoint.npz"
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as program:
        while not checkpoint.exists():
            assert program.poll() is None
            time.sleep(0.01)
        program.send_signal(signal.SIGKILL)
        assert program.stderr
        complaint = program.stderr.read().decode()  # by a process that outlives it
    assert not output.exists()
    assert complaint.count("\n") == 1 and f"{output} is as it was; --resume" in complaint

    for other in (["--seed", "2"], ["--batch-size", "255"], ["--vocabulary-size", "501"]):
        refused = train(output, "--resume", *chosen, *other)
        assert refused.returncode == 1
        assert b"other data or options" in refused.stderr
    done = train(output, "--resume", *chosen)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Epoch 1/3" not in done.stdout
    assert weights(output) == weights(tmp_path / "unbroken")
    assert len(metrics(output)["history"]) == 3
    assert not checkpoint.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_interrupted_leaves_the_old_model(train: Train, data: Path, tiny: Path) -> None:
    command = [sys.executable, "scripts/train.py", "--data", data, "--output", tiny, *FAST]
    with subprocess.Popen(
        [*command, "--epochs", "1000"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout and program.stderr
        while b"Epoch 2" not in program.stdout.readline():
            assert program.poll() is None
        program.send_signal(signal.SIGINT)
        complaint = program.stderr.read()
        assert program.wait(30) == 130
    assert b"--resume" in complaint and b"Traceback" not in complaint
    assert load(folder=tiny).classify("good").label == "positive"


@pytest.mark.skipif(os.name == "nt", reason="Windows can't fork")
def test_with_its_input_closed_it_is_not_said_to_be_killed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/train.py", "--data", tmp_path / "none.csv"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        preexec_fn=lambda: os.close(0),
    )
    complaint = done.stderr.decode()
    assert done.returncode == 1
    assert complaint.count("\n") == 1 and "none.csv: it can't be read" in complaint


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short"])
def test_a_damaged_checkpoint_is_not_resumed(train: Train, tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".model.checkpoint.npz").write_bytes(content)
    done = train(tmp_path / "model", "--resume")
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1 and b"leave out --resume" in done.stderr


def test_a_folder_of_something_else_is_not_replaced(train: Train, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    done = train(tmp_path)
    assert done.returncode == 1
    assert b"diary.txt" in done.stderr
    assert os.listdir(tmp_path) == ["diary.txt"]


def test_a_model_learns_from_its_teacher(train: Train, tmp_path: Path) -> None:
    chosen = ["--architecture", "default", "--epochs", "1"]
    assert train(tmp_path / "teacher", *chosen).returncode == 0
    taught = [*chosen, "--teacher", tmp_path / "teacher"]
    done = train(tmp_path / "student", *taught)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    assert weights(tmp_path / "student") != weights(tmp_path / "teacher")
    assert metrics(tmp_path / "student")["options"]["teachers"] == ["teacher"]
    assert "rows before: `teacher`" in (tmp_path / "student" / model_folder.CARD).read_text()

    done = train(tmp_path / "student", *taught, "--seed", "2")
    assert done.returncode == 1
    assert str(tmp_path / "teacher") in done.stderr.decode() and done.stderr.count(b"\n") == 1


@ARCHITECTURES
def test_a_training_goes_on_from_a_model(
    train: Train, script: Run, data: Path, tmp_path: Path, architecture: str
) -> None:
    chosen = ["--architecture", architecture]
    assert train(tmp_path / "old", *chosen).returncode == 0
    few = tmp_path / "few.csv"
    few.write_text("".join(data.read_text().splitlines(keepends=True)[:1001]))

    def go_on(*args: object) -> "subprocess.CompletedProcess[bytes]":
        options = ["--architecture", architecture, "--epochs", "1", *args]
        return script("train.py", "--data", few, "--output", tmp_path / "new", *options)

    done = go_on("--start", tmp_path / "old")
    assert done.returncode == 0, done.stderr.decode()
    (before,) = (line for line in done.stdout.decode().splitlines() if line.startswith("Before:"))
    assert float(before.split()[1].rstrip("%")) > 65
    report = metrics(tmp_path / "new")
    assert report["validation"]["accuracy"] > 0.65  # 1,000 texts alone teach nothing in an epoch
    assert before == f"Before: {report['accuracy_before']:.2%} of the held-back texts right"
    assert metrics(tmp_path / "new")["options"]["start"] == "old"
    assert "weights and the dictionary of `old`" in (tmp_path / "new" / model_folder.CARD).read_text()
    assert load(folder=tmp_path / "new").words == load(folder=tmp_path / "old").words
    assert weights(tmp_path / "new") != weights(tmp_path / "old")
    bands = [model_folder.read(tmp_path / name).uncertain_below for name in ("old", "new")]
    assert bands[0] == bands[1]  # for 100 held-back texts can't tell another one

    other = "article" if architecture == "default" else "default"
    for refused in ["--seed", "2"], ["--architecture", other]:
        done = go_on("--start", tmp_path / "old", *refused)
        assert done.returncode == 1 and done.stdout == b""
        assert str(tmp_path / "old") in done.stderr.decode() and done.stderr.count(b"\n") == 1
    assert go_on("--start", tmp_path).returncode == 2  # as for every folder that is no model


def test_statements_join_the_training(train: Train, tmp_path: Path) -> None:
    path = tmp_path / "statements.txt"
    # The second of them has a word of positive texts.
    path.write_text("word1 word2 word3 word4\n\nmood11 word2 word3 word4\n")
    chosen = ["--architecture", "default", "--epochs", "1", "--neutral", path]
    done = train(tmp_path / "model", *chosen)
    assert done.returncode == 0, done.stderr.decode()
    assert metrics(tmp_path / "model")["data"]["statements"] == 1
    assert (
        "1 plain statements out of `statements.txt`"
        in (tmp_path / "model" / model_folder.CARD).read_text()
    )

    path.write_text("word1 word2 word3 word4 horrible\n")
    for refused in chosen, [*chosen, tmp_path / "nowhere.txt"]:
        done = train(tmp_path / "model", *refused)
        assert done.returncode == 1
        assert done.stderr.decode().count("\n") == 1 and str(refused[-1]) in done.stderr.decode()
    assert done.stdout == b""


def test_rated_texts_join_the_training(train: Train, tmp_path: Path) -> None:
    path = tmp_path / "ratings.tsv"
    path.write_text("1\t-1.5\tword1 word2\nwhatever\n2\t0.25\tword3\n")
    chosen = ["--architecture", "default", "--epochs", "1", "--rated", path]
    done = train(tmp_path / "model", *chosen)
    assert done.returncode == 0, done.stderr.decode()
    assert f"{path}:2: " in done.stderr.decode() and done.stderr.count(b"\n") == 1
    assert metrics(tmp_path / "model")["data"]["rated"] == 2
    card = (tmp_path / "model" / model_folder.CARD).read_text()
    assert "2 rated texts out of `ratings.tsv`" in card

    path.write_text("whatever\n")
    for refused in chosen, [*chosen, tmp_path / "nowhere.txt"]:
        done = train(tmp_path / "model", *refused)
        assert done.returncode == 1
        assert str(refused[-1]) in done.stderr.decode().splitlines()[-1]
    assert done.stdout == b""


def test_corrections_join_the_corpus(script: Run, data: Path, tmp_path: Path) -> None:
    more = tmp_path / "corrections.csv"
    more.write_text("label,text\n1,zyzzyva\nwhat,ever\n")
    done = script("train.py", "--data", data, "--data", more, "--output", tmp_path / "m", *FAST)
    assert done.returncode == 0
    assert metrics(tmp_path / "m")["data"]["rows_read"] == 6001
    assert b"6,001 rows read, 1 rows could not be read" in done.stdout
    assert f"{more}:3: a label 'what'".encode() in done.stderr


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("label,text\nx,y\n", "no usable row"),
        ("label,text\n1,y\n1,z\n", "every row has the label 1"),
        ("mood,text\n1,y\n", "--label-column"),
    ],
)
def test_data_that_cannot_train_is_1(
    script: Run, tmp_path: Path, tiny: Path, content: str, complaint: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content)
    done = script("train.py", "--data", path, "--output", tiny)
    assert done.returncode == 1
    assert complaint in done.stderr.decode() and "Traceback" not in done.stderr.decode()
    assert load(folder=tiny).classify("good").label == "positive"


def test_an_output_that_cannot_be_written_is_1(script: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = script("train.py", "--data", data, "--output", tmp_path / "file" / "model", *FAST)
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1
    assert done.stdout == b""  # not after an hour


@pytest.mark.parametrize(
    "args",
    [
        ["--epochs", "0"],
        ["--rows", "-1"],
        ["--vocabulary-size", "1"],
        ["--seed", "-1"],
        ["--architecture", "article", "--teacher", "."],
        ["--architecture", "article", "--neutral", "."],
        ["--architecture", "article", "--rated", "."],
        ["--start", ".", "--output", "x", "--vocabulary-size", "100"],
        ["--start", "."],
        ["--average"],
    ],
)
def test_wrong_usage_is_2(script: Run, args: list[str]) -> None:
    assert script("train.py", *args).returncode == 2


def test_keras_and_the_forward_pass_agree_on_real_tweets(
    real_tweets: list[tuple[int, str]],
) -> None:
    """The shipped files in plain Keras, on the article's one-hot rows."""
    from sentiment_repl.training.backend import keras

    folder = model_folder.shipped()["article"]
    model = keras.models.model_from_json((folder / model_folder.MODEL).read_text())
    model.load_weights(folder / model_folder.WEIGHTS)
    kinds = [(type(layer).__name__, layer.get_config().get("units")) for layer in model.layers]
    assert kinds == [
        ("Dense", 512), ("Dropout", None), ("Dense", 256), ("Dropout", None), ("Dense", 2),
    ]  # fmt: skip
    words = json.loads((folder / model_folder.DICTIONARY).read_text(encoding="utf-8"))
    rows = np.zeros((5000, 3000), np.float32)
    for row, (_, text) in zip(rows, real_tweets):
        row[[words[word] for word in tokenize(text) if word in words]] = 1
    theirs = model.predict(rows, verbose=0)[:, 1]
    compared = 0
    for prediction, positive in zip(
        load("article").classify_batch(text for _, text in real_tweets[:5000]), theirs
    ):
        if prediction.label is not None:
            ours = (
                prediction.confidence
                if prediction.label == "positive"
                else 1 - prediction.confidence
            )
            assert ours == pytest.approx(positive, abs=1e-5)
            compared += 1
    assert compared > 4900
