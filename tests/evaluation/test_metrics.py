import numpy as np
import pytest

from sentiment_repl.evaluation import metrics


def two_classes(*positive: float) -> np.ndarray:
    return np.array([[1 - share, share] for share in positive])


def test_metrics_agree_with_a_count_by_hand() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    figures = metrics.classification_metrics(labels, two_classes(0.1, 0.2, 0.9, 0.8, 0.4))
    assert figures["rows"] == 5
    assert figures["confusion_matrix"] == [[2, 1], [1, 1]]
    assert figures["accuracy"] == pytest.approx(3 / 5)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_metrics_work_for_three_classes() -> None:
    labels = np.array([0, 1, 2, 2])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.6, 0.3], [0, 0, 1], [0.2, 0.5, 0.3]])
    figures = metrics.classification_metrics(labels, probabilities)
    assert figures["confusion_matrix"] == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert figures["macro_f1"] == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)
    diagram = metrics.reliability(labels, probabilities, bins=2)  # 1/3 to 2/3, and to 1
    assert [point["rows"] for point in diagram] == [2, 2]
    assert [point["accuracy"] for point in diagram] == [0.5, 1]
    assert metrics.macro_f1(np.array([[0, 0], [0, 2]])) == 0.5  # no row, no prediction: 0
    # Equal probabilities are the lowest confidence, whichever way a third is rounded.
    assert metrics.reliability(np.array([2]), np.full((1, 3), 1 / 3))[0]["rows"] == 1


def test_a_tie_goes_to_the_last_class_everywhere() -> None:
    labels, tie = np.array([1]), two_classes(0.5)
    assert metrics.classification_metrics(labels, tie)["accuracy"] == 1
    assert metrics.reliability(labels, tie) == [{"rows": 1, "confidence": 0.5, "accuracy": 1}]


@pytest.mark.parametrize(("positive", "error"), [(0.8, 0), (0.9, 0.1), (0.1, 0.7), (1.0, 0.2)])
def test_calibration_error_is_the_distance_of_confidence_and_accuracy(
    positive: float, error: float
) -> None:
    labels = np.array([1] * 8 + [0] * 2)
    measured = metrics.expected_calibration_error(labels, two_classes(*[positive] * 10))
    assert measured == pytest.approx(error)


def test_errors_of_different_bins_do_not_cancel_out() -> None:
    error = metrics.expected_calibration_error(np.array([1, 0]), two_classes(0.9, 0.6))
    assert error == pytest.approx((0.1 + 0.6) / 2)


def test_area_under_the_curve_counts_pairs_in_order() -> None:
    is_positive = np.array([False, True, False, True])
    assert metrics.area_under_curve(is_positive, np.array([0.1, 0.9, 0.2, 0.8])) == 1
    assert metrics.area_under_curve(is_positive, np.array([0.9, 0.1, 0.8, 0.2])) == 0
    assert metrics.area_under_curve(is_positive, np.array([0.3, 0.3, 0.5, 0.9])) == 2.5 / 4  # tie
    assert metrics.area_under_curve(np.array([True, True]), np.array([0.1, 0.9])) is None


def test_macro_recall_leaves_out_a_class_without_rows() -> None:
    assert metrics.macro_recall(np.array([[9, 1, 0], [1, 1, 2], [0, 0, 0]])) == (0.9 + 0.25) / 2


def test_two_way_accuracy_ignores_neutral_rows_and_the_probability_of_neutral() -> None:
    labels = np.array([0, 1, 2, 2])
    probabilities = np.array([[0.2, 0.7, 0.1], [0, 0, 1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1]])
    assert metrics.two_way_accuracy(labels, probabilities, negative=0, positive=2) == 2 / 3
    assert metrics.two_way_accuracy(np.array([1]), probabilities[:1], 0, 2) is None
