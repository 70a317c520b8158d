"""The model card: every figure of it from metrics.json, and a model's faults in it."""

import json
from pathlib import Path

import pytest

from sentiment_repl import model_folder, load
from sentiment_repl.evaluation import model_card
from tests.conftest import bag_model


def test_the_strongest_words_come_first(tmp_path: Path) -> None:
    effects = {"fine": 0.5, "day": 0.0, "good": 2.0, ":)": 9.0, "bad": -3.0, "so-so": -0.5}
    words = model_card.strongest_words(load(folder=bag_model(tmp_path / "model", effects)))
    assert [word for word, _ in words["positive"]] == ["good", "fine"]  # no emoticons
    assert words["negative"] == [["bad", pytest.approx(-3, abs=1e-5)]]


def test_a_page_of_the_shipped_figures(tmp_path: Path) -> None:
    classifier = load(folder=bag_model(tmp_path / "model", {"good": 2.0, "gay": -1.5}))
    metrics = json.loads((model_folder.shipped()["article"] / model_folder.METRICS).read_bytes())
    metrics |= {
        "reliability": [{"rows": 1234, "confidence": 0.77, "accuracy": 0.66}],
        "strongest_words": model_card.strongest_words(classifier),
        "identity_shift": model_card.identity_shift(classifier),
    }
    page = model_card.text("mine", metrics)
    assert page.startswith("# Model card: mine\n")
    assert "80.99% of 151,078 right" in page and metrics["data"]["fingerprint"] in page
    (right, wrong), _ = metrics["validation"]["confusion_matrix"]
    assert f"| truly negative | {right:,} | {wrong:,} |" in page
    assert "| 4 | 81.59% | 80.99% | 0.4125 |" in page and "Epoch 4 is" in page
    assert "| 1,234 | 77.00% | 66.00% |" in page
    assert "| good | +2.00 | gay | -1.50 |" in page
    assert "by 1.50 on average" in page and "too close" not in page
    metrics |= {"identity_shift": None, "calibration": metrics | {"uncertain_below": 0.607}}
    page = model_card.text("mine", metrics)
    assert "0.607 is too close" in page and "names who somebody is" not in page


def test_a_model_that_knows_no_such_word_has_no_shift(tiny: Path) -> None:
    assert model_card.identity_shift(load(folder=tiny)) is None


@pytest.mark.parametrize("name", model_folder.shipped())
def test_the_shipped_cards_are_those_of_the_shipped_figures(name: str) -> None:
    folder = model_folder.shipped()[name]
    metrics = json.loads((folder / model_folder.METRICS).read_bytes())
    assert model_card.text(name, metrics) == (folder / model_folder.CARD).read_text(encoding="utf-8")
