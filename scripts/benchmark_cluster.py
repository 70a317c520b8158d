#!/usr/bin/env python3
"""Time ``python -m sentiment_repl.cluster`` on this machine, and kill it half-way.

Prints Markdown. Makes Parquet files of real tweets with numbered rows, and scores them with one
worker and with two. Then it kills one of two workers half-way, and a whole run half-way, which the
same command continues. After each run it checks that every row is there once. At the end it
compares 10,000 answers with those of ``sentiment-repl --format jsonl``. Needs a Unix system and
the extra "cluster".
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from sentiment_repl.data.labels import read_labelled
from sentiment_repl.errors import Failure
from sentiment_repl.evaluation.markdown import markdown_table
from sentiment_repl.files.tally import Tally
from sentiment_repl.program import Parser, positive_int, run_program

REPOSITORY = Path(__file__).resolve().parents[1]
ROW_GROUP = 20_000  # rows
COMPARED = 10_000  # answers
SECONDS = 0.25  # between two looks at a run
BILLION, CORES = 1_000_000_000, 100  # of the estimate


class Run(NamedTuple):
    """What a run took."""

    seconds: float
    peak: float
    """MiB of the largest worker."""
    growth: float
    """Its memory in the last quarter of the run, against the second quarter."""


def score(
    data: Path, output: Path, workers: int, half_way: Callable[[psutil.Process], Any] | None = None
) -> Run:
    """Score all files, and call a function when half of them are written."""
    command = [sys.executable, "-m", "sentiment_repl.cluster", f"{data}/*.parquet"]
    command += ["--column", "text", "--output", str(output), "--workers", str(workers)]
    files = len(list(data.iterdir()))
    began = time.perf_counter()
    sizes: list[float] = []
    with subprocess.Popen(command, cwd=REPOSITORY) as process:
        while process.poll() is None:
            time.sleep(SECONDS)
            with suppress(psutil.Error):
                parent = psutil.Process(process.pid)
                sizes.append(max((memory(one) for one in worker_processes(parent)), default=0))
                if half_way and len(list(output.glob("*.parquet"))) >= files / 2:
                    half_way(parent)
                    half_way = None
    quarter = len(sizes) // 4
    second, last = sizes[quarter : 2 * quarter], sizes[3 * quarter :]
    growth = statistics.median(last) / statistics.median(second) if quarter else 1
    return Run(time.perf_counter() - began, max(sizes), growth)


def worker_processes(parent: psutil.Process) -> list[psutil.Process]:
    """Return the processes of Dask's workers, the oldest first."""
    found = [one for one in parent.children(recursive=True) if "spawn_main" in str(one.cmdline())]
    return sorted(found, key=lambda one: one.create_time())


def memory(process: psutil.Process) -> float:
    """Return the resident memory of a process in MiB."""
    with suppress(psutil.Error):
        return float(process.memory_info().rss / 2**20)
    return 0


def check_rows(output: Path, rows: int) -> None:
    """Check that an output has each row once, and with a label if its text has a known word.

    :raises Failure: a row is missing, or there twice.
    """
    ids = sorted(chain.from_iterable(pq.read_table(output, columns=["id"]).to_pydict().values()))
    if ids != list(range(rows)):
        raise Failure(f"{output}: {len(ids):,} rows instead of {rows:,}, or not the same ones")


def make_data(corpus: Path, folder: Path, rows: int, files: int) -> None:
    """Write Parquet files of tweets. The columns are id and text."""
    with Tally() as tally:
        texts = [row.text for row in islice(read_labelled([corpus], tally), rows)]
    source: Iterator[str] = cycle(texts)
    for number in range(files):
        first, end = rows * number // files, rows * (number + 1) // files
        table = pa.table({"id": range(first, end), "text": list(islice(source, end - first))})
        pq.write_table(table, folder / f"tweets-{number:02d}.parquet", row_group_size=ROW_GROUP)


def versions(output: Path) -> dict[str, int]:
    """Return the output files and their times."""
    return {path.name: path.stat().st_mtime_ns for path in output.glob("*.parquet")}


def compare(output: Path) -> str:
    """Compare answers with those of the program's pipe."""
    table = pq.read_table(output, columns=["text", "label", "confidence"]).slice(0, COMPARED)
    rows = [row for row in table.to_pylist() if len(row["text"].splitlines()) == 1]
    lines = "".join(f"{row['text']}\n" for row in rows).encode()
    command = [sys.executable, "-m", "sentiment_repl", "--format", "jsonl"]
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, cwd=REPOSITORY, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    different = sum(row["label"] != answer["label"] for row, answer in zip(rows, answers))
    largest = max(
        abs((row["confidence"] or 0) - (answer["confidence"] or 0))
        for row, answer in zip(rows, answers)
    )
    return (
        f"{len(rows):,} answers against `--format jsonl`: {different} other labels, confidences "
        f"differ by at most {largest:.1e}"
    )


def main() -> int:
    """Run the benchmark and return its exit code."""
    parser = Parser(description=__doc__)
    parser.add_argument(
        "--data", metavar="CORPUS", type=Path, required=True, help="labelled tweets"
    )
    parser.add_argument("--rows", metavar="N", type=positive_int, default=2_000_000)
    parser.add_argument("--files", metavar="N", type=positive_int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir()
        make_data(args.data, data, args.rows, args.files)
        measure(data, folder, args.rows)
    return 0


def measure(data: Path, folder: Path, rows: int) -> None:
    """Print the tables."""
    table = []
    speeds = []
    for workers in (1, 2):
        output = folder / f"workers-{workers}"
        run = score(data, output, workers)
        check_rows(output, rows)
        speeds.append(rows / run.seconds)
        table.append(report(f"{workers} of {workers} workers", rows, run))
    output = folder / "killed-worker"
    run = score(data, output, 2, lambda parent: worker_processes(parent)[0].kill())
    check_rows(output, rows)
    table.append(report("2 workers, `kill -9` of one half-way", rows, run))

    output = folder / "killed-run"
    score(data, output, 2, lambda parent: parent.kill())
    before = versions(output)
    run = score(data, output, 2)
    check_rows(output, rows)
    after = versions(output)
    redone = sum(after[name] != version for name, version in before.items())
    rest = rows * (len(after) - len(before)) // len(after)
    table.append(report(f"the rest after `kill -9` of a run: {redone} files redone", rest, run))
    kept = f"{len(before)} of {len(after)} files were written before the kill"

    print(markdown_table(["run", "time:", "rows/s:", "largest worker:", "its growth:"], table))
    moved = [sum(path.stat().st_size for path in one.rglob("*.parquet")) for one in (data, output)]
    core = min(speeds[0], speeds[1] / 2)
    print(
        f"\nTwo workers: {speeds[1] / speeds[0]:.2f} × the speed of one. {kept}.\n"
        f"{compare(output)}.\n"
        f"Bytes a row: {moved[0] / rows:.0f} read, {moved[1] / rows:.0f} written.\n"
        f"{CORES} such cores would score {BILLION:,} rows in {BILLION / core / CORES / 60:.0f} "
        f"minutes, read {BILLION * moved[0] / rows / 1e9:.0f} GB and write "
        f"{BILLION * moved[1] / rows / 1e9:.0f} GB, if storage keeps up with "
        f"{CORES * core * sum(moved) / rows / 1e6:.0f} MB/s."
    )


def report(name: str, rows: int, run: Run) -> tuple[str, ...]:
    """Return a row of the table."""
    speed = f"{rows / run.seconds:,.0f}"
    return name, f"{run.seconds:.1f} s", speed, f"{run.peak:.0f} MiB", f"{run.growth:.2f} ×"


if __name__ == "__main__":
    run_program(main, "cluster")
