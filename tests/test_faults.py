"""Faults around the program: closed and full outputs, signals, no network."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment_repl import cli, model_folder, runtime
from tests.conftest import REPOSITORY, Run

if sys.platform == "win32":
    pytest.skip("these faults are those of a Unix system", allow_module_level=True)

RESULT = b"positive\t0.88079708\twhat a good day\n"
PROGRAM = [sys.executable, "-m", "sentiment_repl"]


def start(
    tiny: Path, program: "list[str]" = PROGRAM, **kwargs: object
) -> "subprocess.Popen[bytes]":
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [*program, "--artifacts", tiny, "--format", "tsv"]
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
        assert program.wait(60) == (0 if reader_leaves else 130)
        assert program.stderr.read() == b""


@pytest.mark.parametrize(
    "reader",
    [
        "from sentiment_repl.__main__ import command; command()",
        "from pathlib import Path; from sentiment_repl.files.input_file import InputFile;"
        "print(flush=True); list(iter(InputFile(Path('-')).read_block, b''))",
    ],
    ids=["a pipe", "--input -"],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_interrupts_no_read_is_not_lost(tiny: Path, reader: str, number: int) -> None:
    """As one that arrives just before a read. Here another thread receives all signals."""
    code = f"""
import signal, threading
from sentiment_repl import runtime
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [{number:d}])
runtime.end_on_signals()
{reader}
"""
    with start(tiny, program=[sys.executable, "-c", code]) as program:
        program.stdin.write(b"good\n")
        program.stdin.flush()
        assert program.stdout.readline()  # it is running
        program.send_signal(number)
        assert program.wait(60) == 130


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
        (["--output", "-", "--input", "in.csv"], 1, 3),
        (["--output", "-", "--input", "bad.csv"], 1, 2),
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


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), "out of memory"),
        (RuntimeError("can't start new thread"), "out of memory or threads"),
        (
            ImportError("no such symbol\nlong advice", name="numpy"),
            "numpy can't be loaded: no such",
        ),
        (
            PermissionError(13, "Permission denied", "a\x1b]0;x\a"),
            r"a\x1b]0;x\x07: Permission denied",
        ),
        (KeyError("a\x1b]0;x\n"), "unexpected KeyError in test_faults.py, line "),
        (RecursionError("x" * 10_000), "unexpected RecursionError"),
    ],
    ids=repr,
)
def test_every_error_is_one_sentence_and_1(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    sentence: str,
) -> None:
    def fail(folder: Path) -> None:
        raise error

    monkeypatch.setattr(model_folder, "read_model", fail)
    assert cli.main(["good"]) == 1
    out, message = capsys.readouterr()
    assert out == ""
    assert message.startswith(f"sentiment-repl: {sentence}")
    assert message.removesuffix("\n").isprintable() and len(message) < 500


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of the address space")
@pytest.mark.parametrize("megabytes", [40, 64, 100, 120, 130])
@pytest.mark.parametrize("mode", ["pipe", "file"])
def test_too_little_memory_is_one_sentence_and_1(
    run: Run, tmp_path: Path, megabytes: int, mode: str
) -> None:
    import resource

    limit = (resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    (tmp_path / "in.txt").write_text("good\n")
    output = tmp_path / "out.txt"
    args = [] if mode == "pipe" else ["--input", tmp_path / "in.txt", "--output", output, "-q"]
    done = run(*args, stdin=b"good\n", preexec_fn=lambda: resource.setrlimit(*limit))
    if done.returncode:
        assert (done.returncode, done.stdout, output.exists()) == (1, b"", False)
        assert done.stderr.count(b"\n") == 1
    else:
        assert done.stderr == b""
    assert b"Traceback" not in done.stderr


def run_code(code: str, *args: object) -> "subprocess.CompletedProcess[bytes]":
    """Run code and then the program, in a process of its own."""
    code = f"""
import os, signal, sys
{code}
from sentiment_repl.__main__ import command
sys.exit(command())
"""
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, timeout=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("module", ["argparse", "sentiment_repl.render", "numpy", "json.decoder"])
def test_a_signal_during_the_start_ends_the_program(tiny: Path, module: str, number: int) -> None:
    code = f"""
class Finder:
    def find_spec(name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Finder)
"""
    done = run_code(code, "--artifacts", tiny, "good")
    assert done.returncode == 130 or (number != signal.SIGINT and done.returncode == -number)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_second_signal_does_not_disturb_the_end_of_file_mode(
    tiny: Path, tmp_path: Path, first: int, second: int
) -> None:
    """A held Ctrl-C, a parent that forwards it, a session that ends."""
    (tmp_path / "in.txt").write_text("good\n")
    (tmp_path / "out.csv").write_text("old")
    code = f"""
from pathlib import Path
os.fsync = lambda file: os.kill(os.getpid(), {first})
unlink = Path.unlink
def interrupted(path):
    os.kill(os.getpid(), {second})
    unlink(path)
Path.unlink = interrupted
"""
    before = sorted(tmp_path.iterdir())
    args = ["--input", tmp_path / "in.txt", "--output", tmp_path / "out.csv"]
    done = run_code(code, "--artifacts", tiny, *args)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "out.csv").read_text() == "old"


def test_a_signal_after_the_last_line_prints_nothing(tiny: Path) -> None:
    code = "import atexit; atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))"
    done = run_code(code, "--artifacts", tiny, "--format=tsv", "what a good day")
    assert (done.stdout, done.stderr) == (RESULT, b"")


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
