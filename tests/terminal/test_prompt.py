"""The program as a person meets it, in a real pseudo-terminal."""

import json
import stat
import sys
from pathlib import Path

import pexpect
import pytest

from sentiment_repl import model_folder
from tests.conftest import REPOSITORY
from tests.terminal.screen import CONTROL_C, CONTROL_D, RIGHT, UP, Open, Terminal


def test_an_answer_and_out_with_an_empty_line(terminal: Open) -> None:
    prompt = terminal()
    assert prompt.enter("Good day!") == ["positive sentiment; 88.079708% confidence"]
    assert prompt.enter("bad day") == ["negative sentiment; 95.257413% confidence"]
    prompt.send("\r")
    assert prompt.ends() == 0


def test_unknown_words_are_named_before_the_answer(terminal: Open) -> None:
    assert terminal().enter("good zebra, Zebra and yak") == [
        "'zebra' not in training corpus; ignoring.",
        "'and' not in training corpus; ignoring.",
        "'yak' not in training corpus; ignoring.",
        "positive sentiment; 88.079708% confidence",
    ]


def test_no_known_word_no_number(terminal: Open) -> None:
    answer = terminal().enter("zebra")
    assert answer[0] == "'zebra' not in training corpus; ignoring."
    assert answer[1].startswith("Can't tell")
    assert "%" not in answer[1]


def test_other_formats_and_silence(terminal: Open) -> None:
    assert terminal("--format", "tsv").enter("good zebra") == [
        "positive        0.88079708      good zebra"
    ]
    assert terminal("--quiet").enter("good zebra") == ["positive sentiment; 88.079708% confidence"]


def test_control_c_drops_the_line(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("good")
    prompt.until(lambda: prompt.lines[-1].endswith("good"))
    prompt.send(CONTROL_C)
    prompt.until_prompt()
    assert not any("sentiment;" in line for line in prompt.lines)
    assert prompt.enter("bad") == ["negative sentiment; 95.257413% confidence"]


def test_control_d_quits_on_an_empty_line_only(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("good")
    prompt.until(lambda: prompt.lines[-1].endswith("good"))
    prompt.send(CONTROL_D)
    prompt.send("\r")
    prompt.until(lambda: "positive sentiment; 88.079708% confidence" in prompt.lines)
    prompt.until_prompt()
    prompt.send(CONTROL_D)
    assert prompt.ends() == 0


def test_three_pasted_lines_get_three_answers(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("\x1b[200~good day\n\nbad zebra\r\nday\x1b[201~")
    prompt.until(lambda: prompt.lines[-1].endswith("day"))
    prompt.send("\r")
    prompt.until_prompt()
    assert prompt.lines[-8:-1] == [
        "good day",
        "positive sentiment; 88.079708% confidence",
        "bad zebra",
        "'zebra' not in training corpus; ignoring.",
        "negative sentiment; 95.257413% confidence",
        "day",
        "positive sentiment; 50.000000% confidence",
    ]


def test_typed_escape_sequences_do_not_reach_the_screen(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("\x1b[200~bad\u202egood\ngood \x9b31mred\x1b[201~")
    prompt.until(lambda: "31mred" in prompt.lines[-1])
    prompt.send("\r")
    prompt.until(lambda: sum("sentiment" in line for line in prompt.lines) > 0)
    prompt.until_prompt()
    assert "'bad\\u202egood' not in training corpus; ignoring." in prompt.output
    assert "\\x9b31mred" in prompt.output
    assert "\u202e" not in prompt.output and "\x9b" not in prompt.output


def test_history_is_kept_and_private(
    terminal: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "state"))
    first = terminal()
    first.enter("good day")
    first.send("\r")
    assert first.ends() == 0
    (history,) = (path for path in (tmp_path / "state").rglob("*") if path.name == "history")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700

    second = terminal()
    second.send(UP)
    second.until(lambda: second.lines[-1].endswith("good day"))
    second.send(CONTROL_C)
    second.until_prompt()
    second.send("goo")  # the rest is suggested, and taken with the right arrow
    second.until(lambda: second.lines[-1].endswith("good day"))
    second.send(RIGHT + "\r")
    second.until(lambda: "positive sentiment; 88.079708% confidence" in second.lines)


def test_no_history(terminal: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "state"))
    prompt = terminal("--no-history")
    prompt.enter("good day")
    prompt.send(UP)  # within the run there is still a memory
    prompt.until(lambda: prompt.lines[-1].endswith("good day"))
    assert not (tmp_path / "state").exists()


def test_a_history_that_cannot_be_kept_is_a_warning(
    terminal: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    prompt = terminal()
    assert "the history is not kept" in "".join(prompt.lines)
    assert prompt.enter("good") == ["positive sentiment; 88.079708% confidence"]


def test_a_terminal_without_any_feature(terminal: Open) -> None:
    prompt = terminal(TERM="dumb")
    prompt.send("good day\r")
    prompt.until(lambda: "positive sentiment; 88.079708% confidence" in prompt.lines)
    prompt.send("\r")
    assert prompt.ends() == 0


def test_a_broken_model_is_told_before_any_prompt(tiny: Path) -> None:
    (tiny / "model.json").write_text("{")
    prompt = Terminal("--artifacts", str(tiny))
    assert prompt.ends() == 2
    assert "model.json: damaged" in "".join(prompt.lines)


def test_a_model_that_turns_out_to_be_none_ends_the_prompt(terminal: Open, tiny: Path) -> None:
    (tiny / "model.json").write_text('{"class_name": "Functional"}')
    tensors = json.loads((tiny / "manifest.json").read_text())["tensors"]
    model_folder.write_manifest(tiny, tensors)  # the folder is whole; its network is not ours
    prompt = terminal()
    prompt.send("good\r")
    assert prompt.ends() == 2
    assert "Functional" in "".join(prompt.lines)


def test_standard_input_from_a_file_opens_no_prompt(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "tweets").write_text("good\n\nbad\n")
    program = pexpect.spawn(
        "/bin/sh",
        ["-c", f"{sys.executable} -m sentiment_repl --artifacts {tiny} < {tmp_path}/tweets"],
        cwd=REPOSITORY,
        encoding="utf-8",
    )
    program.expect(pexpect.EOF)
    answers = [line.split()[0] for line in program.before.splitlines()]
    assert answers == ["positive", "Can't", "negative"]
