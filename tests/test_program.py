"""What the training and evaluation programs print, and how they end."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment_repl import model_folder, program, runtime
from sentiment_repl.evaluation.__main__ import main as evaluate
from sentiment_repl.evaluation.audit import __main__ as audit
from sentiment_repl.evaluation.audit import page
from sentiment_repl.training.__main__ import main as train
from sentiment_repl.training.finetune import main as finetune

HOSTILE = "a\x1b]52;c;eA==\x07\x9b2J\u202e\r\n\udcffb"
"""Sets the clipboard, clears the screen, turns a line, ends a line, and is not UTF-8."""

Main = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run_main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Main:
    """Run the main function of a program; return exit code, standard output and error."""

    def run_main(main: Callable[[], int], *args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["program", *map(str, args)])
        try:
            code = program.run_safely(main, "program")
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return run_main


def assert_escaped(text: str) -> None:
    assert r"a\x1b]52;c;eA==\x07\x9b2J\u202e\r\n\udcffb" in text
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("main", [evaluate, audit.main, train, finetune])
@pytest.mark.parametrize(
    "args",
    [
        [f"--{HOSTILE}"],
        ["--only", "bias", "--artifacts", HOSTILE],
        ["texts.csv", "--artifacts", HOSTILE],
        ["--init-from", HOSTILE, "--output", "model"],
        ["--epochs", HOSTILE],
    ],
)
def test_what_a_user_typed_is_repeated_escaped(
    run_main: Main, main: Callable[[], int], args: list[str]
) -> None:
    code, out, message = run_main(main, *args)
    assert (code, out) == (2, "")
    assert message.replace("\n", "").isprintable()


def test_names_of_files_are_escaped(run_main: Main, tiny: Path, tmp_path: Path) -> None:
    code, out, message = run_main(evaluate, tmp_path / HOSTILE, "--artifacts", tiny)
    assert (code, out) == (1, "")
    assert_escaped(message)
    files = [tmp_path / f"{HOSTILE}.tsv", tmp_path / "another.tsv"]
    for file in files:
        file.write_text("neg\tbad\npos\tgood\n" * 9)
    code, out, message = run_main(evaluate, *files, "--artifacts", tiny)
    assert code == 0, message
    assert_escaped(out)
    code, out, _ = run_main(evaluate, *files, "--artifacts", tiny, "--json")
    assert code == 0 and out.removesuffix("\n").isprintable()
    assert list(json.loads(out)["files"]) == [str(file) for file in files]


def test_names_in_an_audit_are_escaped(
    run_main: Main, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def write_page(folder: Path, figures: object, subject: str) -> Path:
        written.append(subject)
        return folder / "README.md"

    monkeypatch.setattr(page, "write_page", write_page)
    args = ["--only", "bias", "--output", tmp_path / HOSTILE]
    code, out, message = run_main(audit.main, *args, "--artifacts", tiny.rename(tmp_path / HOSTILE))
    assert code == 0, message
    assert_escaped(out)
    assert_escaped(written[0])


def test_layers_of_a_model_are_named_escaped(run_main: Main, tiny: Path) -> None:
    content = json.loads((tiny / "model.json").read_text())
    content["config"]["layers"][1]["class_name"] = HOSTILE
    (tiny / "model.json").write_text(json.dumps(content))
    manifest = model_folder.read_manifest(tiny)
    model_folder.write_manifest(tiny, manifest["tensors"], manifest["labels"])
    code, out, message = run_main(evaluate, "texts.csv", "--artifacts", tiny)
    assert (code, out) == (2, "")
    assert message.replace("\n", "").isprintable()


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_terminal_of_any_encoding_gets_the_text(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(runtime, "end_on_signals", lambda: None)  # that of pytest must stay
    with open(1, "w", encoding=encoding, closefd=False) as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(SystemExit, match="0"):
            program.run_program(lambda: program.say("“good” …\n\x9b") or 0)
    expected = {"ascii": rb"\u201cgood\u201d \u2026", "utf-8": "“good” …".encode()}[encoding]
    assert capfdbinary.readouterr().out == expected + b"\n\\x9b\n"
