"""What the prompt shows while one types, and its function keys."""

import csv
import json
import stat
from pathlib import Path

import pytest

from sentiment_repl import model_folder
from sentiment_repl.data.labels import Tally, read_all
from tests.terminal.screen import CONTROL_C, F1, F2, F3, F4, PROMPT, UP, Open, Terminal


def type_(prompt: Terminal, text: str, toolbar: str) -> None:
    """Type, and wait until the last line begins so."""
    prompt.send(text)
    prompt.until(lambda: prompt.toolbar.startswith(toolbar))


def test_the_answer_changes_as_letters_arrive(terminal: Open) -> None:
    prompt = terminal()
    type_(prompt, "good", "positive ████████░░ 88.1 %")
    type_(prompt, " bad", "negative █████░░░░░ 73.1 %")
    type_(prompt, " yak", "negative █████░░░░░ 73.1 %  1 unknown: yak")
    prompt.send(CONTROL_C)
    prompt.until(lambda: prompt.toolbar.startswith("F1 help"))
    type_(prompt, "yak", "can't tell  1 unknown: yak")


def test_words_are_coloured_by_their_effect(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("good bad day zebra")
    prompt.until(lambda: prompt.style("bad").underscore and prompt.style("good").bold)
    good, bad, day, zebra = map(prompt.style, ("good", "bad", "day", "zebra"))
    assert len({good.fg, bad.fg, day.fg}) == 3 and day.fg == "default"
    assert not good.underscore and bad.bold
    assert not day.bold and not day.underscore
    assert zebra.strikethrough and not good.strikethrough and not day.strikethrough


def test_without_colour_the_signs_stay(terminal: Open) -> None:
    prompt = terminal(NO_COLOR="1")
    prompt.send("good bad day zebra")
    prompt.until(lambda: prompt.style("bad").underscore)
    words = [prompt.style(word) for word in ("good", "bad", "day", "zebra")]
    assert {word.fg for word in words} == {"default"}
    assert [(word.bold, word.underscore, word.strikethrough) for word in words] == [
        (True, False, False), (True, True, False), (False, False, False), (False, False, True),
    ]  # fmt: skip


def test_wide_letters_and_marks_keep_their_place(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("日本 cafe\u0301 bad שלום good")
    prompt.until(lambda: prompt.style("bad").underscore)
    assert prompt.style("good").bold and not prompt.style("good").underscore
    assert not prompt.style("שלום").underscore and prompt.style("שלום").strikethrough
    assert prompt.enter(" day")[-1] == "negative sentiment; 73.105858% confidence"


def test_f1_helps(terminal: Open) -> None:
    prompt = terminal()
    prompt.send(F1)
    prompt.until(lambda: any("that was wrong" in line for line in prompt.lines))
    prompt.until_prompt()
    assert all(f"F{number} " in "".join(prompt.lines) for number in (1, 2, 3, 4))


def test_f2_names_the_words_of_this_sentence_or_of_the_last(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("good zebra")
    prompt.until(lambda: prompt.lines[-1].endswith("zebra"))
    prompt.send(F2)
    prompt.until(lambda: "words: good +2.00" in prompt.lines)
    prompt.until(lambda: prompt.lines[-1].endswith("good zebra"))  # which is still there
    prompt.send(CONTROL_C)
    prompt.until_prompt()
    prompt.enter("bad good day")
    prompt.send(F2)
    prompt.until(lambda: "words: bad -3.00 | good +2.00" in prompt.lines)


def test_f2_before_any_sentence(terminal: Open) -> None:
    prompt = terminal()
    prompt.send(F2)
    prompt.until(lambda: "Type a sentence first" in "".join(prompt.lines))


def test_explained_answers(terminal: Open) -> None:
    assert terminal("--explain").enter("bad good day") == [
        "negative sentiment; 73.105858% confidence",
        "words: bad -3.00 | good +2.00",
    ]


def test_f3_switches_off_and_on(terminal: Open) -> None:
    prompt = terminal()
    prompt.send(F3)
    prompt.until(lambda: prompt.toolbar.startswith("live reading is off"))
    assert prompt.enter("good bad") == ["negative sentiment; 73.105858% confidence"]
    assert not prompt.style("bad").underscore
    type_(prompt, "good" + F3, "positive")


def test_f4_keeps_the_last_sentence_with_the_other_label(
    terminal: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    prompt = terminal()
    prompt.send(F4)
    prompt.until(lambda: "no answer yet" in "".join(prompt.lines))
    prompt.enter('good, "day"')
    prompt.send(F4)
    prompt.until(lambda: "Noted as negative" in "".join(prompt.lines))
    prompt.until_prompt()
    prompt.send(F4)
    prompt.until(lambda: "noted already" in "".join(prompt.lines))
    prompt.until_prompt()
    prompt.enter("bad")
    prompt.enter("zebra")  # gets no answer that could be wrong
    prompt.send(F4)
    prompt.until(lambda: "Noted as positive: bad" in "".join(prompt.lines))

    (path,) = tmp_path.rglob("corrections.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(csv.reader(path.open())) == [
        ["label", "text"], ["negative", 'good, "day"'], ["positive", "bad"],
    ]  # fmt: skip
    rows = read_all([path], Tally(), label_column=None, text_column=None)
    assert list(rows) == [(0, 'good, "day"'), (1, "bad")]  # the trainer takes it


def test_f4_that_cannot_write_says_so(
    terminal: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    prompt = terminal()
    prompt.enter("good")
    prompt.send(F4)
    prompt.until(lambda: "it can't be noted" in "".join(prompt.lines))
    prompt.until_prompt()
    assert prompt.enter("bad") == ["negative sentiment; 95.257413% confidence"]


def test_tab_completes_a_word_of_the_dictionary(terminal: Open) -> None:
    prompt = terminal()
    type_(prompt, "goo", "can't tell")  # the model is there
    prompt.send("\t")
    prompt.until(lambda: bool(prompt.lines) and prompt.lines[-1] == f"{PROMPT}good")
    assert prompt.enter(" day") == ["positive sentiment; 88.079708% confidence"]


def test_a_narrow_window_and_back(terminal: Open) -> None:
    prompt = terminal()
    type_(prompt, "good bad zebra", "negative")
    prompt.resize(40)
    answer = "negative █████░░░░░ 73.1 %  1 unknown: "
    prompt.until(lambda: f"{answer}…" in (*prompt.lines, prompt.toolbar))
    prompt.resize(100)
    prompt.until(lambda: f"{answer}zebra" in (*prompt.lines, prompt.toolbar))
    prompt.until(lambda: f"{PROMPT}good bad zebra" in prompt.lines)
    assert prompt.enter(" day")[-1] == "negative sentiment; 73.105858% confidence"


def test_a_long_line_is_not_read_while_it_is_typed(terminal: Open) -> None:
    prompt = terminal()
    type_(prompt, "\x1b[200~" + "good zebra " * 300 + "\x1b[201~", "too long")
    prompt.send("\r")
    prompt.until(lambda: "positive sentiment; 88.079708% confidence" in prompt.lines)


def test_each_line_of_a_paste_is_read_when_the_cursor_is_there(terminal: Open) -> None:
    prompt = terminal()
    type_(prompt, "\x1b[200~good\nbad\x1b[201~", "negative")
    type_(prompt, UP, "positive")


def test_nothing_typed_steers_the_terminal(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("\x1b[200~good ze\u202ebra \u2066\u2028\x1b[201~")
    prompt.until(lambda: "unknown: ze\\u202ebra" in prompt.toolbar)
    assert prompt.lines[-1].endswith("good ze\ufffdbra \ufffd\ufffd")
    assert not set("\u202e\u2066\u2028") & set(prompt.output)


def test_a_model_that_turns_out_to_be_none_ends_the_prompt_at_once(tiny: Path) -> None:
    (tiny / "model.json").write_text('{"class_name": "Functional"}')
    tensors = json.loads((tiny / "manifest.json").read_text())["tensors"]
    model_folder.write_manifest(tiny, tensors)
    prompt = Terminal("--artifacts", str(tiny))
    assert prompt.ends() == 2
    assert "Functional" in "".join(prompt.lines)
