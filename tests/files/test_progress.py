import pytest

from sentiment_repl.files import progress


def test_a_log_gets_one_line_a_minute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter([0, 1, 59, 60, 61, 119, 125])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    shown = progress.Progress(bar=True, log=True)
    for number in range(1, 7):
        shown.show(f"line {number}\x1b")
    assert capsys.readouterr().err == "line 3\\x1b\nline 6\\x1b\n"


def test_without_a_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress.Progress("file.csv", bar=True)
    shown.draw(0.5, 10)
    shown.erase()
    assert capsys.readouterr().err == ""
