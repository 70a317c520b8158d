import pytest

from sentiment_repl.evaluation.audit import data
from sentiment_repl.errors import DataError
from sentiment_repl.data.labels import Row


def rows(negative: int, positive: int) -> list[Row]:
    return [Row(0, f"a bad day number {n}") for n in range(negative)] + [
        Row(1, f"a good day number {n}") for n in range(positive)
    ]


def summary(some: list[Row], unreadable: int = 0) -> dict:
    return data.summary(data.read(some, seed=1), unreadable)


def test_what_is_in_line_brings_no_warning() -> None:
    figures = summary(rows(300, 300))
    assert figures["warnings"] == []
    assert figures["positive"] == 0.5 and figures["repeats"] == 0
    assert figures["words"]["distinct"] == 305 and figures["words"]["running"] == 3000


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ([Row(0, f"sad and cold night {n}") for n in range(600)], "rows are positive"),
        ([Row(1, "Thank you @somebody!"), Row(1, "thank you @else")] * 30, "repeat another text"),
        ([Row(1, f"A BAD day, number {n}") for n in range(50)], "both labels"),
        ([Row(1, "...")] * 20, "have no word"),
        ([Row(0, f"{n} and so on " * 9) for n in range(300)], "length alone"),
    ],
)
def test_what_is_out_of_line_is_said(more: list[Row], warning: str) -> None:
    said = " ".join(summary(rows(300, 300) + more)["warnings"])
    assert warning in said


def test_unreadable_rows_are_said() -> None:
    assert "7 rows could not be read" in " ".join(summary(rows(300, 300), 7)["warnings"])


def test_repeats_and_contradictions_are_counted_once_levelled() -> None:
    more = [Row(0, "Hello, world"), Row(1, "hello world!"), Row(1, "HELLO WORLD")]
    figures = summary(rows(300, 300) + more)
    assert figures["texts_with_both_labels"] == 1 and figures["rows_with_both_labels"] == 3
    assert figures["repeats"] == pytest.approx(2 / 603)
    assert figures["most_often"] == [{"text": "Hello, world", "rows": 3}]


def test_one_label_is_no_data() -> None:
    with pytest.raises(DataError, match="both labels"):
        summary(rows(300, 0))
