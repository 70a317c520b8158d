import json
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import load, model_folder
from sentiment_repl.evaluation.metrics import classification_metrics
from sentiment_repl.evaluation.model_card import identity_shift, render_card, strongest_words
from tests.conftest import bag_model


def test_the_strongest_words_come_first(tmp_path: Path) -> None:
    contributions = {"fine": 0.5, "day": 0.0, "good": 2.0, ":)": 9.0, "bad": -3.0, "poor": -0.5}
    classifier = load(folder=bag_model(tmp_path / "model", contributions))
    words = strongest_words(classifier)
    assert [word for word, _ in words["positive"]] == ["good", "fine"]  # no emoticons
    assert [word for word, _ in words["negative"]] == ["bad", "poor"]
    assert words["negative"][0][1] == pytest.approx(-3, abs=1e-5)
    assert identity_shift(classifier) is None


def test_the_card_holds_the_figures(tmp_path: Path) -> None:
    classifier = load(
        folder=bag_model(
            tmp_path / "model", {"good": 2.0, "gay": -1.5, "pagan": -0.9, "croatian": -0.1}
        )
    )
    folder = model_folder.shipped_models()["article"]
    metrics = json.loads((folder / model_folder.METRICS).read_bytes())
    metrics |= {
        "reliability": [{"rows": 1234, "confidence": 0.77, "accuracy": 0.66}],
        "strongest_words": strongest_words(classifier),
        "identity_shift": identity_shift(classifier),
    }
    card = render_card("mine", metrics)
    assert card.startswith("# Model card: mine\n")
    assert metrics["data"]["fingerprint"] in card
    (correct, wrong), _ = metrics["validation"]["confusion_matrix"]
    assert f"| actual negative | {correct:,} | {wrong:,} |" in card
    assert "| 4 | 81.59% | 80.99% | 0.4125 |" in card
    assert "| 1,234 | 77.00% | 66.00% |" in card
    assert "| good | +2.00 | gay | -1.50 |" in card
    assert "by 1.50 on average" in card
    assert "2 terms that are in no written list shift it by 0.50" in card
    assert "1 of them, which no list of the training has, shift it by 0.90" in card
    assert "low-confidence band" not in card and "no neutral label" in card

    metrics["options"] |= {"init_from": "older", "teachers": ["big"]}
    metrics |= {"uncertain_below": 0.607, "identity_shift": None}
    card = render_card("mine", metrics)
    assert "0.607" in card and "identity terms" not in card
    assert "`older`" in card and "`big`" in card


def test_the_card_of_three_labels_names_every_source_with_its_licence(tmp_path: Path) -> None:
    metrics = json.loads((model_folder.shipped_models()["article"] / "metrics.json").read_bytes())
    labels = np.array([0, 1, 2, 2])
    measured = classification_metrics(labels, np.eye(3)[[0, 1, 2, 1]])
    source = {"licence": "CC BY 4.0", "weight": 0.5, "rows_training": 1234, "rows_validation": 56}
    metrics |= {
        "labels": ["negative", "neutral", "positive"],
        "validation": measured,
        "polar_validation": classification_metrics(np.array([0, 1]), np.eye(2)),
        "calibration": {
            "temperature": 1.25, "biases": [-0.1, 0.3, -0.2], "rows": 700, "other_rows": measured,
            "reliability": [],
        },
        "uncertain_below": 0.48,
        "uncertain_below_without_neutral": 0.61,
    }  # fmt: skip
    metrics["data"] = {
        "fingerprint": "f",
        "rows_training": 2234,
        "rows_validation": 56,
        "sources": [
            source | {"name": "goemotions"},
            source | {"name": "synthetic", "licence": None, "rows_validation": 0},
        ],
    }
    card = render_card("mine", metrics)
    assert "as negative, neutral or positive" in card and "no neutral label" not in card
    assert "| goemotions | 1,234 | 56 | 0.5 | CC BY 4.0 |" in card
    assert "| synthetic | 1,234 | 0 | 0.5 | – |" in card
    assert "macro recall is 83.33%" in card and "positive is 100.00%" in card
    assert "negative -0.100, neutral +0.300, positive -0.200" in card
    assert "below 0.480" in card and "ends at 0.610" in card


@pytest.mark.parametrize("name", model_folder.shipped_models())
def test_the_shipped_cards_are_rendered_from_the_shipped_figures(name: str) -> None:
    folder = model_folder.shipped_models()[name]
    metrics = json.loads((folder / model_folder.METRICS).read_bytes())
    card = (folder / model_folder.CARD).read_text(encoding="utf-8")
    assert render_card(name, metrics) == card
