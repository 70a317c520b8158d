"""Pastes into a terminal that does not mark them: each line is typed, with Enter after it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.driver import CONTROL_D, ENTER, Terminal

pytestmark = pytest.mark.slow


@pytest.fixture
def shell(tmp_path: Path, tiny: Path) -> Iterator[Terminal]:
    """A shell in which the program has just started."""
    with Terminal(program=("/bin/sh", "-i"), PS1="SHELL ", ENV="", COLUMNS="100") as shell:
        shell.until(lambda: shell.last_line == "SHELL")
        shell.send(f"{sys.executable} -m sentiment_repl --artifacts {tiny}\r")
        shell.until_prompt()
        shell.until_output("quit:")
        yield shell


def commands(tmp_path: Path, count: int) -> str:
    """Return lines that leave a file behind if a shell runs them."""
    return "".join(f"touch {tmp_path}/run{number}{ENTER}" for number in range(count))


def assert_shell_ran_nothing(shell: Terminal, tmp_path: Path) -> None:
    shell.until_output("SHELL ")
    shell.send(f"touch {tmp_path}/last{ENTER}")
    shell.until_output("SHELL ")
    assert (tmp_path / "last").exists() and not list(tmp_path.glob("run*"))


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_an_empty_line_inside_a_paste_does_not_quit(terminal: Open, term: str) -> None:
    prompt = terminal("--format=tsv", TERM=term)
    # Longer than one read of the program, shorter than the terminal's buffer.
    lines = [f"good {'x' * 200}{number}" for number in range(7)]
    prompt.send(ENTER.join([*lines, "", "", *lines, "", "bad day"]) + ENTER)
    prompt.until_output("negative\t")
    prompt.until_output("quit:")
    assert prompt.output.count("positive\t") == 14
    prompt.send(ENTER)
    assert prompt.exit_code() == 0 and prompt.modes_are_restored()


def test_a_shell_never_runs_what_follows_the_end(shell: Terminal, tmp_path: Path) -> None:
    shell.send(f"good{ENTER}{CONTROL_D}{commands(tmp_path, 40)}")
    assert_shell_ran_nothing(shell, tmp_path)


def test_a_shell_never_runs_what_follows_an_empty_line(shell: Terminal, tmp_path: Path) -> None:
    shell.send(f"good{ENTER}{ENTER}{commands(tmp_path, 15)}")
    shell.until_output("run14")
    shell.until_output("quit:")
    shell.send(ENTER)
    assert_shell_ran_nothing(shell, tmp_path)
