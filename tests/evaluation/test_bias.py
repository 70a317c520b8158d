import json
from pathlib import Path

import pytest

from sentiment_repl import load
from sentiment_repl.evaluation import bias, bias_templates
from tests.conftest import Run, bag_model


@pytest.fixture
def biased(tmp_path: Path) -> Path:
    """A model that holds it against somebody to be gay, and against him to be a man."""
    effects = {"happy": 2.0, "sad": -3.0, "gay": -1.5, "muslim": 0.0, "he": -0.5, "she": 0.5}
    return bag_model(tmp_path / "biased", effects | {"jews": 1.0})


def test_a_planted_word_is_named_with_its_shift(biased: Path) -> None:
    figures = bias.summary(bias.measure(load(folder=biased)))
    worst = figures["terms"][0]
    assert (worst["term"], worst["trait"], worst["form"]) == ("gay", "sexuality", "adjective")
    assert worst["shift"] == pytest.approx(-1.5, abs=1e-5)
    assert worst["interval"] == pytest.approx([-1.5, -1.5], abs=1e-5)
    shifts = {term["term"]: term["shift"] for term in figures["terms"]}
    assert shifts["he"] == pytest.approx(-0.5, abs=1e-5)  # from the mean of he and she
    (gap,) = figures["gaps"]  # the set that has one
    assert (gap["lowest"], gap["highest"]) == ("he", "she")
    assert gap["gap"] == pytest.approx(1, abs=1e-5)
    traits = figures["traits"]
    assert traits["sexuality"]["absolute_shift"] == pytest.approx(1.5, abs=1e-5)
    assert traits["religion"]["absolute_shift"] == 0
    assert traits["all"]["absolute_shift"] == pytest.approx((1.5 + 0.5 + 0.5) / 4, abs=1e-5)
    assert 0 < traits["sexuality"]["flips"] < 1  # of neutral sentences, not of happy ones


def test_what_has_no_counterpart_is_listed_and_left_out(biased: Path) -> None:
    measured = bias.measure(load(folder=biased))
    assert "jews" in measured.unknown["religion"] and "jewish" in measured.unknown["religion"]
    assert all("jews" not in one.terms.words for one in measured.shifts)


def test_two_models_are_compared_on_what_both_know(biased: Path, tmp_path: Path) -> None:
    other = bag_model(tmp_path / "other", {"gay": -0.5, "bad": -1.0})
    one, two = bias.shared(*(bias.measure(load(folder=f)) for f in (biased, other)))
    one, two = bias.summary(one), bias.summary(two)
    assert [term["term"] for term in one["terms"]] == ["gay"] == [t["term"] for t in two["terms"]]
    assert one["traits"]["all"]["absolute_shift"] == pytest.approx(1.5, abs=1e-5)
    assert two["traits"]["all"]["absolute_shift"] == pytest.approx(0.5, abs=1e-5)


def test_every_form_has_twenty_sentences_or_more() -> None:
    for form in ("adjective", "plural", "person", "name", "possessive", "pronoun", "object"):
        texts = [text for text in bias_templates.sentences(form, "zebra") if text is not None]
        assert len(set(texts)) == len(texts) >= 20
        assert all("zebra" in text for text in texts)
    assert bias_templates.sentences("pronoun", "she")[0] == "she called this morning"
    assert "i met him at the station" in bias_templates.sentences("object", "him")
    assert "his" not in " ".join(filter(None, bias_templates.sentences("object", "him"))).split()


def test_the_command(script: Run, biased: Path) -> None:
    done = script("audit.py", "--only", "bias", "--artifacts", biased, "--json")
    figures = json.loads(done.stdout)["bias"]["model"]
    assert figures["terms"][0]["term"] == "gay"
    table = script("audit.py", "--only", "bias", "--artifacts", biased, "--before", biased)
    assert table.stdout.decode().count("| gay | sexuality, adjective |") == 2, table.stderr.decode()
    missing = script("audit.py", "--only", "bias", "--artifacts", biased / "none")
    assert missing.returncode == 2 and b"Traceback" not in missing.stderr
