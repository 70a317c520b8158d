"""What breaks around the program, and what it may not cost; the long form is scripts/stress.py."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sentiment_repl import runtime
from tests.conftest import REPOSITORY, Run

if sys.platform == "win32":
    pytest.skip("these faults are those of a Unix system", allow_module_level=True)

SENTENCE = b"what a good day\n"
ANSWER = b"positive\t0.88079708\twhat a good day\n"
UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"])


def test_what_is_said_never_joins_the_answers(tiny: Path) -> None:
    for arguments, answers in (("-- good", 1), ("- < bytes", 1), ("--nonsense", 0)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{sys.executable} -m sentiment_repl --artifacts . {arguments} 2>&-"],
            stdout=subprocess.PIPE,
            cwd=_with_bytes(tiny),
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        assert done.stdout.count(b"\n") == done.stdout.count(b"sentiment;") == answers


def _with_bytes(tiny: Path) -> Path:
    (tiny / "bytes").write_bytes(b"good \xff\n")
    return tiny


@UNBUFFERED
def test_pipes_that_another_program_made_non_blocking(tiny: Path, unbuffered: str) -> None:
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    os.set_blocking(in_read, False)
    os.set_blocking(out_write, False)
    program = subprocess.Popen(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny, "--format", "tsv"],
        stdin=in_read,
        stdout=out_write,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    os.close(in_read)
    os.close(out_write)

    def feed() -> None:
        with open(in_write, "wb") as pipe:
            time.sleep(1)  # it finds the pipe empty
            pipe.write(SENTENCE * 10_000)

    threading.Thread(target=feed).start()
    with open(out_read, "rb") as pipe:
        out = pipe.read(1)
        time.sleep(0.5)  # it finds the pipe full
        out += pipe.read()
    assert program.communicate(timeout=60)[1] == b"" and program.returncode == 0
    assert out == ANSWER * 10_000


@UNBUFFERED
def test_a_disk_that_fills_up_is_1_and_what_is_there_is_right(
    tiny: Path, tmp_path: Path, unbuffered: str
) -> None:
    import resource

    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open(tmp_path / "out", "wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny, "--format", "tsv"],
            input=SENTENCE * 100,
            stdout=out,
            stderr=subprocess.PIPE,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limit[1])),
        )
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert (tmp_path / "out").read_bytes() == (ANSWER * 100)[:1000]


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_that_cannot_be_written(run: Run, option: str) -> None:
    command = [sys.executable, "-m", "sentiment_repl", option]
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with open("/dev/full" if Path("/dev/full").exists() else os.devnull, "wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, cwd=REPOSITORY, env=environment
        )
    if full.name == "/dev/full":
        assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        command, stdout=write_end, stderr=subprocess.PIPE, cwd=REPOSITORY, env=environment
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


def test_control_c_waits_for_what_cannot_be_interrupted() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), runtime.postponed():
        os.kill(os.getpid(), signal.SIGINT)
        done.append(True)
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# What the interpreter runs first: every way to another machine ends the process at once.
NO_NETWORK = """
import os, sys
def hook(event, args):
    if event == "socket.__new__" and args[1] == 1 or event == "socket.gethostname":
        return  # AF_UNIX: the two ends with which asyncio wakes itself
    if event.startswith(("socket.", "urllib.", "http.client.", "ftplib.", "smtplib.")):
        os.write(2, f"NETWORK {event}".encode())
        os._exit(99)
sys.addaudithook(hook)
"""


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program that is started here can open a socket and live."""
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "sitecustomize.py").write_text(NO_NETWORK)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'offline'}:{REPOSITORY}")


def test_the_guard_guards(offline: None) -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 99


@pytest.mark.usefixtures("offline")
def test_nothing_goes_over_the_network(run: Run, tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nhttp://example.org good\n")
    for arguments in (
        ["good http://example.org"],
        ["-"],
        ["--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv"],
    ):
        done = run("--artifacts", tiny, "--explain", *arguments, stdin=b"good\n@bad http://x.org\n")
        assert done.returncode == 0, done.stderr
