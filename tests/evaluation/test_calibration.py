import numpy as np
import pytest

from sentiment_repl.evaluation.calibration import calibrate


def draw(rows: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, and labels drawn from their softmax."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=1.5, size=(rows, classes))
    gumbel = rng.gumbel(size=logits.shape)
    return (logits + gumbel).argmax(axis=1), logits


def confidence(logits: np.ndarray) -> np.ndarray:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (shares / shares.sum(axis=1, keepdims=True)).max(axis=1)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("overconfidence", [0.5, 1.0, 3.0])
def test_the_temperature_is_the_factor_of_overconfidence(
    classes: int, overconfidence: float
) -> None:
    labels, logits = draw(40_000, classes)
    calibration = calibrate(labels, overconfidence * logits)
    assert calibration.temperature == pytest.approx(overconfidence, rel=0.04)
    assert np.abs(calibration.biases).max() < 0.05
    alone = calibrate(labels, overconfidence * logits, fit_biases=False)
    assert alone.biases == [0.0] * classes
    assert alone.temperature == pytest.approx(overconfidence, rel=0.04)


def test_the_biases_undo_a_shift_of_the_priors() -> None:
    labels, logits = draw(40_000, 3)
    shifted = 2 * (logits + np.array([0.8, -1.0, 0.2]))
    calibration = calibrate(labels, shifted)
    assert calibration.biases == pytest.approx([-0.8, 1.0, -0.2], abs=0.06)
    assert calibration.apply(shifted) == pytest.approx(logits, abs=0.4)


def test_a_temperature_factor_lowers_the_confidence_and_changes_no_answer() -> None:
    labels, logits = draw(2000, 3)
    plain, less_sure = calibrate(labels, logits), calibrate(labels, logits, temperature_factor=1.5)
    assert less_sure.apply(logits) == pytest.approx(plain.apply(logits) / 1.5)
    assert less_sure.uncertain_below < plain.uncertain_below


def test_a_class_with_a_smaller_weight_is_a_rarer_answer() -> None:
    labels, logits = draw(4000, 3)
    plain = calibrate(labels, logits)
    calibration = calibrate(labels, logits, class_weights=[1, 0.5, 1])
    shift = np.array(calibration.biases) - plain.biases
    assert shift[1] - shift[[0, 2]].mean() == pytest.approx(np.log(0.5), abs=0.1)
    # The band is about all texts: at most half of its answers are right.
    calibrated = calibration.apply(logits)
    in_band = confidence(calibrated) < calibration.uncertain_below
    assert (calibrated.argmax(axis=1) == labels)[in_band].mean() == pytest.approx(0.5, abs=0.01)


def test_weights_count_as_repetitions() -> None:
    labels, logits = draw(600, 3)
    weights = np.random.default_rng(1).integers(1, 4, 600)
    weighted = calibrate(labels, logits, weights)
    repeated = calibrate(np.repeat(labels, weights), np.repeat(logits, weights, axis=0))
    assert weighted.temperature == pytest.approx(repeated.temperature, rel=1e-4)
    assert weighted.biases == pytest.approx(repeated.biases, abs=1e-4)


@pytest.mark.parametrize(("classes", "accuracy"), [(2, 0.55), (3, 0.5)])
def test_answers_in_the_low_confidence_band_are_right_about_half_of_the_time(
    classes: int, accuracy: float
) -> None:
    labels, logits = draw(60_000, classes)
    calibration = calibrate(labels, logits)
    calibrated = calibration.apply(logits)
    in_band = confidence(calibrated) < calibration.uncertain_below
    correct = calibrated.argmax(axis=1) == labels
    assert 0.05 < in_band.mean() < 0.5
    assert correct[in_band].mean() == pytest.approx(accuracy, abs=0.01)


def test_the_band_without_neutral_describes_negative_and_positive_texts() -> None:
    labels, logits = draw(60_000, 3)
    calibration = calibrate(labels, logits)
    polar = labels != 1
    two_way = calibration.apply(logits)[polar][:, [0, 2]]
    in_band = confidence(two_way) < calibration.uncertain_below_without_neutral
    correct = 2 * two_way.argmax(axis=1) == labels[polar]
    assert correct[in_band].mean() == pytest.approx(0.55, abs=0.01)
    assert calibrate(*draw(100, 2)).uncertain_below_without_neutral is None


def test_a_network_without_errors_has_no_low_confidence_band() -> None:
    labels = np.array([0, 1, 2] * 30)
    calibration = calibrate(labels, 2 * np.eye(3)[labels])
    assert calibration.uncertain_below == pytest.approx(1 / 3)
    assert calibration.uncertain_below_without_neutral == 0.5
    assert np.isfinite([calibration.temperature, *calibration.biases]).all()


def test_a_class_without_texts_and_a_network_that_is_always_wrong_have_finite_solutions() -> None:
    labels = np.array([0, 2] * 50)
    calibration = calibrate(labels, -2 * np.eye(3)[labels])
    assert calibration.temperature == 10
    assert np.isfinite(calibration.biases).all()
