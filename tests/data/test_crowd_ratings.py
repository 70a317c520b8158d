from pathlib import Path

import numpy as np
import pytest

from sentiment_repl.data import crowd_ratings, labelled


def test_ratings_become_shares_of_people(tmp_path: Path) -> None:
    path = tmp_path / "tweets_GroundTruth.txt"
    path.write_bytes(
        b"\xef\xbb\xbf1\t-2.15\tTwo words: sexting & jeggings\r\n"
        b"2_1\t0\tOpal Divine's\r\n\r\n3\t+4\tgood food\n4\t0.75\tso\n"
    )
    read = list(crowd_ratings.read(path, pytest.fail))
    assert [one.text for one in read] == [
        "Two words: sexting & jeggings", "Opal Divine's", "good food", "so",
    ]  # fmt: skip
    worst, neither, best, mild = (one.positive for one in read)
    assert 0 < worst < 0.05 and neither == 0.5 and 0.95 < best < 1
    assert 0.7 < mild < 0.9


def test_what_a_model_rates_is_read_as_what_people_rated(tmp_path: Path) -> None:
    shares = np.array([0.0, 0.1, 0.5, 0.93, 1.0])
    texts = ["bad", "a\tb", "Opal Divine’s", "so", "good food"]
    crowd_ratings.write(tmp_path / "ratings.txt", texts, shares)
    read = list(crowd_ratings.read(tmp_path / "ratings.txt", pytest.fail))
    assert [one.text for one in read] == ["bad", "a b", *texts[2:]]
    assert [one.positive for one in read] == pytest.approx(shares, abs=1e-3)


def test_a_line_that_is_no_rated_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ratings.txt"
    ratings = "1\t0.5\t1.11\t[1, 0]"  # VADER's raters, beside its texts
    wrong = [ratings, "1\t2", "pos\tfine", "1\tfine\t2", "1\tnan\tx", "1\t4.1\tx", "2\t\tx"]
    path.write_text("\n".join(["1\t1\tgood", *wrong, "2\t-1\tbad", "x" * 300_000]))
    problems: list[labelled.Problem] = []
    assert [text for _, text in crowd_ratings.read(path, problems.append)] == ["good", "bad"]
    assert [problem.line for problem in problems] == [2, 3, 4, 5, 6, 7, 8, 10]
    assert str(problems[0]).startswith(f"{path}:2: ")
