import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment_repl import model_folder, cli, render
from tests.conftest import REPOSITORY, Run


def test_each_argument_gets_one_line(run: Run, tiny: Path) -> None:
    done = run("--artifacts", str(tiny), "good day", "two\nlines bad", "", "--format=tsv")
    assert done.stdout.decode().splitlines() == [
        "positive\t0.88079708\tgood day",
        "negative\t0.95257413\ttwo\\nlines bad",
        "\t\t",
    ]
    assert done.returncode == 0


def test_a_text_may_start_with_a_dash_after_two(run: Run, tiny: Path) -> None:
    assert run("--artifacts", str(tiny), "--", "-good").returncode == 0
    refused = run("--artifacts", str(tiny), "-good")
    assert refused.returncode == 2
    assert b"after --" in refused.stderr


def test_a_dash_is_standard_input_and_stands_alone(run: Run, tiny: Path) -> None:
    assert run("--artifacts", str(tiny), "-", stdin=b"good").stdout.startswith(b"positive")
    assert run("--artifacts", str(tiny), "-", "good").returncode == 2


def test_arguments_leave_standard_input_alone(run: Run, tiny: Path) -> None:
    assert len(run("--artifacts", str(tiny), "good", stdin=b"bad\nbad\n").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    "args",
    [
        ["--format", "xml"],
        ["--nonsense"],
        ["--model", "a", "--artifacts", "b"],
        ["--model", "bert", "x"],
    ],
)
def test_wrong_usage_is_2(run: Run, args: list[str]) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr and b"Traceback" not in done.stderr


def test_an_unusable_model_folder_is_2(
    run: Run, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny / "model.weights.h5").write_bytes(b"garbage")
    done = run("--artifacts", str(tiny), "good")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().count("\n") == 1
    monkeypatch.setenv("SENTIMENT_REPL_ARTIFACTS", str(tiny))
    assert run("good").returncode == 2
    assert run("--model", "article", "good").returncode == 0


def test_an_argument_that_is_no_text(run: Run, tiny: Path) -> None:
    if os.name == "nt":
        pytest.skip("arguments are Unicode on Windows")
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny, b"good \xff"],
        capture_output=True,
        cwd=REPOSITORY,
    )
    assert done.stdout.startswith(b"positive")
    assert done.returncode == 0


def test_ascii_locale(run: Run, tiny: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run(
        "--artifacts", str(tiny), "--format", "tsv", stdin="good café ❤".encode(), env=environment
    )
    assert done.stdout.decode() == "positive\t0.88079708\tgood café ❤\n"


def start(tiny: Path, **kwargs: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny, "--format", "tsv"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
        **kwargs,
    )


def test_a_closed_pipe_ends_quietly(tiny: Path) -> None:
    with start(tiny, stdout=subprocess.PIPE) as program:
        assert program.stdin and program.stdout and program.stderr
        program.stdin.write(b"good\n")
        program.stdin.flush()
        program.stdout.readline()
        program.stdout.close()
        program.stdin.write(b"good\n" * 1000)
        program.stdin.close()
        assert program.wait(10) == 0
        assert program.stderr.read() == b""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_interrupted_is_130(tiny: Path) -> None:
    with start(tiny, stdout=subprocess.PIPE) as program:
        assert program.stdin and program.stdout and program.stderr
        program.stdin.write(b"good\n")
        program.stdin.flush()
        assert program.stdout.readline()  # it is at work
        program.send_signal(signal.SIGINT)
        assert program.wait(10) == 130
        assert program.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_1(tiny: Path) -> None:
    with open("/dev/full", "wb") as full, start(tiny, stdout=full) as program:
        assert program.stdin and program.stderr
        program.stdin.write(b"good\n")
        program.stdin.close()
        complaint = program.stderr.read().decode()
        assert program.wait(10) == 1
    assert complaint.count("\n") == 1 and "space" in complaint


@pytest.mark.skipif(os.name == "nt", reason="Windows opens no file without reading")
def test_input_that_cannot_be_read_is_1(tiny: Path, tmp_path: Path) -> None:
    with open(tmp_path / "for writing only", "wb") as stdin:
        done = subprocess.run(
            [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny],
            stdin=stdin,
            capture_output=True,
            cwd=REPOSITORY,
        )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().count("\n") == 1


def test_interrupted_while_loading_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(artifacts, "read", load)
    assert cli.main(["good"]) == 130


def test_every_format_can_be_asked_for(run: Run, tiny: Path) -> None:
    for format in render.FORMATS:
        assert run("--artifacts", str(tiny), "--format", format, "good").returncode == 0


def test_help_and_version(run: Run) -> None:
    assert run("--help").returncode == run("--version").returncode == 0


def test_an_explained_answer_is_one_line(run: Run, tiny: Path) -> None:
    asked = ["--artifacts", str(tiny), "--explain"]
    assert run(*asked, stdin=b"good bad\nyak\n").stdout.decode().splitlines() == [
        "negative sentiment; 73.105858% confidence; words: good +2.00 | bad -3.00",
        render.CANNOT_TELL,
    ]
    done = run(*asked, "--format", "jsonl", "good")
    (effect,) = json.loads(done.stdout)["word_effects"]
    assert (effect["word"], effect["start"], effect["end"]) == ("good", 0, 4)


def test_a_wrong_option_does_not_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--title\x1b]0;owned\x07", "x"])
    assert "--title\\x1b]0;owned\\x07" in capsys.readouterr().err
