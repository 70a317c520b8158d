"""What people are used to from other programs: words, keys, editors, plain terminals."""

import sys
from pathlib import Path

import pytest

from sentiment_repl.modes.prompt.history import history_path
from sentiment_repl.modes.prompt.settings import settings_path
from tests.terminal.conftest import Open
from tests.terminal.driver import CONTROL_C, CONTROL_D, CONTROL_R, ENTER, PROMPT, Terminal, paste

pytestmark = pytest.mark.slow

POSITIVE = "positive sentiment; 88.079708% confidence"
ESCAPE = "\x1b"


def test_words_that_leave_or_help_elsewhere_get_a_hint(terminal: Open) -> None:
    prompt = terminal()
    assert prompt.enter("exit") == ["To quit, press Enter on an empty line, or Ctrl-D."]
    assert prompt.enter("?") == [
        "For help, press F1 or Alt-h. To quit, press Enter on an empty line."
    ]
    assert prompt.enter("exit is good")[-1] == POSITIVE


def test_alt_keys_stand_for_the_function_keys(terminal: Open) -> None:
    prompt = terminal()
    prompt.send(f"{ESCAPE}h")
    prompt.until_shown(str(settings_path()))
    prompt.until_prompt()
    prompt.send("good")
    prompt.until_shown("positive █")
    prompt.send(f"{ESCAPE}i")
    prompt.until_shown("words: good +2.00")
    prompt.send(f"{ESCAPE}p")
    prompt.until_shown("live preview is off")
    prompt.send(ENTER)
    prompt.until_shown(POSITIVE)
    prompt.send(f"{ESCAPE}r")
    prompt.until_shown("Saved as negative: good")


def test_settings_of_a_user_hold_in_every_session(terminal: Open) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text("keys = vi\npreview = off\n")
    prompt = terminal()
    prompt.until_shown("live preview is off")
    prompt.send("xgood")
    prompt.until_shown("xgood")
    prompt.send(f"{ESCAPE}0")  # in one piece: Alt-0 is no key of the program
    prompt.send("x")
    prompt.until(lambda: prompt.last_line == f"{PROMPT}good")
    prompt.send(f"{ESCAPE}h")
    prompt.until_shown(str(settings_path()))
    prompt.send(CONTROL_C)
    prompt = terminal(SENTIMENT_REPL_PREVIEW="on")
    prompt.send("good")
    prompt.until_shown("positive █")


def test_a_terminal_that_does_not_say_where_its_cursor_is_gets_no_warning(tiny: Path) -> None:
    code = f"""
from prompt_toolkit.renderer import Renderer
from sentiment_repl.cli import main
Renderer.CPR_TIMEOUT = 0
raise SystemExit(main(["--artifacts", {str(tiny)!r}]))
"""
    with Terminal(program=(sys.executable, "-c", code)) as prompt:
        prompt.screen.write_process_input = lambda data: None
        prompt.until_output("quit:")
        for _ in range(2):
            prompt.send(f"good{ENTER}")
            prompt.until_output(POSITIVE)
        prompt.send(CONTROL_D)
        assert prompt.exit_code() == 0
        assert "WARNING" not in prompt.output


def test_a_dumb_terminal_gets_text_alone_and_loses_nothing(terminal: Open) -> None:
    prompt = terminal(TERM="dumb")
    prompt.send(f"bad {ESCAPE}]0;x\a \u202e good{ENTER}")
    prompt.until_output("% confidence")
    prompt.until_output("quit:")
    for entry, answer in (("exit", "To quit, press Enter"), ("help", "Each line gets a label")):
        prompt.send(entry + ENTER)
        prompt.until_output(answer)
    prompt.until_output("quit:")
    prompt.send(CONTROL_C)
    prompt.until_output("quit:")
    prompt.send(CONTROL_D)
    assert prompt.exit_code() == 0 and prompt.modes_are_restored()
    assert ESCAPE not in prompt.output and "Traceback" not in prompt.output
    assert f"+bad {ESCAPE}]0;x\a \u202e good" in history_path().read_text()


def test_nothing_in_the_search_line_steers_the_terminal(terminal: Open) -> None:
    prompt = terminal()
    prompt.enter("good day")
    prompt.send(CONTROL_R)
    prompt.until_shown("search")
    prompt.send(paste("x\u202e\u2028\u200by"))
    prompt.until_shown("x\ufffd\ufffd\ufffdy")
    assert not set("\u202e\u2028\u200b") & set(prompt.output)


def test_a_joined_emoji_leaves_nothing_behind(terminal: Open) -> None:
    prompt = terminal()
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    prompt.send(f"good {family}")
    prompt.until_shown("good")
    prompt.send("\x7f")
    prompt.until_shown("positive █")
    prompt.until(lambda: prompt.last_line == f"{PROMPT}good")
    assert "\u200d" not in prompt.output  # no terminal can join what is drawn
