import io
import os
import sys
from pathlib import Path

import pytest

from sentiment_repl.files.rows import Problem
from sentiment_repl.files.tally import Tally


def test_the_first_ten_bad_rows_are_printed_and_all_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Tally() as tally:
        tally.rows = 5000
        for line in range(1234):
            tally.add_problem(Path("in.csv"), Problem(line, "\x1b[2J"))
    *first, more, summary = capsys.readouterr().err.splitlines()
    assert first == [f"in.csv:{line}: \\x1b[2J" for line in range(10)]
    assert more == "and 1,224 more such rows"
    assert summary == "1,234 of 6,234 rows could not be read"


def test_a_summary_appears_only_if_it_says_something(capsys: pytest.CaptureFixture[str]) -> None:
    with Tally("in.csv") as tally:
        tally.rows = 1
    with pytest.raises(KeyboardInterrupt), Tally("in.csv", quiet=False):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == ""
    with Tally("in.csv", quiet=False) as tally:
        tally.rows = 1
    assert capsys.readouterr().err == "in.csv: 1 row read\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("name", ["in.csv", "\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 20 + ".csv"])
def test_sentences_stand_above_the_bar_and_the_bar_goes_away(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    pyte = pytest.importorskip("pyte")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    with Tally(name, bar=True) as tally:
        tally.rows = 4096
        tally.draw(0.5)
        assert f"{name}  [########" in terminal.getvalue()
        tally.add_problem(Path("in.csv"), Problem(7, "a NUL character"))
    drawn = terminal.getvalue()
    screen = pyte.Screen(60, 9)
    pyte.Stream(screen).feed(drawn.replace("\n", "\r\n"))
    assert "".join(line.rstrip() for line in screen.display) == (
        f"in.csv:7: a NUL character{name}: 1 of 4,097 rows could not be read"
    )


def test_work_goes_on_when_nobody_reads_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    monkeypatch.setattr(sys, "stderr", open(write_end, "w"))  # noqa: SIM115
    for sentence in ("lost", "lost too"):
        Tally().print(sentence)
