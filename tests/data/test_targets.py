import numpy as np

from sentiment_repl.data.targets import build_weights
from tests.data.conftest import CLASSES, THREE

POLAR = np.array([False, True])
"""The second source has no neutral texts."""


def test_the_classes_of_a_source_weigh_the_same() -> None:
    labels = np.array([0, 1, 1, 1, 2, 2, 0, 2], np.int8)
    sources = np.array([0, 0, 0, 0, 0, 0, 1, 1], np.int8)
    weights = build_weights(labels, np.zeros(8, bool), sources, [2.0, 1.0], POLAR, THREE)
    of_class = np.bincount(labels[:6], weights[:6])
    np.testing.assert_allclose(of_class, 4)
    # A source without neutral texts says less.
    assert weights[6:].tolist() == [0.5, 0.5]
    taught = np.arange(8) == 7  # a teacher says the rest
    assert build_weights(labels, taught, sources, [2.0, 1.0], POLAR, THREE)[6:].tolist() == [0.5, 1]


def test_a_rare_class_does_not_drown_the_others() -> None:
    labels = np.array([0] * 998 + [1, 2], np.int8)
    weights = build_weights(
        labels, np.zeros(1000, bool), np.zeros(1000, np.int8), [1.0], POLAR[:1], THREE
    )
    assert weights.max() == 3


def test_two_classes_are_not_balanced() -> None:
    labels = np.array([0, 0, 0, 1], np.int8)
    weights = build_weights(
        labels, np.zeros(4, bool), np.zeros(4, np.int8), [1.5], POLAR[:1], CLASSES
    )
    assert weights.tolist() == [1.5] * 4
