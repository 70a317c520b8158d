from pathlib import Path

import pytest

from sentiment_repl.data.crowd_ratings import read_rated
from sentiment_repl.files.tally import Tally
from tests.files.helpers import write_file


def test_mean_ratings_become_probabilities(tmp_path: Path) -> None:
    content = (
        b"\xef\xbb\xbf1\t-2.15\tTwo words: sexting & jeggings\r\n2_1\t0\tOpal Divine's\r\n\r\n"
    )
    path = write_file(tmp_path / "rated.txt.gz", content + b"3\t+4\tgood food\n4\t0.75\tso\n")
    rated = read_rated([path], Tally())
    assert [one.text for one in rated] == [
        "Two words: sexting & jeggings", "Opal Divine's", "good food", "so",
    ]  # fmt: skip
    probabilities = [one.positive_probability for one in rated]
    assert probabilities == pytest.approx([0.0134, 0.5, 0.9997, 0.8176], abs=1e-4)


def test_lines_without_a_rated_text_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ratings = "1\t0.5\t1.11\t[1, 0]"  # VADER has files of single ratings too
    wrong = [ratings, "1\t2", "pos\tfine", "1\tfine\t2", "1\tnan\tx", "1\t4.1\tx", "2\t\tx"]
    path = write_file(tmp_path / "rated.txt", "\n".join(["1\t1\tgood", *wrong, "2\t-1\tbad"]))
    with Tally() as tally:
        assert [one.text for one in read_rated([path], tally)] == ["good", "bad"]
    printed = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in printed[:-1]] == [str(line) for line in range(2, 9)]
