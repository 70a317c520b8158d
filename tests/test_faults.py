"""Faults around the program: closed and full outputs, signals, no network."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment_repl import runtime
from tests.conftest import REPOSITORY, Run

if sys.platform == "win32":
    pytest.skip("these faults are those of a Unix system", allow_module_level=True)

RESULT = b"positive\t0.88079708\twhat a good day\n"
PROGRAM = [sys.executable, "-m", "sentiment_repl"]


def start(tiny: Path, **kwargs: object) -> "subprocess.Popen[bytes]":
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [*PROGRAM, "--artifacts", tiny, "--format", "tsv"]
    return subprocess.Popen(command, cwd=REPOSITORY, **{**options, **kwargs})


@pytest.mark.parametrize("reader_leaves", [True, False])
def test_a_closed_pipe_is_0_and_an_interrupt_130(tiny: Path, reader_leaves: bool) -> None:
    with start(tiny) as program:
        program.stdin.write(b"good\n")
        program.stdin.flush()
        assert program.stdout.readline()  # it is running
        if reader_leaves:
            program.stdout.close()
            program.stdin.write(b"good\n" * 1000)
            program.stdin.close()
        else:
            program.send_signal(signal.SIGINT)
        assert program.wait(10) == (0 if reader_leaves else 130)
        assert program.stderr.read() == b""


def test_input_that_cannot_be_read_is_1(tiny: Path, tmp_path: Path) -> None:
    with open(tmp_path / "for writing only", "wb") as stdin, start(tiny, stdin=stdin) as program:
        out, message = program.communicate(timeout=60)
    assert (program.returncode, out) == (1, b"")
    assert message.count(b"\n") == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_disk_that_fills_up_is_1_and_what_was_written_is_right(
    tiny: Path, tmp_path: Path, unbuffered: str
) -> None:
    import resource

    limits = (1000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    # The file of the coverage measurement would not fit on the disk either.
    environment = {name: os.environ[name] for name in os.environ if "COVERAGE" not in name}
    kwargs = {
        "env": {**environment, "PYTHONUNBUFFERED": unbuffered},
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
    }
    with open(tmp_path / "out", "wb") as out, start(tiny, stdout=out, **kwargs) as program:
        _, message = program.communicate(b"what a good day\n" * 100, timeout=60)
    assert program.returncode == 1
    assert message.count(b"\n") == 1
    assert (tmp_path / "out").read_bytes() == (RESULT * 100)[:1000]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_that_cannot_be_written_is_1(option: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*PROGRAM, option], stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("args", "code", "out"),
    [
        (["--output", "-", "--input", "in.csv"], 1, 2),
        (["--output", "-", "--input", "bad.csv"], 1, 1),
        (["--output", "-", "--input", "nowhere.csv"], 1, 0),
        (["--format", "xml"], 2, 0),
        (["good zebra"], 0, 1),
    ],
)
def test_complaints_that_cannot_be_written_are_dropped(
    tiny: Path, tmp_path: Path, args: list[str], code: int, out: int
) -> None:
    (tmp_path / "in.csv").write_text('text\ngood\n"bad\n')
    (tmp_path / "bad.csv").write_text('text\n"bad\n')
    command = [*PROGRAM, "--artifacts", str(tiny), *args]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=-1, stderr=full, cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout.count(b"\n")) == (code, out)


def test_control_c_waits_for_what_cannot_be_interrupted() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), runtime.deferred_interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        done.append(True)
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# The interpreter runs this first. Every attempt to reach another machine ends the process.
@pytest.mark.usefixtures("offline")
def test_nothing_goes_over_the_network(run: Run, tiny: Path, tmp_path: Path) -> None:
    attempt = "import socket; socket.create_connection(('127.0.0.1', 9))"
    assert subprocess.run([sys.executable, "-c", attempt], capture_output=True).returncode == 99
    (tmp_path / "in.csv").write_text("text\nhttp://example.org good\n")
    for arguments in (
        ["good http://example.org"],
        ["-"],
        ["--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv"],
    ):
        done = run("--artifacts", tiny, "--explain", *arguments, stdin=b"good\n@bad http://x.org\n")
        assert done.returncode == 0, done.stderr
