import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl.classifier import Classifier
from sentiment_repl.data.labels import LabelledText
from sentiment_repl.data.split import is_held_out
from sentiment_repl.evaluation.evaluate import evaluate
from sentiment_repl.network.dense import ACTIVATIONS, Dense, DenseNetwork
from tests.conftest import REPOSITORY, Run

CONTENT = "neg\tbad day\nneg\tgood\npos\tgood day\nneutral\tday\npos\tzebra\nwhat\tever\n"


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


def test_only_held_out_rated_texts_count(script: Run, tiny: Path, tmp_path: Path) -> None:
    texts = [f"{word} {i}" for i in range(200) for word in ("good", "bad")]
    ratings = {text: 2.0 if text.startswith("good") else -2.0 for text in texts}
    held_out = [text for text in texts if is_held_out(text, 1)]
    ratings[held_out[0]] *= -1  # one that the model gets wrong
    ratings[held_out[1]] /= 10  # one that is not clear
    path = tmp_path / "ratings.txt"
    path.write_text("".join(f"1\t{rating}\t{text}\n" for text, rating in ratings.items()) + "?\n")
    done = script("evaluate.py", "--rated", path, "--artifacts", tiny, "--json")
    assert f"{path}:401: " in done.stderr.decode()
    (figures,) = json.loads(done.stdout)["rated"].values()
    assert (figures["rows"], figures["clear"]) == (len(held_out), len(held_out) - 1)
    assert figures["accuracy_of_clear"] == pytest.approx(1 - 1 / (len(held_out) - 1))
    assert 0.5 < figures["correlation"] < 1
    table = script("evaluate.py", "--rated", path, "--artifacts", tiny).stdout.decode()
    assert f"{figures['correlation']:.4f}" in table
    path.write_text(f"1\t2.0\t{next(text for text in texts if text not in held_out)}\n")
    done = script("evaluate.py", "--rated", path, "--artifacts", tiny)
    assert done.returncode == 1 and f"{path}: no rated text held out" in done.stderr.decode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_fails_with_one_sentence(data: Path, tiny: Path) -> None:
    program = [sys.executable, "-m", "sentiment_repl.evaluation", data, "--artifacts", tiny]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, cwd=REPOSITORY)
    assert done.returncode == 1
    sentence = done.stderr.decode().splitlines()[-1]
    assert sentence == "python -m sentiment_repl.evaluation: No space left on device"


def test_what_cannot_be_measured(script: Run, tiny: Path, data: Path, tmp_path: Path) -> None:
    assert script("evaluate.py", "--artifacts", tiny).returncode == 2
    assert script("evaluate.py", data, "--artifacts", tmp_path).returncode == 2
    assert script("evaluate.py", tmp_path / "none.tsv", "--artifacts", tiny).returncode == 1
    data.write_text("pos\tzebra\n")
    done = script("evaluate.py", data, "--artifacts", tiny)
    assert done.returncode == 1 and done.stderr.startswith(b"evaluate.py: no usable row")
