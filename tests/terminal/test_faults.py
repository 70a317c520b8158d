"""Signals, shells and terminals that do what they do."""

import os
import signal
import sys
from pathlib import Path

import pytest

from sentiment_repl.modes.prompt import session
from tests.conftest import REPOSITORY
from tests.terminal.screen import PROMPT, Open, Terminal
from tests.test_faults import offline  # noqa: F401


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_told_to_end_it_leaves_the_terminal_as_it_was(terminal: Open, name: str, term: str) -> None:
    prompt = terminal(TERM=term)
    prompt.send("good")
    prompt.until(lambda: prompt.lines[-1].endswith("good"))
    prompt.signal(getattr(signal, name))
    assert prompt.ends() == 130
    assert prompt.is_sane()
    assert "Traceback" not in prompt.output
    assert term == "dumb" or prompt.output.rindex("\x1b[?2004l") > prompt.output.rindex("good")


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_told_to_end_while_it_takes_the_terminal(tiny: Path, term: str) -> None:
    code = f"""
import os, signal
from prompt_toolkit.input import vt100
take = vt100.raw_mode.__enter__
def take_and_be_killed(mode):
    take(mode)
    os.kill(os.getpid(), signal.SIGTERM)
vt100.raw_mode.__enter__ = take_and_be_killed
from sentiment_repl.cli import main
raise SystemExit(main(["--artifacts", {str(tiny)!r}]))
"""
    prompt = Terminal(program=(sys.executable, "-c", code), TERM=term)
    assert prompt.ends() == 130
    assert prompt.is_sane()


def test_where_a_system_has_no_modes_there_is_nothing_to_keep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "termios", None)  # as on Windows
    with session._modes_kept():
        pass


def test_an_interrupt_from_elsewhere_drops_the_line(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("good")
    prompt.until(lambda: prompt.lines[-1].endswith("good"))
    prompt.signal(signal.SIGINT)
    prompt.until_prompt()
    assert prompt.enter("bad") == ["negative sentiment; 95.257413% confidence"]


def test_a_terminal_that_is_closed_ends_it(terminal: Open) -> None:
    prompt = terminal()
    prompt.enter("good day")
    (history,) = Path(os.environ["HOME"]).rglob("history")
    prompt.hang_up()
    assert "+good day" in history.read_text()


def test_suspended_and_brought_back_in_a_shell(tiny: Path) -> None:
    shell = Terminal(program=("/bin/sh", "-i"), PS1="SHELL ", ENV="")

    def enter(command: str) -> list[str]:
        """What the shell says to a command, which must be another each time."""
        done = f"DONE {len(command)}"
        shell.send(f"clear; {command}; echo DO''NE {len(command)}\r")
        shell.until(lambda: done in shell.lines)
        shell.until(lambda: shell.lines[-1] == "SHELL")
        return shell.lines[: shell.lines.index(done)]

    shell.until(lambda: bool(shell.lines) and shell.lines[-1] == "SHELL")
    modes = enter("stty -a")
    shell.send(f"{sys.executable} -m sentiment_repl --artifacts {tiny}\r")
    shell.until_prompt()
    shell.send("good")
    shell.until(lambda: shell.toolbar.startswith("positive"))
    shell.send("\x1a")
    shell.until(lambda: shell.lines[-1] == "SHELL")
    assert {"icanon", "echo", "isig"} <= set(" ".join(enter(":; stty -a")).split())
    shell.send("fg\r")
    shell.until(lambda: shell.lines[-1] == f"{PROMPT}good")
    shell.send(" bad\r")
    shell.until(lambda: "negative sentiment; 73.105858% confidence" in shell.lines)
    shell.until_prompt()
    shell.send("\r")
    shell.until(lambda: shell.lines[-1] == "SHELL")
    assert enter("echo ended with $?; stty -a") == ["ended with 0", *modes]
    shell.stop()


def test_bytes_that_are_no_letters_are_typed(terminal: Open) -> None:
    prompt = terminal()
    prompt.send_bytes(b"good \xff\xc3 day")
    prompt.until(lambda: prompt.lines[-1].endswith("day"))
    prompt.send("\r")
    prompt.until(lambda: "positive sentiment; 88.079708% confidence" in prompt.lines)
    prompt.until_prompt()
    prompt.send("\r")
    assert prompt.ends() == 0 and "Traceback" not in prompt.output


def test_terminals_that_are_too_small(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("good")
    for columns, rows in ((1, 1), (2, 3), (300, 1), (100, 40)):
        prompt.resize(columns, rows)
        prompt.send(" day")
    prompt.until(lambda: f"{PROMPT}good day day day day" in prompt.lines)
    prompt.send("\r")
    prompt.until(lambda: "positive sentiment; 88.079708% confidence" in prompt.lines)
    prompt.until_prompt()
    prompt.send("\r")
    assert prompt.ends() == 0 and prompt.is_sane()


@pytest.mark.usefixtures("offline")
def test_the_prompt_sends_nothing_over_the_network(terminal: Open) -> None:
    prompt = terminal()
    assert prompt.enter("good day")[-1] == "positive sentiment; 88.079708% confidence"
    prompt.send("\r")
    assert prompt.ends() == 0


def test_without_a_home_it_still_answers(tiny: Path) -> None:
    prompt = Terminal(
        "--artifacts", str(tiny), HOME="nowhere", XDG_STATE_HOME="", XDG_DATA_HOME="nowhere"
    )
    prompt.until_prompt()
    assert prompt.enter("good") == ["positive sentiment; 88.079708% confidence"]
    assert not (REPOSITORY / "nowhere").exists()
    prompt.stop()
