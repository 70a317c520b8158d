"""Signals at any moment of a session: no traceback, no warning, no lost end."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from sentiment_repl import Classifier
from sentiment_repl.modes.prompt import session
from sentiment_repl.modes.prompt.interrupts import Interrupts
from sentiment_repl.modes.prompt.session import PromptOptions

if sys.platform == "win32":
    pytest.skip("Windows has no such signals", allow_module_level=True)

Play = Callable[..., int]


@pytest.fixture
def play(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Enter two sentences and quit. Send signals at the calls of functions with these numbers.

    Returns the number of calls.
    """
    monkeypatch.setenv("TERM", "xterm")

    def play(number: int = signal.SIGINT, at: tuple[int, ...] = ()) -> int:
        calls = 0

        def count(frame: FrameType, event: str, argument: object) -> None:
            nonlocal calls
            calls += event == "call"
            if event == "call" and calls in at:
                os.kill(os.getpid(), number)

        options = PromptOptions("text", warn=True, explain=False, keep_history=False)
        with create_pipe_input() as pipe, create_app_session(pipe, DummyOutput()):
            pipe.send_text("good\rbad\r")
            pipe.close()

            def load() -> Classifier:
                return classifier

            run = session.Session.run

            def counted(self: session.Session) -> int:
                sys.setprofile(count)
                try:
                    return run(self)
                finally:
                    sys.setprofile(None)

            monkeypatch.setattr(session.Session, "run", counted)
            try:
                session.run_prompt(load, options)
            except KeyboardInterrupt:
                assert number == signal.SIGTERM
            finally:
                monkeypatch.setattr(session.Session, "run", run)
        return calls

    return play


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.filterwarnings("error")
def test_a_signal_at_any_moment_leaves_no_trace(
    play: Play,
    number: int,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unraisable: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    caplog.set_level(logging.DEBUG)
    total = play()
    assert "positive" in capfd.readouterr().out
    for moment in range(20):
        first = 1 + total * moment // 20
        play(number, (first, first + 50))
    gc.collect()
    problems = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not unraisable and not problems and not capfd.readouterr().err


def test_an_interrupt_waits_for_a_block_that_allows_it() -> None:
    interrupts = Interrupts()
    ended: list[str] = []
    interrupts.end_line = lambda: ended.append("line")
    with interrupts.handled():
        os.kill(os.getpid(), signal.SIGINT)
        assert ended == ["line"]
        with pytest.raises(KeyboardInterrupt), interrupts.allowed():
            ended.append("not reached")
        with pytest.raises(KeyboardInterrupt), interrupts.allowed():
            os.kill(os.getpid(), signal.SIGINT)
        with interrupts.allowed():
            ended.append("allowed")
    assert ended == ["line", "allowed"] and not interrupts.terminated
