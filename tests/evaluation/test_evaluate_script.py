import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment_repl.data.corpus import held_back
from tests.conftest import REPOSITORY, Run

CONTENT = "neg\tbad day\nneg\tgood\npos\tgood day\nneutral\tday\npos\tzebra\nwhat\tever\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.tsv"
    path.write_text(CONTENT)
    return path


def test_figures(script: Run, tiny: Path, data: Path) -> None:
    done = script("evaluate.py", data, "--artifacts", tiny, "--json")
    figures = json.loads(done.stdout)
    assert figures["confusion_matrix"] == [[1, 1], [0, 1]]
    assert figures["accuracy"] == pytest.approx(2 / 3)
    assert figures["unanswered"] == 1
    assert figures["accuracy_of_all"] == pytest.approx(2 / 4)
    assert b"data.tsv:6: a label 'what'" in done.stderr
    assert b"1 neutral rows," in done.stderr
    assert figures["neutral"] == {
        "rows": 1, "uncertain": 0, "confidence": 0.5, "area_under_curve": 1,
    }  # fmt: skip
    table = script("evaluate.py", data, "--artifacts", tiny).stdout.decode()
    assert "0.6667" in table and "macro-F1" in table
    drawn = script("evaluate.py", data, "--artifacts", tiny, "--reliability").stdout.decode()
    assert drawn.startswith(table.rstrip("\n")) and drawn.count("|") == 2


def test_neutral_texts_alone(script: Run, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "neutral.tsv"
    path.write_text("neutral\tday\nneutral\tgood\n")
    done = script("evaluate.py", path, "--artifacts", tiny, "--reliability")
    assert done.returncode == 0
    (line,) = done.stdout.decode().splitlines()
    assert line.startswith("of 2 neutral texts") and "too close to call" in line
    figures = json.loads(script("evaluate.py", path, "--artifacts", tiny, "--json").stdout)
    assert figures["rows"] == 0 and figures["neutral"]["rows"] == 2


def test_of_rated_texts_those_are_measured_that_no_training_had(
    script: Run, tiny: Path, data: Path, tmp_path: Path
) -> None:
    texts = [f"{word} {i}" for i in range(200) for word in ("good", "bad")]
    ratings = {text: 2 if text.startswith("good") else -2 for text in texts}
    held = [text for text in texts if held_back(text, 1)]
    wrong = held[0]
    ratings[wrong] *= -1
    unclear = held[1]
    ratings[unclear] /= 10
    path = tmp_path / "ratings.txt"
    path.write_text("".join(f"1\t{rating}\t{text}\n" for text, rating in ratings.items()) + "?\n")
    done = script("evaluate.py", "--rated", path, "--artifacts", tiny, "--json")
    assert f"{path}:401: " in done.stderr.decode()
    (figures,) = json.loads(done.stdout)["rated"].values()
    assert (figures["rows"], figures["clear"]) == (len(held), len(held) - 1)
    assert figures["accuracy_of_clear"] == pytest.approx(1 - 1 / (len(held) - 1))
    assert 0.5 < figures["correlation"] < 1
    both = script("evaluate.py", data, "--rated", path, "--artifacts", tiny).stdout.decode()
    assert "macro-F1" in both and f"{figures['correlation']:.4f}" in both
    path.write_text("")
    done = script("evaluate.py", "--rated", path, "--artifacts", tiny)
    assert done.returncode == 1 and f"{path}: no rated text held back" in done.stderr.decode()
    assert script("evaluate.py", "--artifacts", tiny).returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_1(data: Path, tiny: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, REPOSITORY / "scripts/evaluate.py", data, "--artifacts", tiny],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
    assert done.returncode == 1
    assert b"space" in done.stderr and b"Traceback" not in done.stderr


def test_what_cannot_be_measured(script: Run, tiny: Path, data: Path, tmp_path: Path) -> None:
    assert script("evaluate.py", data, "--artifacts", tmp_path).returncode == 2
    assert script("evaluate.py", tmp_path / "none.tsv", "--artifacts", tiny).returncode == 1
    (tmp_path / "unknown.tsv").write_text("pos\tzebra\n")
    done = script("evaluate.py", tmp_path / "unknown.tsv", "--artifacts", tiny)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
