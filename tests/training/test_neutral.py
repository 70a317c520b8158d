import numpy as np
import pytest

from sentiment_repl.training import neutral
from sentiment_repl.tweet import Token

RATIOS = {
    "the": 0.02, "train": -0.1, "leaves": 0.3, "at": 0.0, "today": 0.69, "late": -0.71,
}  # fmt: skip


def plain(*lines: str) -> list[str]:
    def ratio(token: Token) -> float | None:
        return RATIOS.get(token.word)

    return list(neutral.statements(lines, ratio))


def test_a_word_leans_to_the_label_that_it_is_seen_with() -> None:
    positive = np.array([1000, 100, 500, 2])
    negative = np.array([100, 1000, 500, 0])
    good, bad, even, rare = neutral.log_odds_ratios(positive, negative)
    assert good > 1 and bad < -1 and even == pytest.approx(0, abs=0.05)
    assert abs(rare) < 0.2  # twice and never says little
    # Three times as many positive texts make no word positive.
    assert neutral.log_odds_ratios(3 * positive, negative) == pytest.approx(
        neutral.log_odds_ratios(positive, negative), abs=0.2
    )


@pytest.mark.parametrize(
    "line",
    [
        "The train leaves LATE today",  # more often negative than positive
        "the train leaves, horrible",  # VADER has it, the dictionary does not
        "the train leaves :(",
        "the train leaves today :-/",
        "the train leaves today \U0001f600",
        "the train leaves",  # short
        "the train leaves Xyzzy, Plugh",  # two unknown words
        "- - - - - -",
        " ".join(["the"] * 21),
        "neutral\tthe train leaves today",  # a row of a table
        "",
    ],
)
def test_what_is_no_plain_statement(line: str) -> None:
    assert plain(line) == []


def test_plain_statements_once_each_and_in_their_order() -> None:
    lines = ["The train leaves at Xyzzy!", "the train, the train", "today the train leaves"]
    assert plain(*lines, lines[0]) == lines
