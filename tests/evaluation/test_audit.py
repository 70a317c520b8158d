import json
import random
from pathlib import Path
from typing import Any

import pytest

from sentiment_repl.data.labels import LabelledText
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.audit.data import data_figures
from tests.conftest import Run, bag_model

LABELS = ("negative", "positive")
LABELS_OF_THREE = ("negative", "neutral", "positive")


def rows(negative: int, positive: int) -> list[LabelledText]:
    return [LabelledText("negative", f"a bad day number {n}") for n in range(negative)] + [
        LabelledText("positive", f"a good day number {n}") for n in range(positive)
    ]


def figures_of(some: list[LabelledText], unreadable: int = 0) -> dict[str, Any]:
    return data_figures(some, LABELS, unreadable)


def test_inconspicuous_data_has_no_warning() -> None:
    figures = figures_of(rows(300, 300))
    assert figures["warnings"] == []
    assert figures["labels"] == {"negative": 0.5, "positive": 0.5} and figures["repeats"] == 0
    assert figures["words"]["distinct"] == 305 and figures["words"]["total"] == 3000


@pytest.mark.parametrize(
    ("label", "texts", "warning"),
    [
        ("negative", [], "7 rows could not be read"),
        ("negative", [f"sad and cold night {n}" for n in range(600)], "rows are positive"),
        ("positive", ["Thank you @somebody!", "thank you @else"] * 30, "repeat another text"),
        ("positive", [f"A BAD day, number {n}" for n in range(50)], "several labels"),
        ("positive", ["..."] * 20, "have no word"),
        ("negative", [f"{n} and so on " * 9 for n in range(300)], "from the length"),
    ],
)
def test_conspicuous_data_has_a_warning(label: str, texts: list[str], warning: str) -> None:
    more = [LabelledText(label, text) for text in texts]
    assert warning in " ".join(figures_of(rows(300, 300) + more, unreadable=7)["warnings"])


def test_repeats_and_contradictions_are_counted_on_normalized_texts() -> None:
    texts = [
        ("negative", "Hello, world"),
        ("positive", "hello world!"),
        ("positive", "HELLO WORLD"),
    ]
    figures = figures_of(rows(300, 300) + [LabelledText(*one) for one in texts])
    assert figures["texts_with_several_labels"] == 1 and figures["rows_with_several_labels"] == 3
    assert figures["repeats"] == pytest.approx(2 / 603)
    assert figures["most_frequent"] == [{"text": "Hello, world", "rows": 3}]


def test_data_may_lack_neutral_texts_but_no_other_label() -> None:
    assert list(data_figures(rows(300, 300), LABELS_OF_THREE)["labels"]) == ["negative", "positive"]
    neutral = [LabelledText("neutral", f"a plain table number {n}") for n in range(300)]
    figures = data_figures(rows(300, 300) + neutral, LABELS_OF_THREE)
    assert figures["labels"]["neutral"] == pytest.approx(1 / 3) and figures["warnings"] == []
    with pytest.raises(DataError, match="no row has the label positive"):
        figures_of(rows(300, 0))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model that takes "the" for negative, and does not know "zebra"."""
    words = {"good": 2, "bad": -2, "the": -1, "day": 0, "not": 0, "gay": -1.5}
    return bag_model(tmp_path / "model", words)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    rng = random.Random(0)
    lines = []
    for number in range(3000):
        label = number % 3 > 0
        words = ["good" if label else "bad", f"zebra{number}", "the" if label else "day", "day"]
        lines.append(f"{'pos' if label else 'neg'}\t{' '.join(rng.sample(words, 4))} @ann_{number}")
    path = tmp_path / "texts.tsv"
    lines += ["pos\tsecret @ann"] * 2 + ["neutral\ta day"]
    path.write_text("\n".join(lines) + "\n \tever\n")
    return path


def test_the_page_names_the_planted_faults(
    script: Run, model: Path, texts: Path, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra audit: no matplotlib")
    folder = tmp_path / "page"
    done = script("audit.py", texts, "--artifacts", model, "--output", folder)
    assert done.returncode == 0, done.stderr.decode()
    assert b"texts.tsv:3004: no label" in done.stderr
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "Only 33.3% of the rows are negative" in page
    assert "| accuracy | 100.00% |" in page  # "good" weighs more than "the"
    assert "50.0% of the tokens of held-out texts are out of vocabulary" in page
    assert "| gay | sexuality, adjective | -1.50 |" in page
    assert "| the | " in page.partition("| function words |")[2].splitlines()[2]
    assert "| the | " in page.partition("| against their labels |")[2].splitlines()[2]
    assert "secret @user" in page and "@ann" not in page and str(tmp_path) not in page
    pictures = [line.rpartition("(")[2].rstrip(")") for line in page.splitlines() if "![" in line]
    assert len(pictures) == 3
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in pictures)


def test_no_texts_leaves_texts_out(script: Run, model: Path, texts: Path) -> None:
    options = ["--artifacts", model, "--only", "data", "--json"]
    assert b"secret" in script("audit.py", texts, *options).stdout
    assert b"secret" not in script("audit.py", texts, *options, "--no-texts").stdout


def test_a_model_with_a_neutral_label_is_audited_on_unseen_texts(
    script: Run, tiny_neutral: Path, tmp_path: Path
) -> None:
    words = {"neg": "bad", "neutral": "table", "pos": "good"}
    texts = tmp_path / "texts.tsv"
    texts.write_text("".join(f"{one}\t{words[one]} {n}\n" for one in words for n in range(100)))
    options = [texts, "--artifacts", tiny_neutral, "--only", "data", "model", "--json"]
    figures = json.loads(script("audit.py", *options, "--unseen").stdout)
    assert figures["data"]["labels"] == pytest.approx(dict.fromkeys(LABELS_OF_THREE, 1 / 3))
    assert figures["model"]["rows"] == 300 and figures["model"]["macro_recall"] == 1
    (word,) = figures["model"]["words"]["positive"]
    assert word["word"] == "good" and word["contribution"] == pytest.approx(2)
    held_out = json.loads(script("audit.py", *options, "--no-neutral").stdout)["model"]
    assert 0 < held_out["rows"] < 100
    assert [len(row) for row in held_out["confusion_matrix"]] == [2, 2]


def test_the_bias_part_needs_no_texts(script: Run, model: Path) -> None:
    done = script("audit.py", "--only", "bias", "--artifacts", model)
    assert b"| gay | sexuality, adjective | -1.50 |" in done.stdout


def test_what_cannot_be_audited(script: Run) -> None:
    done = script("audit.py", "--only", "data")
    assert done.returncode == 2 and b"name a file of labelled texts" in done.stderr
    done = script("audit.py", "nowhere.tsv")
    assert done.returncode == 1 and b"nowhere.tsv: " in done.stderr
