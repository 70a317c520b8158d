"""Pipes, files and disks that break at any moment while the real program classifies."""

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl import load, render
from tests.conftest import REPOSITORY, bag_model
from tests.fuzz.conftest import assert_one_sentence, share

pytestmark = pytest.mark.slow
TEXTS = [" ".join(random.Random(n).choices(["good", "bad", "day", "zzz"], k=6)) for n in range(60_000)]
CONTENT = "".join(f"{text}\n" for text in TEXTS).encode()
# After a signal: the exit code of a program that handles it, and of one that does not.
SIGNALS = {None: [], signal.SIGINT: [130], signal.SIGKILL: [-signal.SIGKILL],
           signal.SIGTERM: [130, -signal.SIGTERM], signal.SIGHUP: [130, -signal.SIGHUP]}  # fmt: skip
MOMENTS = st.floats(0, 0.6)  # seconds after the work began
BYTES = st.integers(0, 2**20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streams")
    bag_model(folder / "model", {"good": 2, "bad": -3, "day": 0})
    (folder / "in.txt").write_bytes(CONTENT)
    return folder


@pytest.fixture(scope="module")
def expected(folder: Path) -> bytes:
    answers = load(folder=folder / "model").classify_batch(TEXTS)
    return "".join(f"{render.to_tsv(answer)}\n" for answer in answers).encode()


def start(folder: Path, *args: str, **kwargs: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "sentiment_repl", "--artifacts", folder / "model", *args]
    return subprocess.Popen(command, stderr=subprocess.PIPE, cwd=REPOSITORY, **kwargs)


@share(20, shrinks=False)
@given(st.lists(st.sampled_from(["open", "closed", "full"]), min_size=3, max_size=3))
def test_standard_streams_that_are_closed_or_full(folder: Path, states: list[str]) -> None:
    def prepare() -> None:
        for number, state in enumerate(states):
            if state == "closed":
                os.close(number)
            elif state == "full" and number:
                os.dup2(os.open("/dev/full", os.O_WRONLY), number)

    pipe = subprocess.PIPE
    process = start(folder, stdin=pipe, stdout=pipe, preexec_fn=prepare)
    out, err = process.communicate(b"good day\nzzz \xff\n")
    works = states[0] != "closed" and states[1] == "open"
    assert (process.returncode, out.count(b"\n")) == ((0, 2) if works else (1, 0))
    assert b"Traceback" not in err
    assert b"Exception" not in err


@share(20, shrinks=False)
@given(
    st.lists(st.integers(1, 2**18)), st.booleans(), BYTES | st.just(-1), st.sampled_from([*SIGNALS]), MOMENTS
)  # fmt: skip
def test_pipes(folder, expected, pieces, is_blocking, size, number, moment) -> None:
    """Pieces of any size come, a reader leaves after ``size`` bytes, and a signal arrives."""
    (source, feed), (drain, sink) = os.pipe(), os.pipe()
    os.set_blocking(source, is_blocking)
    os.set_blocking(sink, is_blocking)
    process = start(folder, "--format", "tsv", stdin=source, stdout=sink)
    os.close(source)
    os.close(sink)

    def write_pieces() -> None:
        begin = 0
        with contextlib.suppress(BrokenPipeError), open(feed, "wb", buffering=0) as pipe:
            for piece in [*pieces, len(CONTENT)]:
                begin += pipe.write(CONTENT[begin : begin + piece])

    threading.Thread(target=write_pieces).start()
    with open(drain, "rb") as pipe:
        out = pipe.read(1)
        if number is not None:
            threading.Timer(moment, process.send_signal, [number]).start()
        out += pipe.read(size)
    assert (process.stderr.read(), expected.startswith(out)) == (b"", True)
    assert process.wait() in (0, *SIGNALS[number])
    assert process.returncode or out == (expected if size < 0 else expected[: size + 1])


@share(20, shrinks=False)
@given(st.none() | BYTES, st.sampled_from([*SIGNALS]), MOMENTS)
def test_an_output_file_is_whole_or_absent(folder: Path, room: int | None, number, moment) -> None:
    """The disk is full after ``room`` bytes, and a signal arrives."""
    path = folder / "out.csv"
    path.write_bytes(b"old")
    limit = resource.RLIM_INFINITY if room is None else room
    limits = (resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    args = ["-q", "--input", folder / "in.txt", "--output", path]
    process = start(folder, *args, preexec_fn=lambda: resource.setrlimit(*limits))
    while process.poll() is None and not list(folder.glob(".*.part")):
        time.sleep(0.001)
    if number is not None:
        time.sleep(moment)
        process.send_signal(number)
    err = process.communicate()[1].decode()
    if process.returncode == 0:
        assert path.read_bytes().count(b"\n") == len(TEXTS) + 1
        return
    assert path.read_bytes() == b"old"
    assert process.returncode in SIGNALS[number] or room is not None
    if process.returncode == 1:
        assert_one_sentence(err)
    for part in folder.glob(".*.part"):
        assert process.returncode == -signal.SIGKILL
        part.unlink()
