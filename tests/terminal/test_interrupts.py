"""Ctrl-C and signals at any moment, and errors that nobody expects: never a traceback."""

import signal
import sys
from pathlib import Path
from string import ascii_lowercase

import pytest

from tests.conftest import bag_model
from tests.terminal.conftest import Open
from tests.terminal.driver import CONTROL_C, ENTER, F2, PROMPT, TAB, Terminal

pytestmark = pytest.mark.slow

SHIFT_LEFT = "\x1b[1;2D"
NEGATIVE = "negative sentiment; 95.257413% confidence"


def test_control_c_discards_a_line_with_a_selection_at_once(terminal: Open) -> None:
    prompt = terminal()
    for key in ("x", TAB, "\x1b"):
        prompt.send("good day" + SHIFT_LEFT + CONTROL_C + key)
        prompt.until(lambda: prompt.lines[-2:-1] == [f"{PROMPT}good day"])
        prompt.send(CONTROL_C)
        prompt.until_prompt()
    assert prompt.enter("bad") == [NEGATIVE]
    assert "Unhandled" not in prompt.output


def test_tab_shows_some_of_many_words_and_asks_nothing(tmp_path: Path) -> None:
    words = {f"a{first}{second}": 1.0 for first in ascii_lowercase for second in ascii_lowercase}
    model = bag_model(tmp_path / "many", words)
    with Terminal("--artifacts", str(model)) as prompt:
        prompt.until_prompt()
        prompt.send("a")
        prompt.until_shown("can't tell")  # the model is loaded
        prompt.send(TAB + TAB)
        prompt.until_shown("516 more")  # of 676 words, 20 in each of 8 rows are shown
        prompt.send(CONTROL_C)
        prompt.until_prompt()
        prompt.send("aaa")
        prompt.until(lambda: prompt.last_line == f"{PROMPT}aaa")
        assert "Unhandled" not in prompt.output and "possibilities" not in prompt.output


def test_an_error_that_nobody_expects_is_one_sentence(tiny: Path) -> None:
    code = f"""
from sentiment_repl import cli, render
def explanation(prediction):
    raise MemoryError
render.explanation = explanation
raise SystemExit(cli.main(["--artifacts", {str(tiny)!r}]))
"""
    with Terminal(program=(sys.executable, "-c", code)) as prompt:
        prompt.until_prompt()
        prompt.send(f"good{F2}")
        assert prompt.exit_code() == 1 and prompt.modes_are_restored()
        assert prompt.last_line == "sentiment-repl: out of memory"
        assert "Traceback" not in prompt.output and "ENTER" not in prompt.output


def test_between_two_prompts_the_terminal_neither_shows_nor_changes_what_is_typed(
    tiny: Path,
) -> None:
    code = f"""
import time
from sentiment_repl import cli, render
def to_sentence(prediction):
    print("BUSY", flush=True)
    time.sleep(600)
render.FORMATS["text"] = to_sentence
raise SystemExit(cli.main(["--artifacts", {str(tiny)!r}]))
"""
    with Terminal(program=(sys.executable, "-c", code)) as prompt:
        prompt.until_prompt()
        prompt.send(f"good{ENTER}")
        prompt.until_output("BUSY")
        assert not prompt.shows_what_is_typed()
        prompt.signal(signal.SIGINT)  # discards the result
        prompt.until_prompt()
        prompt.send(f"bad{ENTER}")
        prompt.until_output("BUSY")
        prompt.signal(signal.SIGTERM)
        assert prompt.exit_code() == 130 and prompt.modes_are_restored()
        assert "Traceback" not in prompt.output
