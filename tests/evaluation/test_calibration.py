import numpy as np
import pytest

from sentiment_repl.evaluation.calibration import calibrate


def drawn(rows: int, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from true log-odds, and the probabilities of a net too sure by a factor."""
    rng = np.random.default_rng(0)
    odds = rng.normal(scale=2, size=rows)
    labels = rng.random(rows) < 1 / (1 + np.exp(-odds))
    return labels.astype(np.int8), 1 / (1 + np.exp(-sharpness * odds))


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_finds_by_how_much_a_network_is_too_sure(sharpness: float) -> None:
    found = calibrate(*drawn(50_000, sharpness))
    assert found.temperature == pytest.approx(sharpness, rel=0.03)


def test_the_doubtful_band_is_right_in_little_more_than_half() -> None:
    labels, positive = drawn(100_000, 1.0)
    below = calibrate(labels, positive).uncertain_below
    confidence = np.maximum(positive, 1 - positive)
    doubtful = confidence < below
    assert 0.55 < below < 0.65
    assert ((positive > 0.5) == labels)[doubtful].mean() == pytest.approx(0.55, abs=0.01)


def test_a_network_that_is_always_right_has_no_doubtful_band() -> None:
    labels = np.array([0, 1] * 50)
    assert calibrate(labels, np.where(labels, 0.9, 0.2)).uncertain_below == 0.5


def test_certainties_of_0_and_1_do_no_harm() -> None:
    labels = np.array([0, 1, 1, 0])
    assert np.isfinite(calibrate(labels, np.array([0.0, 1.0, 0.0, 1.0])).temperature)
