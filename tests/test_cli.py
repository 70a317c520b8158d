import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment_repl import cli, model_folder, render
from sentiment_repl.files.columns import TEXT_NAMES
from sentiment_repl.files.formats import ENDINGS
from tests.conftest import REPOSITORY, Run

Main = Callable[..., tuple[int, str, str]]


@pytest.fixture
def main(tiny: Path, capsys: pytest.CaptureFixture[str]) -> Main:
    """Run the program in this process: exit code, standard output, standard error."""

    def main(*args: str, model: bool = True) -> tuple[int, str, str]:
        try:
            code = cli.main([*(["--artifacts", str(tiny)] if model else []), *args])
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return main


def test_each_argument_gets_one_line(main: Main) -> None:
    assert main("good day", "two\nlines bad", "", "--format=tsv") == (
        0,
        "positive\t0.88079708\tgood day\nnegative\t0.95257413\ttwo\\nlines bad\n\t\t\n",
        "",
    )


@pytest.mark.parametrize(
    ("name", "command"),
    [("my reviews.csv", "--input '{}' --output -"), ("notes", "< {}")],
)
def test_a_text_that_is_the_name_of_a_file_gets_a_hint(
    main: Main, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("text\ngood\n")
    code, out, err = main(name)
    assert (code, out.count("\n")) == (0, 1)
    assert f"{name} is a file" in err
    assert f"sentiment-repl {command.format(name)}\n" in err
    assert "is a file" not in main(name, "good")[2]
    assert main("-q", name)[2] == ""


def test_words_without_quotes_get_a_hint_on_a_terminal(
    main: Main, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main("good", "day") == (0, main("good")[1] + main("day")[1], "")
    monkeypatch.setattr(cli, "_is_terminal", lambda stream: stream is sys.stderr)
    code, out, err = main("good", "day")
    assert (code, out.count("\n")) == (0, 2)
    assert "2 texts were read, one a word; quotes" in err
    assert main("good day", "bad")[2] == ""


def test_a_text_may_start_with_a_dash_after_two(main: Main) -> None:
    assert main("--", "-good")[0] == 0
    assert "after --" in main("-good")[2]


def test_a_dash_is_standard_input_and_stands_alone(run: Run, tiny: Path, main: Main) -> None:
    options = ["--artifacts", str(tiny)]
    assert run(*options, "-", stdin=b"good").stdout.startswith(b"positive")
    assert run(*options, "good", stdin=b"bad\nbad\n").stdout.count(b"\n") == 1
    assert main("-", "good")[0] == 2


@pytest.mark.parametrize(
    "args",
    [
        ["--format", "xml"],
        ["--title\x1b]0;owned\x07"],
        ["--model", "a", "--artifacts", "b"],
        ["--model", "bert", "x"],
        ["--input", "in.csv"],
        ["--output", "out.csv"],
        ["--column", "text"],
        ["--input", "in.csv", "--output", "out.csv", "a text"],
        ["--input", "in.csv", "--output", "out.csv", "-"],
        ["--input", "in.csv", "--output", "out.csv", "--format", "text"],
        ["--input-format", "csv"],
        ["--delimiter", ";"],
        ["--no-header"],
        ["--encoding", "utf-8", "a text"],
        ["--encoding", "utf-99"],
        ["--input", "in.csv", "--output", "out.csv", "--delimiter", ";;"],
        ["--input", "in.csv", "--output", "out.csv", "--input-format", "pdf"],
    ],
)
def test_wrong_usage_is_2(main: Main, args: list[str]) -> None:
    code, out, message = main(*args, model=False)
    assert (code, out) == (2, "")
    assert "\nsentiment-repl: " in f"\n{message}"
    assert message.replace("\n", "").isprintable()


def test_an_unusable_model_folder_is_2(
    main: Main, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny / "model.weights.h5").write_bytes(b"garbage")
    code, out, message = main("good")
    assert (code, out) == (2, "")
    assert message.count("\n") == 1
    monkeypatch.setenv(model_folder.ENVIRONMENT_VARIABLE, str(tiny))
    assert main("good", model=False)[0] == 2
    assert main("--model", "article", "good", model=False)[0] == 0


def test_interrupted_while_loading_is_130(main: Main, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model_folder, "read_model", interrupt)
    assert main("good") == (130, "", "")


def test_help_names_what_the_program_knows(main: Main) -> None:
    code, text, _ = main("--help", model=False)
    assert code == 0
    for name in (*ENDINGS, *TEXT_NAMES, *render.FORMATS, *model_folder.shipped_models()):
        assert name in text
    assert "scripts/" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_explained_results(main: Main) -> None:
    expected = "negative sentiment; 73.105858% confidence; words: good +2.00 | bad -3.00\n"
    assert main("--explain", "good bad")[1] == expected
    (word,) = json.loads(main("--explain", "--format", "jsonl", "good")[1])["contributions"]
    assert (word["word"], word["start"], word["end"]) == ("good", 0, 4)


def test_three_labels_in_every_format(main: Main, tiny_neutral: Path) -> None:
    options = ["--artifacts", str(tiny_neutral), "table good"]
    assert main(*options, model=False)[1] == "neutral sentiment; 86.681333% confidence\n"
    assert main(*options, "--format=tsv", model=False)[1] == "neutral\t0.86681333\ttable good\n"
    result = json.loads(main(*options, "--format=jsonl", model=False)[1])
    assert (result["label"], result["confidence"]) == ("neutral", 0.86681333)
    assert list(result["probabilities"]) == ["negative", "neutral", "positive"]
    assert sum(result["probabilities"].values()) == pytest.approx(1)


def test_no_neutral_in_every_mode(run: Run, tiny_neutral: Path, tmp_path: Path) -> None:
    options = ["--artifacts", str(tiny_neutral), "--no-neutral"]
    sentence = b"positive sentiment; 88.079708% confidence\n"
    assert run(*options, "table good").stdout == sentence
    assert run(*options, stdin=b"table good").stdout == sentence
    (tmp_path / "in.csv").write_text("text\ntable good\n")
    table = run(*options, "--input", str(tmp_path / "in.csv"), "--output", "-").stdout
    assert table.splitlines()[1] == b"table good,positive,0.88079708,false"


def test_a_model_with_two_labels_ignores_no_neutral(main: Main) -> None:
    for format in render.FORMATS:
        options = ["--format", format, "good day", "bad"]
        assert main("--no-neutral", *options) == main(*options)


@pytest.mark.skipif(os.name == "nt", reason="arguments are Unicode on Windows")
def test_an_argument_that_is_not_text_in_an_ascii_locale(tiny: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny, "-q", b"good \xff", "good ❤"],
        capture_output=True,
        cwd=REPOSITORY,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"positive sentiment") == 2
