import numpy as np
import pytest

from sentiment_repl.training import neutral

LEANING = {"the": 0.02, "train": -0.1, "leaves": 0.3, "late": -1.2, "at": 0.0, "nice": 1.5}


def test_a_word_leans_to_the_label_that_it_is_seen_with() -> None:
    positive = np.array([1000, 100, 500, 2])
    negative = np.array([100, 1000, 500, 0])
    good, bad, plain, rare = neutral.leanings(positive, negative)
    assert good > 1 and bad < -1 and plain == pytest.approx(0, abs=0.05)
    assert abs(rare) < 0.2  # twice and never says little
    # Three times as many positive texts make no word positive.
    assert neutral.leanings(3 * positive, negative) == pytest.approx(
        neutral.leanings(positive, negative), abs=0.2
    )


@pytest.mark.parametrize(
    "line",
    [
        "The train leaves LATE",  # a word that leans
        "the train leaves, nice",
        "the train leaves",  # short
        "the train leaves at Xyzzy, Plugh",  # two unknown words
        " ".join(["the"] * 21),
        "",
    ],
)
def test_what_is_no_plain_statement(line: str) -> None:
    assert list(neutral.statements([line], LEANING)) == []


def test_plain_statements_once_each_and_in_their_order() -> None:
    lines = ["The train leaves at Xyzzy", "the train, the train", "The train leaves at Xyzzy"]
    assert list(neutral.statements(lines, LEANING)) == lines[:2]
