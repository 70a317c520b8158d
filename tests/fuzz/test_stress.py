"""The short part of scripts/stress.py: the same cases each time, in seconds."""

import json
import os

import pytest

from tests.conftest import Run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system with fork")


@pytest.mark.parametrize(("part", "count"), [("models", 150), ("text", 900), ("tables", 50)])
def test_nothing_breaks_it(script: Run, part: str, count: int) -> None:
    done = script("stress.py", part, "--count", str(count), "--seed", "1")
    assert done.returncode == 0, done.stderr.decode()
    figures = json.loads(done.stdout)
    assert figures["tried"] == figures["survived"] + figures["refused"] >= count


def test_a_failure_says_how_it_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(os.path.join(os.path.dirname(__file__), "../../scripts"))
    from _stress import REFUSED, Report, check

    report = Report("models", seed=7, start=3)
    report.run("fine", lambda: REFUSED)
    report.run("wrong", lambda: str(check(False, "a wrong answer")))
    report.run("dies", lambda: os._exit(1))  # type: ignore[arg-type, return-value]
    figures = report.figures()
    assert (figures["tried"], figures["refused"], figures["survived"]) == (3, 1, 0)
    wrong, dies = figures["failures"]
    assert "a wrong answer" in wrong and "models --seed 7 --start 4 --count 1" in wrong
    assert "died" in dies and "--start 5 " in dies
