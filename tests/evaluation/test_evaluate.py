import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import load
from sentiment_repl.classifier import Classifier
from sentiment_repl.data.labels import LabelledText
from sentiment_repl.evaluation.evaluate import evaluate
from sentiment_repl.network.dense import ACTIVATIONS, Dense, DenseNetwork
from tests.conftest import REPOSITORY, Run

CONTENT = "neg\tbad day\nneg\tgood\npos\tgood day\nneutral\tday\npos\tzebra\n \tever\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.tsv"
    path.write_text(CONTENT)
    return path


def test_figures_and_tables(script: Run, tiny: Path, data: Path) -> None:
    done = script("evaluate.py", data, "--artifacts", tiny, "--json")
    figures = json.loads(done.stdout)
    assert figures["labels"] == ["negative", "positive"]
    assert figures["confusion_matrix"] == [[1, 1], [0, 1]]
    assert figures["accuracy"] == pytest.approx(2 / 3)
    assert figures["unanswered"] == 1
    assert figures["accuracy_of_all"] == pytest.approx(2 / 4)
    assert figures["area_under_curve"] == 1.5 / 2  # "good" is once negative, once positive
    assert figures["neutral"] == {
        "rows": 1, "uncertain": 0, "confidence": 0.5, "area_under_curve": 1,
    }  # fmt: skip
    assert b"data.tsv:6: " in done.stderr
    tables = script("evaluate.py", data, "--artifacts", tiny).stdout.decode()
    assert "0.6667" in tables and "macro-F1" in tables
    assert "| actual negative | 1 | 1 |" in tables
    assert "1 neutral texts: 0.0000 in the low-confidence band" in tables
    drawn = script("evaluate.py", data, "--artifacts", tiny, "--reliability").stdout.decode()
    assert drawn.startswith(tables.rstrip("\n")) and "| 2 | 88.08% | 50.00% |" in drawn
    data.write_text("neutral\tday\nneutral\tgood\n")
    alone = script("evaluate.py", data, "--artifacts", tiny, "--reliability").stdout.decode()
    assert alone == "2 neutral texts: 0.0000 in the low-confidence band, mean confidence 0.6904\n"


def test_a_model_with_a_neutral_label_is_measured_on_three_classes() -> None:
    kernel = np.zeros((4, 3), np.float32)
    kernel[[1, 2, 3], [0, 1, 2]] = 2  # "bad" is negative, "day" neutral, "good" positive
    layer = Dense(kernel, np.zeros(3, np.float32), ACTIVATIONS["linear"])
    labels = ("negative", "neutral", "positive")
    classifier = Classifier({"bad": 1, "day": 2, "good": 3}, DenseNetwork([layer]), labels)
    rows = [("negative", "bad"), ("neutral", "day"), ("neutral", "good"), ("positive", "good")]
    figures = evaluate(classifier, [LabelledText(*row) for row in rows])
    assert figures["confusion_matrix"] == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    assert figures["area_under_curve"] == 1  # of negative and positive texts
    assert figures["neutral"] is None


def test_three_way_figures_count_every_text(tiny_neutral: Path, tiny: Path) -> None:
    texts = [
        ("negative", "bad"), ("negative", "table bad"), ("neutral", "zebra"), ("neutral", "good"),
        ("positive", "good"), ("positive", "zebra"),
    ]  # fmt: skip
    rows = [LabelledText(*row) for row in texts]
    figures = evaluate(load(folder=tiny_neutral), rows)
    assert figures["recall"] == {"negative": 0.5, "neutral": 0.5, "positive": 0.5}
    assert figures["macro_recall"] == 0.5 and figures["texts"] == 6
    assert figures["two_way_accuracy"] == 3 / 4  # "zebra" is an error
    assert figures["rows"] == 4 and figures["unanswered"] == 2
    # Without the label, "zebra" and answers in the low-confidence band count as neutral.
    two_labels = load(folder=tiny_neutral, neutral=False).without_neutral()
    assert evaluate(two_labels, rows)["recall"] == {"negative": 1, "neutral": 0.5, "positive": 0.5}
    unsure = Classifier(two_labels.vocabulary, two_labels.network, two_labels.labels, 0.9)
    figures = evaluate(unsure, rows)  # "good" has a confidence of 0.88
    assert figures["recall"] == {"negative": 1, "neutral": 1, "positive": 0}
    assert figures["two_way_accuracy"] == 3 / 4


def test_several_files_give_one_table_with_their_mean(
    script: Run, tiny_neutral: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.tsv", tmp_path / "second.tsv"
    first.write_text("neg\tbad\nneutral\ttable\npos\tbad\n")
    second.write_text("neg\tbad\nneutral\ttable\npos\tgood\n")
    options = [first, second, "--artifacts", tiny_neutral]
    figures = json.loads(script("evaluate.py", *options, "--json").stdout)
    assert figures["files"][str(first)]["macro_recall"] == pytest.approx(2 / 3)
    assert figures["mean"]["macro_recall"] == pytest.approx(5 / 6)
    assert figures["mean"]["two_way_accuracy"] == pytest.approx(3 / 4)
    assert sum(point["rows"] for point in figures["reliability"]) == 6
    table = script("evaluate.py", *options, "--reliability").stdout.decode().splitlines()
    assert table[2].startswith("| first.tsv | 3 | 0.6667 | 0.5000 |")
    assert table[4].startswith("| mean |  | 0.8333 | 0.7500 |")
    assert table[6] == "| texts | mean confidence | accuracy |"
    done = script("evaluate.py", *options, "--no-neutral", "--json")
    assert json.loads(done.stdout)["files"][str(second)]["labels"] == ["negative", "positive"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_fails_with_one_sentence(data: Path, tiny: Path) -> None:
    program = [sys.executable, "-m", "sentiment_repl.evaluation", data, "--artifacts", tiny]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, cwd=REPOSITORY)
    assert done.returncode == 1
    sentence = done.stderr.decode().splitlines()[-1]
    assert sentence == "python -m sentiment_repl.evaluation: No space left on device"


def test_unclear_labels_are_not_measured_before_the_user_says_what_they_mean(
    script: Run, tiny: Path, tmp_path: Path
) -> None:
    data = tmp_path / "reviews.csv"
    data.write_text("label,text\n1,bad\n2,good\n2,good day\n")
    done = script("evaluate.py", data, "--artifacts", tiny)
    assert (done.returncode, done.stdout) == (2, b"")
    complaint = done.stderr.decode()
    assert "reviews.csv: the labels 1 and 2 have no clear meaning" in complaint
    assert "(2: 2 rows, 1: 1 row)" in complaint
    assert "for example: --labels 1=neg,2=pos (" in complaint and complaint.count("\n") == 1
    options = [data, "--artifacts", tiny, "--json"]
    figures = json.loads(script("evaluate.py", *options, "--labels", "1=neg,2=pos").stdout)
    assert (figures["accuracy"], figures["rows"]) == (1, 3)
    figures = json.loads(script("evaluate.py", *options, "--labels", "2=neg,1=pos").stdout)
    assert (figures["accuracy"], figures["rows"]) == (0, 3)
    done = script("evaluate.py", *options, "--labels", "1:neg")
    assert done.returncode == 2 and b"--labels: '1:neg' is not " in done.stderr


def test_what_cannot_be_measured(script: Run, tiny: Path, data: Path, tmp_path: Path) -> None:
    assert script("evaluate.py", "--artifacts", tiny).returncode == 2
    assert script("evaluate.py", data, "--artifacts", tmp_path).returncode == 2
    assert script("evaluate.py", tmp_path / "none.tsv", "--artifacts", tiny).returncode == 1
    data.write_text("pos\tzebra\n")
    done = script("evaluate.py", data, "--artifacts", tiny)
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"evaluate.py: {data}: no usable row")
