import numpy as np
import pytest

from sentiment_repl.evaluation import metrics


def test_by_hand() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    positive = np.array([0.1, 0.2, 0.9, 0.8, 0.4])
    figures = metrics.summary(labels, positive)
    assert figures["confusion_matrix"] == [[2, 1], [1, 1]]
    assert figures["accuracy"] == pytest.approx(3 / 5)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_half_is_positive() -> None:
    assert metrics.summary(np.array([1]), np.array([0.5]))["accuracy"] == 1


def test_one_label_alone() -> None:
    figures = metrics.summary(np.array([1, 1]), np.array([0.9, 0.8]))
    assert (figures["accuracy"], figures["macro_f1"]) == (1, 0.5)


def test_confidence_that_is_kept_has_no_calibration_error() -> None:
    labels = np.array([1] * 8 + [0] * 2)
    assert metrics.expected_calibration_error(labels, np.full(10, 0.8)) == pytest.approx(0)


def test_confidence_that_is_not_kept_has() -> None:
    labels = np.array([1] * 5 + [0] * 5)
    assert metrics.expected_calibration_error(labels, np.full(10, 0.9)) == pytest.approx(0.4)
    assert metrics.expected_calibration_error(labels, np.full(10, 0.1)) == pytest.approx(0.4)


def test_bins_do_not_cancel_out() -> None:
    labels = np.array([1, 0])  # sure and right, unsure and wrong
    positive = np.array([0.9, 0.6])
    assert metrics.expected_calibration_error(labels, positive) == pytest.approx((0.1 + 0.6) / 2)


def test_certainty() -> None:
    assert metrics.expected_calibration_error(np.array([1, 0]), np.array([1.0, 0.0])) == 0


def test_the_area_under_the_curve_counts_pairs_in_order() -> None:
    labels = np.array([0, 1, 0, 1])
    assert metrics.area_under_curve(labels, np.array([0.1, 0.9, 0.2, 0.8])) == 1
    assert metrics.area_under_curve(labels, np.array([0.9, 0.1, 0.8, 0.2])) == 0
    # Of four pairs two are in order, one is a tie.
    assert metrics.area_under_curve(labels, np.array([0.3, 0.3, 0.5, 0.9])) == 2.5 / 4
    assert metrics.area_under_curve(np.array([1, 1]), np.array([0.1, 0.9])) is None
