import numpy as np
import pytest

from sentiment_repl.evaluation.calibration import calibrate


def draw(rows: int, overconfidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return labels, and log-odds that are too large by a factor."""
    rng = np.random.default_rng(0)
    log_odds = rng.normal(scale=2, size=rows)
    labels = rng.random(rows) < 1 / (1 + np.exp(-log_odds))
    return labels.astype(np.int8), overconfidence * log_odds


@pytest.mark.parametrize("overconfidence", [0.5, 1.0, 3.0])
def test_the_temperature_is_the_factor_of_overconfidence(overconfidence: float) -> None:
    calibration = calibrate(*draw(50_000, overconfidence))
    assert calibration.temperature == pytest.approx(overconfidence, rel=0.03)


def test_the_low_confidence_band_is_little_better_than_chance() -> None:
    labels, log_odds = draw(100_000, 1.0)
    threshold = calibrate(labels, log_odds).uncertain_below
    in_band = 1 / (1 + np.exp(-np.abs(log_odds))) < threshold
    assert 0.55 < threshold < 0.65
    assert ((log_odds > 0) == labels)[in_band].mean() == pytest.approx(0.55, abs=0.01)


def test_a_network_without_errors_has_no_low_confidence_band() -> None:
    labels = np.array([0, 1] * 50)
    assert calibrate(labels, np.where(labels, 2.0, -1.5)).uncertain_below == 0.5
