"""Signals, shells, small windows and broken terminals."""

import signal
import sys
from pathlib import Path

import pytest

from sentiment_repl.modes.prompt.history import history_path
from tests.terminal.conftest import Open
from tests.terminal.driver import CONTROL_Z, ENTER, PROMPT, Terminal

pytestmark = pytest.mark.slow

POSITIVE = "positive sentiment; 88.079708% confidence"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_a_signal_ends_the_prompt_and_restores_the_terminal(
    terminal: Open, number: int, term: str
) -> None:
    prompt = terminal(TERM=term)
    prompt.send("good")
    prompt.until_shown("good")
    prompt.signal(number)
    assert prompt.exit_code() == 130 and prompt.modes_are_restored()
    assert "Traceback" not in prompt.output
    assert term == "dumb" or prompt.output.rindex("\x1b[?2004l") > prompt.output.rindex("good")


def test_a_signal_while_the_modes_change_restores_the_terminal(tiny: Path) -> None:
    code = f"""
import os, signal
from prompt_toolkit.input import vt100
from sentiment_repl.cli import main
enter = vt100.raw_mode.__enter__
vt100.raw_mode.__enter__ = lambda mode: (enter(mode), os.kill(os.getpid(), signal.SIGTERM))
raise SystemExit(main(["--artifacts", {str(tiny)!r}]))
"""
    with Terminal(program=(sys.executable, "-c", code)) as prompt:
        assert prompt.exit_code() == 130 and prompt.modes_are_restored()


def test_a_closed_window_ends_the_program_without_losing_the_history(terminal: Open) -> None:
    prompt = terminal()
    prompt.enter("good day")
    assert prompt.hang_up() > 0  # it ended on its own; the signal did not kill it
    assert "+good day" in history_path().read_text()


def test_suspended_and_resumed_in_a_shell(tiny: Path) -> None:
    with Terminal(program=("/bin/sh", "-i"), PS1="SHELL ", ENV="") as shell:

        def run(command: str) -> list[str]:
            """Return what a command prints. The commands have different lengths."""
            done = f"DONE {len(command)}"
            shell.send(f"clear; {command}; echo DO''NE {len(command)}\r")
            shell.until(lambda: done in shell.lines and shell.last_line == "SHELL")
            return shell.lines[: shell.lines.index(done)]

        shell.until(lambda: shell.last_line == "SHELL")
        modes = run("stty -a")
        shell.send(f"{sys.executable} -m sentiment_repl --artifacts {tiny}\r")
        shell.until_prompt()
        shell.send("good")
        shell.until_shown("positive")
        shell.send(CONTROL_Z)
        shell.until(lambda: shell.last_line == "SHELL")
        assert run(":; stty -a") == modes
        shell.send("fg\r")
        shell.until(lambda: shell.last_line == f"{PROMPT}good")
        assert shell.enter(" bad") == ["negative sentiment; 73.105858% confidence"]
        shell.send(ENTER)
        shell.until(lambda: shell.last_line == "SHELL")
        assert run("echo ended with $?; stty -a") == ["ended with 0", *modes]


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_bytes_that_are_not_utf8_are_typed_and_sent_nowhere(terminal: Open, term: str) -> None:
    prompt = terminal(TERM=term)
    prompt.send(b"good \xff\xc3 day")
    prompt.until(lambda: prompt.last_line.endswith("day"))
    prompt.send(ENTER)
    prompt.until_shown(POSITIVE)
    prompt.until_prompt()
    prompt.send(ENTER)
    assert prompt.exit_code() == 0 and "Traceback" not in prompt.output


def test_the_prompt_survives_tiny_and_changing_windows(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("good bad zebra")
    prompt.until_shown("negative")
    prompt.resize(40)
    prompt.until_shown("negative █████░░░░░ 73.1 %  1 unknown: …")
    for columns, rows in ((1, 1), (2, 3), (300, 1), (100, 40)):
        prompt.resize(columns, rows)
        prompt.send(" day")
    prompt.until(lambda: f"{PROMPT}good bad zebra day day day day" in prompt.lines)
    prompt.send(ENTER)
    prompt.until_shown("negative sentiment; 73.105858% confidence")
