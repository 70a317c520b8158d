"""Pipes, files and disks that break at any moment while the real program classifies."""

import contextlib
import itertools
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import REPOSITORY, bag_model
from tests.fuzz.conftest import assert_one_sentence, share

pytestmark = pytest.mark.slow
# 64,000 lines that all differ from their neighbours.
TEXTS = [" ".join(words) for words in itertools.product(["good", "bad", "day", "zzz"], repeat=8)]
CONTENT = "".join(f"{text}\n" for text in TEXTS).encode()
NUMBERS = st.sampled_from([signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
GAPS = st.sampled_from([0, 0.002, 0.03])  # seconds
# A held Ctrl-C, a parent that forwards it, a session that ends, an impatient user.
BURSTS = st.lists(st.tuples(NUMBERS, GAPS), max_size=3)
MOMENTS = st.floats(0, 0.6)  # seconds of work
SIZES = st.integers(0, 2**20)  # bytes
STREAMS = [["", "<&-"], ["", ">&-", ">/dev/full"], ["", "2>&-", "2>/dev/full"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streams")
    bag_model(folder / "model", {"good": 2, "bad": -3, "day": 0})
    (folder / "in.txt").write_bytes(CONTENT)
    return folder


def send(process: "subprocess.Popen[bytes]", burst: list[tuple[int, float]]) -> list[int]:
    """Send signals; return the exit codes that may follow."""
    for number, gap in burst:
        process.send_signal(number)
        time.sleep(gap)
    # A process dies of a signal that comes before its handlers or after them.
    return [130, *(-number for number, _ in burst)] if burst else []


def start(folder: Path, *args: str, **kwargs: Any) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "sentiment_repl", "--artifacts", str(folder / "model"), *args]
    return subprocess.Popen(command, stderr=subprocess.PIPE, cwd=REPOSITORY, **kwargs)


@pytest.mark.parametrize("redirections", [*itertools.product(*STREAMS)], ids=" ".join)
def test_standard_streams_that_are_closed_or_full(folder: Path, redirections: list[str]) -> None:
    command = (
        f"{sys.executable} -m sentiment_repl --artifacts {folder}/model {' '.join(redirections)}"
    )
    text = b"good day\nzzz \xff\n"
    done = subprocess.run(command, shell=True, input=text, capture_output=True, cwd=REPOSITORY)
    works = redirections[:2] == ("", "")
    assert (done.returncode, done.stdout.count(b"\n")) == ((0, 2) if works else (1, 0))
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


@share(20)
@given(st.lists(SIZES), st.booleans(), SIZES | st.just(-1), BURSTS, MOMENTS)
def test_pipes(folder, pieces, is_blocking, size, burst, moment) -> None:
    """Pieces of any size come, a reader leaves after ``size`` bytes, and signals arrive."""
    (source, feed), (drain, sink) = os.pipe(), os.pipe()
    for end in (source, sink):
        os.set_blocking(end, is_blocking)
    process = start(folder, "--format", "tsv", stdin=source, stdout=sink)
    for end in (source, sink):
        os.close(end)

    def write_pieces() -> None:
        begin = 0
        with contextlib.suppress(BrokenPipeError), open(feed, "wb", buffering=0) as pipe:
            for piece in itertools.chain(pieces, itertools.repeat(len(CONTENT))):
                begin += pipe.write(CONTENT[begin : begin + piece])  # perhaps only a part of it
                if begin == len(CONTENT):
                    break
                time.sleep(0.03)  # the program finds the pipe empty

    threading.Thread(target=write_pieces).start()
    with open(drain, "rb") as pipe:
        out = pipe.read(1)
        time.sleep(moment)  # the program finds the pipe full
        codes = send(process, burst)
        out += pipe.read(size)
    assert process.communicate()[1] == b""
    found = [line.rpartition(b"\t")[2].decode() for line in out.split(b"\n")[:-1]]
    assert found == TEXTS[: len(found)]
    # A signal may still come when all is done, while Python ends.
    if found != TEXTS:
        assert process.returncode in codes or len(out) == size + 1


@share(20)
@given(st.just(2**30) | SIZES, BURSTS, MOMENTS)
def test_an_output_file_is_whole_or_absent(folder, room, burst, moment) -> None:
    """The disk is full after ``room`` bytes, and signals arrive."""
    path = folder / "out.csv"
    path.write_bytes(b"old")
    args = ["-q", "--input", str(folder / "in.txt"), "--output", str(path)]
    limit = (resource.RLIMIT_FSIZE, (room, room))
    # The limit would also hit the data file of coverage.
    env = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    process = start(folder, *args, env=env, preexec_fn=lambda: resource.setrlimit(*limit))
    while process.poll() is None and not list(folder.glob(".*.part")):
        time.sleep(0.001)
    time.sleep(moment)
    codes = send(process, burst)
    err, written = process.communicate()[1].decode(), path.read_bytes()
    if written == b"old":
        assert process.returncode in codes if room == 2**30 else process.returncode
    else:
        assert (err, written.count(b"\n")) == ("", len(TEXTS) + 1)
    if process.returncode == 1:
        assert_one_sentence(err)
    for part in folder.glob(".*.part"):
        assert process.returncode == -signal.SIGKILL
        part.unlink()


@share(20)
@given(st.floats(0, 0.4), BURSTS.filter(bool), st.booleans())
def test_a_start(folder, moment, burst, reads_file) -> None:
    """Signals arrive while Python starts, modules are imported and the model is read."""
    path = folder / "started.csv"
    path.write_bytes(b"old")
    args = ["--input", str(folder / "in.txt"), "--output", str(path)] if reads_file else ["good"]
    process = start(folder, *args, stdout=subprocess.PIPE)
    time.sleep(moment)
    codes = send(process, burst)
    err = process.communicate()[1]
    # Before the program itself runs, Python prints a traceback of its own modules.
    assert not re.search(rb"sentiment_repl/(?!__(init|main)__)|Exception ignored", err)
    assert process.returncode in [0, *codes, *([1] if b"KeyboardInterrupt" in err else [])]
    written = path.read_bytes()
    assert written == b"old" or (reads_file and written.count(b"\n") == len(TEXTS) + 1)
    assert written != b"old" or not reads_file or process.returncode
    for part in folder.glob(".*.part"):
        assert process.returncode == -signal.SIGKILL
        part.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of the address space")
@share(10)
@given(st.integers(24, 400), st.sampled_from(["arguments", "pipe", "file"]), st.booleans())
def test_too_little_memory(folder, megabytes, mode, explain) -> None:
    path = folder / "small.csv"
    path.unlink(missing_ok=True)
    args = {"arguments": ["good"] * 99, "pipe": ["-"],
            "file": ["-q", "--input", str(folder / "in.txt"), "--output", str(path)]}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", *["--explain"][:explain], *args[mode]],
        input="".join(f"{text}\n" for text in TEXTS[:999]).encode(),
        capture_output=True,
        cwd=REPOSITORY,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20,) * 2),
    )
    if done.returncode != -signal.SIGSEGV:  # OpenBLAS without memory may crash in a product
        assert done.returncode in (0, 1)
    if done.returncode == 1:
        # One sentence: of this program, or of threads of OpenBLAS, which ends the process itself.
        (sentence,) = set(done.stderr.splitlines())
        assert re.match(rb"(sentiment-repl|OpenBLAS error): ", sentence)
    assert path.exists() == (mode == "file" and not done.returncode)
