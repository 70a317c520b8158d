from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import load
from sentiment_repl.data.identity_terms import Terms
from sentiment_repl.evaluation import bias
from tests.conftest import bag_model, logits_model


@pytest.fixture
def biased(tmp_path: Path) -> Path:
    """A model with a planted bias against "gay" and "he"."""
    words = {"happy": 2.0, "sad": -3.0, "gay": -1.5, "muslim": 0.0, "he": -0.5, "she": 0.5}
    return bag_model(tmp_path / "biased", words | {"jews": 1.0})


def test_a_planted_bias_is_found_with_its_size(biased: Path) -> None:
    figures = bias.measure_bias(load(folder=biased))
    worst = figures["terms"][0]
    assert (worst["term"], worst["trait"], worst["form"]) == ("gay", "sexuality", "adjective")
    assert worst["shift"] == pytest.approx(-1.5, abs=1e-5)
    shifts = {term["term"]: term["shift"] for term in figures["terms"]}
    assert shifts["he"] == pytest.approx(-0.5, abs=1e-5)  # from the mean of he and she
    (gap,) = figures["gaps"]
    assert (gap["lowest"], gap["highest"]) == ("he", "she")
    assert gap["gap"] == pytest.approx(1, abs=1e-5)
    traits = figures["traits"]
    assert traits["sexuality"]["absolute_shift"] == pytest.approx(1.5, abs=1e-5)
    assert traits["all"]["absolute_shift"] == pytest.approx((1.5 + 0.5 + 0.5) / 4, abs=1e-5)


def test_a_flip_is_another_label_than_that_of_the_baseline(biased: Path) -> None:
    flips = bias.measure_bias(load(folder=biased))["traits"]["sexuality"]["flips"]
    texts = [text for text in bias.fill_templates("adjective", "gay") if text]
    decided = sum("happy" in text or "sad" in text for text in texts)  # whatever "gay" adds
    assert flips == pytest.approx(1 - decided / len(texts))


def test_a_term_that_makes_a_sentence_neutral_flips_its_label(tmp_path: Path) -> None:
    logits = {"happy": (0, 0, 2), "sad": (2, 0, 0), "gay": (0, 5, 0)}
    labels = ("negative", "neutral", "positive")
    classifier = load(folder=logits_model(tmp_path / "model", logits, labels))
    figures = bias.measure_bias(classifier)["traits"]["sexuality"]
    assert figures["absolute_shift"] == pytest.approx(0, abs=1e-5)
    # A sentence without a known word is a tie, which is positive.
    assert figures["flips"] == 1


def test_terms_that_cannot_be_measured_are_listed(biased: Path) -> None:
    figures = bias.measure_bias(load(folder=biased))
    assert {"jewish", "jews"} <= set(figures["unknown"]["religion"])  # "jews" has no counterpart
    assert "jews" not in {term["term"] for term in figures["terms"]}


def test_the_bootstrap_interval_holds_95_percent() -> None:
    shifts = np.arange(len(bias.TEMPLATES), dtype=float)[None]
    terms = Terms("age", "adjective", ("old",))
    measured = bias.SetShifts(terms, shifts, np.zeros_like(shifts))
    low, high = bias.bias_metrics([measured], {})["terms"][0]["interval"]
    half = 1.96 * shifts.std() / len(bias.TEMPLATES) ** 0.5
    assert low == pytest.approx(shifts.mean() - half, abs=half / 10)
    assert high == pytest.approx(shifts.mean() + half, abs=half / 10)


def test_terms_of_the_evaluation_alone_are_measured(tmp_path: Path) -> None:
    words = {"happy": 2.0, "sad": -3.0, "toby": 1.0, "natasha": 0.0, "amish": -1.5}
    figures = bias.measure_bias(load(folder=bag_model(tmp_path / "model", words)))
    held_out = figures["held_out"]
    assert held_out["first name"]["absolute_shift"] == pytest.approx(0.5, abs=1e-5)
    assert held_out["religion"]["absolute_shift"] == pytest.approx(1.5, abs=1e-5)
    # Toby and Natasha are found terms.
    assert figures["unlisted"]["terms"] == 1
    assert figures["unlisted"]["absolute_shift"] == pytest.approx(1.5, abs=1e-5)
    names = [word for terms in bias.HELD_OUT if terms.form == "name" for word in terms.words]
    assert len(names) >= 60
    assert sum(len(terms.words) for terms in bias.HELD_OUT) - len(names) >= 30
