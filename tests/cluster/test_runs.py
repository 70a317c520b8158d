"""The whole program, with processes that end before their time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

psutil = pytest.importorskip("psutil", reason='needs the extra "cluster"')
pa = pytest.importorskip("pyarrow", reason='needs the extra "cluster"')
pytest.importorskip("distributed", reason='needs the extra "cluster"')

import pyarrow.parquet as pq  # noqa: E402

from sentiment_repl.errors import Exit  # noqa: E402
from tests.conftest import REPOSITORY  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="sends signals of Unix"),
]

FILES, ROWS = 40, 2000  # of each file
SECONDS = 300  # of patience with a machine that has other work

Program = subprocess.Popen[bytes]
Start = Callable[..., Program]


@pytest.fixture
def start(tiny: Path, tmp_path: Path) -> Iterator[Start]:
    """Start the program on files of numbered rows. It leads a process group."""
    (tmp_path / "in").mkdir()
    for file in range(FILES):
        ids = range(file * ROWS, (file + 1) * ROWS)
        table = pa.table({"id": ids, "text": [f"good day {row}" for row in ids]})
        pq.write_table(table, tmp_path / "in" / f"{file:02d}.parquet")
    started: list[Program] = []

    def start(workers: int) -> Program:
        command = [sys.executable, "-m", "sentiment_repl.cluster", f"{tmp_path}/in/*.parquet"]
        command += ["--output", f"{tmp_path}/out", "--workers", str(workers)]
        program = subprocess.Popen(
            [*command, "--artifacts", tiny],
            cwd=REPOSITORY,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(program)
        return program

    yield start
    for program in started:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()


def wait_for_output(program: Program, folder: Path) -> None:
    """Wait until the first partitions are written."""
    deadline = time.monotonic() + SECONDS
    while not list(folder.glob("*.parquet")):
        assert program.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)


def worker_processes(program: Program) -> list[Any]:
    children = psutil.Process(program.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def check_output(program: Program, folder: Path) -> str:
    """Check that a run succeeds, and that its output has each row once; return its last line."""
    _, err = program.communicate(timeout=SECONDS)
    assert program.returncode == Exit.DONE, err
    table = pq.read_table(folder)
    assert sorted(table["id"].to_pylist()) == list(range(FILES * ROWS))
    assert set(table["label"].to_pylist()) == {"positive"}
    assert {path.suffix for path in folder.iterdir()} == {".parquet"}
    return err.decode().splitlines()[-1]


def test_a_worker_that_dies_costs_no_row(start: Start, tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = start(workers=2)
    wait_for_output(program, out)
    worker_processes(program)[0].kill()
    last = check_output(program, out)
    assert last.endswith(f"{FILES * ROWS:,} rows: {FILES * ROWS:,} positive")


@pytest.mark.parametrize("sent", ["SIGKILL", "SIGINT", "SIGTERM"])
def test_a_run_that_ends_early_goes_on_where_it_was(
    start: Start, tmp_path: Path, sent: str
) -> None:
    out = tmp_path / "out"
    program = start(workers=1)
    wait_for_output(program, out)
    workers = worker_processes(program)
    if sent == "SIGINT":
        os.killpg(program.pid, signal.SIGINT)  # as a terminal does
    else:
        program.send_signal(getattr(signal, sent))
    _, err = program.communicate(timeout=SECONDS)
    psutil.wait_procs(workers, timeout=SECONDS)
    if sent != "SIGKILL":
        assert program.returncode == Exit.INTERRUPTED
        assert "Traceback" not in err.decode()
        assert err.decode().endswith(f"interrupted; the same command goes on: {out}\n")
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    assert 0 < len(before) < FILES
    last = check_output(start(workers=1), out)
    assert last.endswith(f"; {len(before) * ROWS:,} were there already")
    assert {path: path.stat().st_mtime_ns for path in before} == before
