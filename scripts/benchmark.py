#!/usr/bin/env python3
"""Time the program, and compare it with baselines or with another checkout.

Prints Markdown. Parts: "startup", "answer", "keystroke", "throughput", "training" and
"baselines", which trains other systems on human-labelled texts, measures all systems on the files
of --labelled, and takes some minutes. With --against, each measurement alternates between this
checkout and another, so that both meet the same load: trust the ratios. Needs a Unix system and
the extra "bench".
"""

import argparse
import csv
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from sentiment_repl.data.labels import read_labelled
from sentiment_repl.errors import Failure
from sentiment_repl.evaluation.baselines import (
    Score,
    System,
    score,
    train_baselines,
    training_rows,
)
from sentiment_repl.evaluation.markdown import markdown_row, markdown_table
from sentiment_repl.files.tally import Tally
from sentiment_repl.program import Parser, add_file_list, positive_int, run_program

REPOSITORY = Path(__file__).resolve().parents[1]
MODULE = ("-m", "sentiment_repl")
MODELS = ("article", "default")
SENTENCE = "I thought the movie would be great but it was a bit too long for me"
TYPED_LENGTHS = (20, 280, 100_000)  # characters on the line before a key is pressed
MAX_PREVIEW = 300  # a longer line is not answered in one step
TRAINING_ROWS = 20_000
TEXT, TABLE, LABELLED = "tweets.txt", "tweets.csv", "tweets.tsv"  # the same tweets
BATCH = 256  # texts in a training step of the default model
BATCH_TEXTS = 10_000  # in the throughput of a baseline

ANSWER_CODE = """
import sys, time
from sentiment_repl import load
classify = load(sys.argv[1]).classify
classify(sys.argv[2])
answers, began = 0, time.perf_counter()
while (seconds := time.perf_counter() - began) < 2:
    classify(sys.argv[2])
    answers += 1
print(seconds / answers)
"""
PREDICT_CODE = """
import sys
from sentiment_repl import load
load(sys.argv[1]).predict(open(sys.argv[2], encoding="utf-8"))
"""
BUSY_CODE = "while True: pass"
ONE_THREAD = "OPENBLAS_NUM_THREADS"
THREAD_VARIABLES = (ONE_THREAD, "MKL_NUM_THREADS", "OMP_NUM_THREADS")


class Measurement(NamedTuple):
    """One row of the table."""

    name: str
    measure: Callable[[Path], Sequence[float]]
    """Measures a checkout once."""
    formats: tuple[str, ...]
    """A format string for each value."""
    times: int = 1


def startup(_: Path) -> Iterator[Measurement]:
    """Measure from the start of the process to an empty prompt."""

    def measure(checkout: Path) -> tuple[float, ...]:
        began = time.perf_counter()
        with open_prompt(checkout):
            return (time.perf_counter() - began,)

    yield Measurement("start to prompt", measure, ("{:.3f} s",), times=7)


def answer(_: Path) -> Iterator[Measurement]:
    """Measure one answer of the program, start included, and answers of the Python API.

    The API is measured as programs call it: no variable limits the threads of BLAS. A second
    value has that limit, and a third one a busy process on each core.
    """

    def measure_first(model: str, checkout: Path) -> tuple[float, ...]:
        return run_python(checkout, *MODULE, "--model", model, SENTENCE)[:1]

    def measure_once(model: str, checkout: Path, **variables: str) -> float:
        with tempfile.NamedTemporaryFile() as file:
            output = Path(file.name)
            arguments = ("-c", ANSWER_CODE, model, SENTENCE)
            run_python(checkout, *arguments, stdout=output, **variables)
            return 1e3 * float(output.read_text())

    def measure_api(model: str, checkout: Path) -> tuple[float, ...]:
        alone = measure_once(model, checkout)
        limited = measure_once(model, checkout, **{ONE_THREAD: "1"})
        with busy_cores():
            return alone, limited, measure_once(model, checkout)

    for model in MODELS:
        name = f"start to first answer, `{model}`"
        yield Measurement(name, partial(measure_first, model), ("{:.3f} s",), times=7)
        name = f"one answer in Python, `{model}`; with {ONE_THREAD}=1; on busy cores"
        yield Measurement(name, partial(measure_api, model), ("{:.3f} ms",) * 3, times=5)


def keystroke(_: Path) -> Iterator[Measurement]:
    """Measure from a key to its letter on the screen, and to the label and colours."""

    def measure(model: str, length: int, checkout: Path) -> Sequence[float]:
        with open_prompt(checkout, "--model", model) as terminal:
            return type_letters(terminal, length)

    for model in MODELS:
        for length in TYPED_LENGTHS:
            what, values = ("drawn, and answered", 2) if length <= MAX_PREVIEW else ("drawn", 1)
            name = f"a key after {length:,} characters, `{model}`: {what}"
            formats = ("{:.1f} ms",) * values
            yield Measurement(name, partial(measure, model, length), formats, times=3)


def throughput(tweets: Path) -> Iterator[Measurement]:
    """Measure a pipe, ``predict`` in Python, and a table, with their peak memory."""
    text, table = tweets / TEXT, tweets / TABLE
    lines = text.read_bytes().count(b"\n")

    def measure(arguments: Sequence[str], stdin: Path, checkout: Path) -> tuple[float, ...]:
        seconds, memory = run_python(checkout, *MODULE, *arguments, stdin=stdin)
        return lines / seconds, memory

    def measure_predict(model: str, checkout: Path) -> tuple[float, ...]:
        seconds, memory = run_python(checkout, "-c", PREDICT_CODE, model, str(text))
        return lines / seconds, memory

    formats = ("{:,.0f} lines/s", "{:.0f} MiB")
    for model in MODELS:
        arguments = ["--model", model, "--format", "jsonl"]
        pipe = partial(measure, arguments, text)
        yield Measurement(f"pipe of {lines:,} lines, `{model}`", pipe, formats, times=3)
        predict = partial(measure_predict, model)
        yield Measurement(f"`predict` of {lines:,} texts, `{model}`", predict, formats, times=3)
    arguments = ["--model", "article", "--input", str(table), "--column", "text"]
    arguments += ["--output", str(tweets / "answered.csv")]
    file = partial(measure, arguments, Path(os.devnull))
    yield Measurement(f"CSV of {lines:,} rows, `article`", file, formats, times=3)


def training(tweets: Path) -> Iterator[Measurement]:
    """Measure a training step, from the second epoch of a small training."""

    def measure(checkout: Path) -> tuple[float, ...]:
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--data", str(tweets / LABELLED), "--epochs", "2", "--output", folder]
            run_python(checkout, "scripts/train.py", *arguments)
            metrics = json.loads(Path(folder, "metrics.json").read_bytes())
        steps = metrics["data"]["rows_training"] / BATCH
        return (1e3 * metrics["history"][1]["seconds"] / steps,)

    name = f"training on {BATCH} labelled tweets, `default`"
    yield Measurement(name, measure, ("{:.0f} ms",))


PARTS: dict[str, Callable[[Path], Iterator[Measurement]]] = {
    part.__name__: part for part in (startup, answer, keystroke, throughput, training)
}
NEED_DATA = {"throughput", "training"}


def environment(checkout: Path) -> dict[str, str]:
    """Return environment variables with which Python imports a checkout.

    None of them limits threads, since few users set such a variable.
    """
    kept = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    return {**kept, "PYTHONPATH": str(checkout), "TF_CPP_MIN_LOG_LEVEL": "3"}


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep each core busy with another process."""
    command = [sys.executable, "-c", BUSY_CODE]
    processes = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def open_prompt(checkout: Path, *arguments: str) -> Any:
    """Start the program in a pseudo-terminal, and wait for its prompt."""
    sys.path.insert(0, str(REPOSITORY))  # the driver is not part of the package
    from tests.terminal.driver import PROGRAM, Terminal

    program = ("sh", "-c", 'cd "$0" && exec "$@"', str(checkout), *PROGRAM, "--no-history")
    terminal = Terminal(*arguments, program=program)
    terminal.until_prompt()
    return terminal


def type_letters(terminal: Any, length: int) -> list[float]:
    """Type letters after a pasted text.

    :return: median milliseconds until a letter is on the screen and, on a short line, until the
        label and the colours of the new line are, too.
    """
    from tests.terminal.driver import paste

    stages: list[Callable[[str], bool]] = [lambda letter: terminal.last_line.endswith(letter)]
    if length <= MAX_PREVIEW:  # "…" stands in the toolbar until the line is answered
        stages.append(lambda _: "%" in terminal.toolbar)
    pasted = f"{SENTENCE} and " * (length // len(SENTENCE) + 1)
    seconds: list[list[float]] = []
    for keys in (paste(pasted[: length - 1] + "."), *"abcdefghijklmnopqrst"):
        began = time.perf_counter()
        terminal.send(keys)
        seconds.append([])
        for stage in stages:
            terminal.until(partial(stage, "." if len(keys) > 1 else keys), timeout=120)
            seconds[-1].append(1e3 * (time.perf_counter() - began))
    return medians(seconds[1:])


def medians(rounds: Iterable[Sequence[float]]) -> list[float]:
    """Return the median of each value over several rounds."""
    return [statistics.median(values) for values in zip(*rounds)]


def run_python(
    checkout: Path,
    *arguments: str,
    stdin: Path = Path(os.devnull),
    stdout: Path = Path(os.devnull),
    **variables: str,
) -> tuple[float, ...]:
    """Run Python with a checkout's code, and return its seconds and its peak memory in MiB.

    :param variables: further environment variables.
    """
    command = [sys.executable, *arguments]
    began = time.perf_counter()
    with open(stdin, "rb") as source, open(stdout, "wb") as sink:
        variables = {**environment(checkout), **variables}
        start = partial(subprocess.Popen, command, cwd=checkout, env=variables)
        process = start(stdin=source, stdout=sink, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        failed = shlex.join(command)
        raise Failure(f"{checkout}: exit code {process.returncode} of the command: {failed}")
    memory = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return seconds, memory


def print_measurement(measurement: Measurement, checkouts: Sequence[Path]) -> None:
    """Measure each checkout in turn, and print a row of the table.

    A first round does not count, unless it is the only one.
    """
    name, measure, formats, times = measurement
    rounds = [[measure(checkout) for checkout in checkouts] for _ in range(times + (times > 1))]
    results = [medians(of_checkout) for of_checkout in zip(*rounds[-times:])]
    cells = [
        ", ".join(form.format(value) for form, value in zip(formats, values)) for values in results
    ]
    if len(results) > 1:
        cells.append(", ".join(f"{ours / theirs:.2f}" for ours, theirs in zip(*results)))
    print(markdown_row([name, *cells]), flush=True)


def write_tweets(data: Path, lines: int, folder: Path) -> None:
    """Write the first tweets of a labelled file in the formats that the parts need."""
    with Tally() as tally:
        rows = list(islice(read_labelled([data], tally), max(lines, TRAINING_ROWS)))
    texts = [" ".join(row.text.split()) for row in rows]
    (folder / TEXT).write_text("".join(f"{text}\n" for text in texts[:lines]), encoding="utf-8")
    with open(folder / TABLE, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("number", "text"), *enumerate(texts[:lines])])
    labelled = (f"{row.label}\t{text}\n" for row, text in zip(rows[:TRAINING_ROWS], texts))
    (folder / LABELLED).write_text("".join(labelled), encoding="utf-8")


def print_baselines(sets: Path | None, labelled: Sequence[Path]) -> None:
    """Train the baselines, and print how good each system is and what it costs.

    :param sets: the folder of prepared human-labelled sets to train on; None: download them.
    :param labelled: the files to measure.
    """
    measured = {}
    for path in labelled:
        with Tally() as tally:
            measured[path.name.partition(".")[0]] = list(read_labelled([path], tally))
    heads = ["macro recall / two-way accuracy, %", "mean:"]
    heads += [f"{name} ({len(rows):,}):" for name, rows in measured.items()]
    heads += ["training:", "model:", "start to first answer:", "one answer:", "batch:"]
    print(markdown_table(heads, []))
    texts = [row.text for rows in measured.values() for row in rows][:BATCH_TEXTS]
    with tempfile.TemporaryDirectory() as folder:
        for system in train_baselines(training_rows(sets), Path(folder)):
            scores = [score(system, rows) for rows in measured.values()]
            cells = [system.name, *map(percentages, [mean_score(scores), *scores])]
            print(markdown_row([*cells, *costs(system, texts)]), flush=True)


def mean_score(scores: Sequence[Score]) -> Score:
    """Return the mean over several sets. Each set counts the same."""
    two_way = [one.two_way_accuracy for one in scores if one.two_way_accuracy is not None]
    recall = statistics.mean(one.macro_recall for one in scores)
    return Score(recall, statistics.mean(two_way) if two_way else None)


def percentages(score: Score) -> str:
    """Return macro recall and two-way accuracy as percentages."""
    return " / ".join("–" if share is None else f"{100 * share:.1f}" for share in score)


def costs(system: System, texts: list[str]) -> Iterator[str]:
    """Yield what a system costs: training, size, start, one answer and a batch."""
    seconds = system.training_seconds
    yield "–" if seconds is None else f"{seconds:,.0f} s"
    yield "–" if system.size is None else f"{system.size / 1e6:.1f} MB"
    if system.start_command is None:
        yield from "–––"
        return

    def median_seconds(action: Callable[[], object], times: int) -> float:
        return statistics.median(timeit.repeat(action, number=1, repeat=times + 1)[1:])

    start = partial(subprocess.run, system.start_command, env=environment(REPOSITORY))
    first = median_seconds(lambda: start(capture_output=True, check=True), times=5)
    one_of = cycle(texts)
    one = median_seconds(lambda: system.answer([next(one_of)]), times=300)
    batch = median_seconds(lambda: system.answer(texts), times=2)
    yield from (f"{first:.2f} s", f"{1e3 * one:.2f} ms", f"{len(texts) / batch:,.0f} lines/s")


def parse_arguments() -> argparse.Namespace:
    """Return the checked arguments."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*PARTS, "baselines"]
    parser.add_argument("parts", nargs="*", metavar="PART", help="by default all parts")
    parser.add_argument("--data", metavar="FILE", type=Path, help="labelled texts")
    parser.add_argument("--against", metavar="DIR", type=Path, help="another checkout to compare")
    help_lines = "lines of a pipe (default: %(default)s)"
    parser.add_argument("--lines", type=positive_int, default=100_000, help=help_lines)
    add_file_list(parser, "--labelled", help="labelled texts that the baselines are measured on")
    parser.add_argument(
        "--sets",
        metavar="DIR",
        type=Path,
        help="folder of prepared human-labelled sets, for the baselines (default: download them)",
    )
    args = parser.parse_args()
    args.parts = args.parts or names
    if unknown := set(args.parts) - set(names):
        parser.error(f"no part {', '.join(sorted(unknown))}; choose from {', '.join(names)}")
    if args.data is None and (needing := NEED_DATA & set(args.parts)):
        parser.error(f"{', '.join(sorted(needing))}: name labelled texts with --data")
    if "baselines" in args.parts and not args.labelled:
        parser.error("baselines: name texts to measure on with --labelled")
    if args.against and not (args.against / "sentiment_repl").is_dir():
        parser.error(f"{args.against}: not a checkout of this project")
    return args


def main() -> int:
    """Run the program, and return its exit code."""
    args = parse_arguments()
    checkouts = [REPOSITORY, *([args.against.resolve()] if args.against else [])]
    heads = ["", "here:", *(["against:", "here / against:"] if args.against else [])]
    parts = [part for part in args.parts if part in PARTS]
    with tempfile.TemporaryDirectory() as folder:
        if NEED_DATA & set(parts):
            write_tweets(args.data, args.lines, Path(folder))
        if parts:
            print(markdown_table(heads, []))
        for part in parts:
            for measurement in PARTS[part](Path(folder)):
                print_measurement(measurement, checkouts)
    if "baselines" in args.parts:
        print_baselines(args.sets, args.labelled)
    return 0


if __name__ == "__main__":
    run_program(main, "bench")
