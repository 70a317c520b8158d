"""The program as a person meets it: sentences, keys, history, model folders."""

import json
import signal
import sys
from pathlib import Path

import pytest

from sentiment_repl import model_folder
from sentiment_repl.data.labels import read_labelled
from sentiment_repl.files.tally import Tally
from sentiment_repl.modes.prompt.corrections import corrections_path
from sentiment_repl.modes.prompt.history import history_path
from tests.terminal import driver
from tests.terminal.conftest import Open
from tests.terminal.driver import CONTROL_C, ENTER, F2, F3, F4, PROMPT, UP, Terminal, paste

pytestmark = pytest.mark.slow

POSITIVE = "positive sentiment; 88.079708% confidence"
NEGATIVE = "negative sentiment; 95.257413% confidence"
BOTH = "negative sentiment; 73.105858% confidence"  # "good bad"


def press(prompt: Terminal, key: str, message: str, typed: str = "") -> None:
    """Press a key, and wait for its message and for the line below it."""
    prompt.send(key)
    prompt.until_output(message)  # not until_shown: an earlier message may be on the screen
    prompt.until(lambda: prompt.last_line == f"{PROMPT}{typed}".rstrip())


def test_options_change_what_is_printed(terminal: Open) -> None:
    prompt = terminal("--format=tsv", "--explain")
    assert prompt.enter("good zebra")[0].split() == [
        "positive",
        "0.88079708",
        "good",
        "zebra",
        "good",
        "+2.00",
    ]
    assert prompt.enter("zebra")[0].split() == ["zebra"]  # no word is known: no number


def test_control_c_discards_a_line_and_control_d_quits_on_an_empty_one(terminal: Open) -> None:
    prompt = terminal("--quiet")
    for interrupt in (lambda: prompt.send(CONTROL_C), lambda: prompt.signal(signal.SIGINT)):
        prompt.send("good")
        prompt.until_shown("positive")
        interrupt()
        prompt.until_prompt()
    assert "sentiment;" not in "".join(prompt.lines)
    assert prompt.enter("bad zebra") == [NEGATIVE]  # --quiet: no warning
    prompt.send("good" + driver.CONTROL_D + ENTER)
    prompt.until_shown(POSITIVE)
    prompt.until_prompt()
    prompt.send(driver.CONTROL_D)
    assert prompt.exit_code() == 0


def test_each_pasted_line_gets_a_preview_and_a_label(terminal: Open) -> None:
    prompt = terminal()
    prompt.send(paste("good day\n\nbad zebra\r\nday"))
    prompt.until_shown("positive ░░░░░░░░░░ 50.0 %")
    prompt.send(UP)
    prompt.until_shown("negative █████████░ 95.3 %")
    prompt.send(ENTER)
    prompt.until_prompt()
    assert prompt.lines[-8:-1] == [
        "good day",
        POSITIVE,
        "bad zebra",
        "'zebra' not in training corpus; ignoring.",
        NEGATIVE,
        "day",
        "positive sentiment; 50.000000% confidence",
    ]


def test_no_typed_or_suggested_character_steers_the_terminal(terminal: Open) -> None:
    steering = "\u202a\u202b\u202c\u202d\u202e\u2066\u2069\u200e\u061c\u2028\x9b\x07\U000e0041"
    family = "\U0001f468\u200d\U0001f469"  # its joiner is harmless
    prompt = terminal()
    prompt.send(paste(f"bad {family} x{steering}y"))
    prompt.until_shown("\ufffdy")
    prompt.send(ENTER)
    prompt.until_shown("'x\\u202a")
    prompt.until_prompt()
    prompt.send("bad")  # the history suggests the rest
    prompt.until_shown("\ufffdy")
    assert family in prompt.output and not set(steering) & set(prompt.output)


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_wide_and_combining_characters_keep_their_place(terminal: Open, no_colour: str) -> None:
    prompt = terminal(NO_COLOR=no_colour)
    prompt.send("日本 cafe\u0301 bad שלום good")
    prompt.until(lambda: prompt.style("bad").underscore)
    assert prompt.style("good").bold and not prompt.style("good").underscore
    assert prompt.style("שלום").strikethrough and not prompt.style("good").strikethrough
    assert (prompt.style("good").fg == "default") == bool(no_colour)
    assert prompt.enter(" day")[-1] == BOTH


def test_f1_shows_help_and_f2_contributions(terminal: Open) -> None:
    prompt = terminal()
    press(prompt, driver.F1, "Discard the line")
    press(prompt, F2, "Type a sentence first")
    prompt.send("good zebra")
    prompt.until_shown("1 unknown")
    press(prompt, F2, "words: good +2.00", typed="good zebra")
    press(prompt, CONTROL_C, PROMPT)
    prompt.enter("bad good day")
    press(prompt, F2, "words: bad -3.00 | good +2.00")


def test_f3_turns_the_preview_off_and_on(terminal: Open) -> None:
    prompt = terminal()
    prompt.send(F3)
    prompt.until_shown("live preview is off")
    assert prompt.enter("good bad") == [BOTH]
    assert not prompt.style("bad").underscore
    prompt.send("good" + F3)
    prompt.until_shown("positive █")


def test_f4_saves_the_last_sentence_with_the_other_label_for_training(terminal: Open) -> None:
    prompt = terminal()
    press(prompt, F4, "no label to correct")
    prompt.enter('good, "day"')
    press(prompt, F4, 'Saved as negative: good, "day"')
    prompt.enter("bad good")
    press(prompt, F4, "Saved as positive: bad good")
    press(prompt, F4, "No longer saved as positive: bad good")
    prompt.enter("bad")
    prompt.enter("zebra")  # has no label that could be wrong
    press(prompt, F4, "Saved as positive: bad")
    with Tally() as tally:
        rows = list(read_labelled([corrections_path()], tally))
    assert rows == [("negative", 'good, "day"'), ("positive", "bad")]


def test_f4_with_three_labels_asks_and_any_other_key_keeps_what_is_typed(
    tiny_neutral: Path,
) -> None:
    with Terminal("--artifacts", str(tiny_neutral)) as prompt:
        prompt.until_prompt()
        prompt.enter("table")
        for key, typed in ((ENTER, "half"), (CONTROL_C, "half"), ("\x1b", "half"), ("x", "halfx")):
            prompt.send("half")
            prompt.until_shown("1 unknown: half")
            prompt.send(F4)
            prompt.until_shown("n negative  p positive")
            prompt.send(key)
            prompt.until(lambda: "right label?" not in prompt.toolbar)
            assert prompt.last_line == f"{PROMPT}{typed}"
            prompt.send(CONTROL_C)
            prompt.until_prompt()
        prompt.send(F4)
        prompt.until_shown("n negative  p positive")
        prompt.signal(signal.SIGINT)
        prompt.until(lambda: "right label?" not in prompt.toolbar)
        prompt.send("n")
        prompt.until(lambda: prompt.last_line == f"{PROMPT}n")
        prompt.send(CONTROL_C)
        prompt.until_prompt()
        prompt.send(F4)
        press(prompt, "n", "Saved as negative: table")
        press(prompt, F4, "No longer saved as negative: table")
        prompt.send(f"half{F4}")
        press(prompt, "p", "Saved as positive: table", typed="half")
    assert corrections_path().read_text() == "label,text\npositive,table\n"


def test_neutral_has_a_sign_and_a_colour_of_its_own(tiny_neutral: Path) -> None:
    with Terminal("--artifacts", str(tiny_neutral), columns=80) as prompt:
        prompt.until_prompt()
        prompt.send("table bad")
        prompt.until_shown("= neutral  -█████=░░░░░░░░░░░░░░░+ 72.1 %")
        colours = [
            prompt.screen.buffer[prompt.screen.lines - 1][column].fg for column in (2, 11, 33)
        ]
        assert len({*colours, "default"}) == 4
    with Terminal("--artifacts", str(tiny_neutral), "--no-neutral") as prompt:
        prompt.until_prompt()
        prompt.send("table bad")
        prompt.until_shown("negative █████████░ 95.3 %")
        assert prompt.enter("") == ["negative sentiment; 95.257413% confidence"]


def test_tab_completes_a_word_of_the_vocabulary(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("goo")
    prompt.until_shown("can't tell")  # the model is loaded
    prompt.send(driver.TAB)
    prompt.until(lambda: prompt.last_line == f"{PROMPT}good")


@pytest.mark.parametrize("kept", [True, False])
def test_the_history_is_recalled_suggested_and_searched(terminal: Open, kept: bool) -> None:
    prompt = terminal() if kept else terminal("--no-history")
    prompt.enter("good day")
    assert history_path().exists() == kept
    prompt = terminal() if kept else prompt  # the next session finds a history in a file
    for keys in (UP, "goo", "\x12goo"):  # Ctrl-R searches
        prompt.send(keys)
        prompt.until(lambda: prompt.last_line.endswith(" good day"))
        prompt.send(CONTROL_C)
        prompt.until_prompt()
    prompt.send("goo")
    prompt.until(lambda: prompt.last_line == f"{PROMPT}good day")
    prompt.send(driver.RIGHT + ENTER)  # Right accepts the suggestion
    prompt.until(lambda: prompt.lines[-2:] == [POSITIVE, PROMPT.rstrip()])


def test_without_a_writable_home_only_history_and_corrections_are_lost(terminal: Open) -> None:
    prompt = terminal(HOME="/dev/null", XDG_STATE_HOME="/dev/null", XDG_DATA_HOME="/dev/null")
    prompt.until_shown("the history is not saved")
    prompt.enter("good")
    press(prompt, F4, "the correction can't be saved")
    assert prompt.enter("bad") == [NEGATIVE]


def test_a_network_of_another_kind_ends_the_prompt_at_once(tiny: Path) -> None:
    (tiny / "model.json").write_text('{"class_name": "Other"}')
    manifest = json.loads((tiny / "manifest.json").read_text())
    model_folder.write_manifest(tiny, manifest["tensors"], manifest["labels"])  # intact
    with Terminal("--artifacts", str(tiny)) as prompt:
        assert prompt.exit_code() == 2 and "Other" in "".join(prompt.lines)


def test_standard_input_from_a_file_opens_no_prompt(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "tweets").write_text("good\n\nbad\n")
    command = f"{sys.executable} -m sentiment_repl --artifacts {tiny} < {tmp_path}/tweets"
    with Terminal(program=("/bin/sh", "-c", command)) as shell:
        assert shell.exit_code() == 0
        assert [line.split()[0] for line in shell.lines] == ["positive", "Can't", "negative"]
