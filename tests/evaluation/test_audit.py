"""The script, on texts made here with a planted fault in each part."""

import json
import random
from pathlib import Path

import pytest

from tests.conftest import Run, bag_model

pytest.importorskip("cleanlab", reason="cleanlab is not here (the extra audit)")
pytest.importorskip("matplotlib", reason="matplotlib is not here (the extra audit)")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """It takes "the" for bad, and does not know "zebra"."""
    return bag_model(
        tmp_path / "model", {"good": 2, "bad": -2, "the": -1, "day": 0, "not": 0, "gay": -1.5}
    )


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    rng = random.Random(0)
    lines = []
    for number in range(3000):
        label = number % 3 > 0
        words = ["good" if label else "bad", f"zebra{number}", "the" if label else "day", "day"]
        lines.append(f"{'pos' if label else 'neg'}\t{' '.join(rng.sample(words, 4))} @ann_{number}")
    path = tmp_path / "texts.tsv"
    path.write_text("\n".join(lines) + "\nwhat\tever\n")
    return path


def test_the_page(script: Run, model: Path, texts: Path, tmp_path: Path) -> None:
    by_hand = tmp_path / "by_hand.tsv"
    by_hand.write_text("pos\tgood\nneg\tbad\nneutral\tday\n")
    folder = tmp_path / "page"
    options = ["--artifacts", model, "--labelled", by_hand, "--output", folder]
    done = script("audit.py", texts, *options)
    assert done.returncode == 0, done.stderr.decode()
    assert b"texts.tsv:3001: a label 'what'" in done.stderr
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "Only 33.3% of the rows are negative" in page
    assert "The model does not know" in page
    assert "| gay | sexuality, adjective | -1.50 |" in page
    assert "| the | " in page.partition("| words of grammar |")[2].splitlines()[2]
    assert "| the | " in page.partition("| against their labels |")[2].splitlines()[2]
    assert "by\\_hand (2)" in page or "by_hand (2)" in page
    assert str(tmp_path) not in page
    for line in page.splitlines():
        if line.startswith("!["):
            picture = folder / line.rpartition("(")[2].rstrip(")")
            assert picture.read_bytes().startswith(b"\x89PNG")

    done = script("audit.py", texts, "--artifacts", model, "--only", "model", "--json")
    figures = json.loads(done.stdout)["model"]
    # Every text is read right: "good" weighs more than "the".
    assert figures["accuracy"] == 1 and figures["groups"]["negation"]["without"]["rows"] > 200
    assert figures["unknown"] == pytest.approx(0.5)  # "zebra7", "ann", "7" of six


def test_a_page_names_nobody_and_may_go_without_texts(
    script: Run, model: Path, tmp_path: Path
) -> None:
    texts = tmp_path / "texts.tsv"
    lines = [f"{('pos', 'neg')[n % 2]}\tsecret {n} @ann_{n}\n" for n in range(60)]
    texts.write_text("".join(lines + lines))
    for options, shown in (([], True), (["--no-texts"], False)):
        folder = tmp_path / f"page{shown}"
        options += ["--artifacts", model, "--only", "data", "--output", folder]
        assert script("audit.py", texts, *options).returncode == 0
        page = (folder / "README.md").read_text(encoding="utf-8")
        assert ("secret" in page) == ("@user" in page) == shown
        assert "@ann" not in page


@pytest.mark.parametrize(
    ("args", "code", "complaint"),
    [
        (["--only", "data"], 2, "needs labelled texts"),
        (["--artifacts", "nowhere"], 2, "labelled texts"),
        (["nowhere.tsv"], 1, "nowhere.tsv: it can't be read"),
        (["nowhere.tsv", "--artifacts", "nowhere"], 2, "no such model folder"),
    ],
)
def test_what_cannot_be_audited(script: Run, args: list[str], code: int, complaint: str) -> None:
    done = script("audit.py", *args)
    assert done.returncode == code
    assert complaint in done.stderr.decode() and b"Traceback" not in done.stderr
