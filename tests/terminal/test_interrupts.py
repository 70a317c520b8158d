"""Ctrl-C and signals at any moment, and errors that nobody expects: never a traceback."""

import signal
import sys
from functools import partial
from pathlib import Path
from string import ascii_lowercase

import pytest

from tests.conftest import bag_model
from tests.terminal.conftest import Open
from tests.terminal.driver import CONTROL_C, CONTROL_R, ENTER, F2, PROMPT, TAB, Terminal

pytestmark = pytest.mark.slow

SHIFT_LEFT = "\x1b[1;2D"
NEGATIVE = "negative sentiment; 95.257413% confidence"


def prompt_count_is(prompt: Terminal, count: int) -> bool:
    return sum(line.startswith(PROMPT.rstrip()) for line in prompt.lines) == count


def test_control_c_discards_a_line_with_a_selection_at_once(terminal: Open) -> None:
    prompt = terminal()
    for number, key in enumerate(("x", TAB, "\x1b"), start=1):
        prompt.send("good day" + SHIFT_LEFT + CONTROL_C + key)
        prompt.until(lambda: prompt.lines[-2:-1] == [f"{PROMPT}good day"])
        prompt.send(CONTROL_C)
        prompt.until(partial(prompt_count_is, prompt, 2 * number + 1))
    assert prompt.enter("bad") == [NEGATIVE]
    assert "Unhandled" not in prompt.output


@pytest.mark.parametrize("keys", ["emacs", "vi"])
def test_a_signal_during_a_search_discards_the_line_and_ends_the_search(
    terminal: Open, keys: str
) -> None:
    prompt = terminal("--keys", keys)
    assert prompt.enter("bad") == [NEGATIVE]
    prompt.send("day" + CONTROL_R + "ba")
    prompt.until_shown("search")
    prompt.signal(signal.SIGINT)
    prompt.until_prompt()
    assert prompt.enter("bad") == [NEGATIVE]
    prompt.send(ENTER)
    assert prompt.exit_code() == 0


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


def start_with(tiny: Path, fault: str, **environment: str) -> Terminal:
    """Start the program with a fault in it."""
    main = f'raise SystemExit(cli.main(["--artifacts", {str(tiny)!r}]))'
    code = f"import time\nfrom sentiment_repl import cli, render\n{fault}\n{main}"
    return Terminal(program=(sys.executable, "-c", code), **environment)


def test_an_error_in_a_key_is_one_sentence_and_the_prompt_goes_on(tiny: Path) -> None:
    with start_with(tiny, "render.explanation = lambda prediction: bytes(1 << 60)") as prompt:
        prompt.until_prompt()
        prompt.send("good")
        for _ in range(2):
            prompt.send(F2)
            prompt.until_output("sentiment-repl: out of memory")
        prompt.until(lambda: prompt.last_line == f"{PROMPT}good")
        prompt.send(ENTER)
        prompt.until_shown("positive sentiment")
        assert "Traceback" not in prompt.output and "ENTER" not in prompt.output


def test_an_error_in_the_drawing_ends_the_prompt_with_one_sentence(tiny: Path) -> None:
    fault = """
from sentiment_repl.modes.prompt.lexer import ContributionLexer
def fail(self, document):
    return lambda number: [("", str(1 / 0))] if document.text else []
ContributionLexer.lex_document = fail
"""
    with start_with(tiny, fault) as prompt:
        prompt.until_prompt()
        prompt.send("good")
        assert prompt.exit_code() == 1 and prompt.modes_are_restored()
        assert "sentiment-repl: unexpected ZeroDivisionError" in prompt.output
        assert "Traceback" not in prompt.output and "ENTER" not in prompt.output


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_a_signal_that_interrupts_no_read_is_not_lost(tiny: Path, term: str) -> None:
    """As one that arrives just before a read. Here another thread receives all signals."""
    fault = """
import signal, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
"""
    with start_with(tiny, fault, TERM=term) as prompt:
        prompt.until_prompt()
        prompt.send("good")
        prompt.until(lambda: prompt.last_line == f"{PROMPT}good")
        prompt.signal(signal.SIGINT)
        prompt.until_prompt()
        prompt.signal(signal.SIGTERM)
        assert prompt.exit_code() == 130 and prompt.modes_are_restored()


def test_between_two_prompts_the_terminal_neither_shows_nor_changes_what_is_typed(
    tiny: Path,
) -> None:
    fault = """
def to_sentence(prediction):
    print("BUSY", flush=True)
    while True:
        time.sleep(0.1)  # a signal that arrives just before a sleep does not end it
render.FORMATS["text"] = to_sentence
"""
    with start_with(tiny, fault) as prompt:
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
