#!/usr/bin/env python3
"""Time the program, and compare it with baselines or with another checkout.

Prints Markdown. Parts: "startup", "answer", "keystroke", "throughput", "training" and
"baselines", which trains other systems on the same texts and takes ten minutes or more. With
--against, each measurement alternates between this checkout and another, so that both meet the
same load: trust the ratios. Needs a Unix system and the extra "bench".
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
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from sentiment_repl.errors import Failure
from sentiment_repl.evaluation.markdown import markdown_row, markdown_table
from sentiment_repl.program import positive_int, run_program

REPOSITORY = Path(__file__).resolve().parents[1]
MODELS = ("article", "default")
SENTENCE = "I thought the movie would be great but it was a bit too long for me"
TYPED_LENGTHS = (20, 280, 100_000)  # characters on the line before a key is pressed
MAX_PREVIEW = 300  # a longer line is not answered in one step
TRAINING_ROWS = 20_000
BATCH = 256  # texts in a training step of the default model
SETS = ("emoticons", "negation_development")  # results/sets/*.tsv

ANSWER_CODE = """
import statistics, sys, time
from sentiment_repl import load
classifier = load(sys.argv[1])
seconds = []
for _ in range(500):
    began = time.perf_counter()
    classifier.classify(sys.argv[2])
    seconds.append(time.perf_counter() - began)
print(statistics.median(seconds))
"""


class Measurement(NamedTuple):
    """One row of the table."""

    name: str
    measure: Callable[[Path], tuple[float, ...]]
    """Measures a checkout once."""
    formats: tuple[str, ...]
    """A format string for each value."""
    times: int


class Tweets(NamedTuple):
    """The same tweets in several files."""

    text: Path
    table: Path
    """CSV with the columns number and text."""
    labelled: Path
    """The first ``TRAINING_ROWS``, with labels."""
    lines: int


def startup(_: Tweets | None) -> Iterator[Measurement]:
    """Measure from the start of the process to an empty prompt."""

    def measure(checkout: Path) -> tuple[float, ...]:
        began = time.perf_counter()
        with open_prompt(checkout):
            return (time.perf_counter() - began,)

    yield Measurement("start to prompt", measure, ("{:.3f} s",), times=7)


def answer(_: Tweets | None) -> Iterator[Measurement]:
    """Measure one answer of the program, start included, and one of the Python API."""

    def measure_first(model: str, checkout: Path) -> tuple[float, ...]:
        return run_program_once(["--model", model, SENTENCE], checkout)[:1]

    def measure_api(model: str, checkout: Path) -> tuple[float, ...]:
        return (1e3 * float(run_python(checkout, "-c", ANSWER_CODE, model, SENTENCE)),)

    for model in MODELS:
        name = f"start to first answer, `{model}`"
        yield Measurement(name, partial(measure_first, model), ("{:.3f} s",), times=7)
        name = f"one answer in Python, `{model}`"
        yield Measurement(name, partial(measure_api, model), ("{:.3f} ms",), times=5)


def keystroke(_: Tweets | None) -> Iterator[Measurement]:
    """Measure from a key to its letter on the screen, and to the label and colours."""

    def measure(model: str, length: int, checkout: Path) -> tuple[float, ...]:
        with open_prompt(checkout, "--model", model) as terminal:
            return tuple(1e3 * seconds for seconds in type_letters(terminal, length))

    for model in MODELS:
        for length in TYPED_LENGTHS:
            previewed = length <= MAX_PREVIEW
            what = "drawn, and answered" if previewed else "drawn"
            yield Measurement(
                f"a key after {length:,} characters, `{model}`: {what}",
                partial(measure, model, length),
                ("{:.1f} ms",) * (1 + previewed),
                times=3,
            )


def throughput(tweets: Tweets | None) -> Iterator[Measurement]:
    """Measure a pipe and a table, with their peak memory."""
    assert tweets

    def measure(arguments: Sequence[str], stdin: Path, checkout: Path) -> tuple[float, ...]:
        seconds, memory = run_program_once(arguments, checkout, stdin)
        return tweets.lines / seconds, memory

    formats = ("{:,.0f} lines/s", "{:.0f} MiB")
    for model in MODELS:
        arguments = ["--model", model, "--format", "jsonl"]
        pipe = partial(measure, arguments, tweets.text)
        yield Measurement(f"pipe of {tweets.lines:,} lines, `{model}`", pipe, formats, times=3)
    output = tweets.table.with_name("answered.csv")
    arguments = ["--model", "article", "--input", str(tweets.table), "--column", "text"]
    table = partial(measure, [*arguments, "--output", str(output)], Path(os.devnull))
    yield Measurement(f"CSV of {tweets.lines:,} rows, `article`", table, formats, times=3)


def training(tweets: Tweets | None) -> Iterator[Measurement]:
    """Measure a training step, from the second epoch of a small training."""
    assert tweets

    def measure(checkout: Path) -> tuple[float, ...]:
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder, "model")
            arguments = ["--data", str(tweets.labelled), "--epochs", "2", "--output", str(output)]
            run_python(checkout, "scripts/train.py", *arguments)
            metrics = json.loads((output / "metrics.json").read_bytes())
        steps = metrics["data"]["rows_training"] / BATCH
        return (1e3 * metrics["history"][1]["seconds"] / steps,)

    name = f"training on {BATCH} labelled tweets, `default`"
    yield Measurement(name, measure, ("{:.0f} ms",), times=1)


PARTS: dict[str, Callable[[Tweets | None], Iterator[Measurement]]] = {
    part.__name__: part for part in (startup, answer, keystroke, throughput, training)
}
NEED_DATA = {"throughput", "training", "baselines"}


def environment(checkout: Path) -> dict[str, str]:
    """Return environment variables with which Python imports a checkout."""
    return {**os.environ, "PYTHONPATH": str(checkout), "TF_CPP_MIN_LOG_LEVEL": "3"}


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

    :return: median seconds until a letter is on the screen and, on a short line, until the
        label and the colours of the new line are, too.
    """
    from tests.terminal.driver import paste

    def is_drawn(letter: str) -> bool:
        screen = terminal.screen
        before_cursor = screen.cursor.y * screen.columns + screen.cursor.x - 1
        row, column = divmod(before_cursor, screen.columns)
        return bool(screen.buffer[row][column].data == letter)

    def is_answered() -> bool:
        return "%" in terminal.toolbar  # "…" stands there until the line is answered

    previewed = length <= MAX_PREVIEW
    terminal.send(paste((f"{SENTENCE} and " * (length // len(SENTENCE) + 1))[: length - 1] + "."))
    terminal.until(lambda: is_drawn(".") and (is_answered() or not previewed), timeout=120)
    drawn, answered = [], []
    for letter in "abcdefghijklmnopqrst":
        began = time.perf_counter()
        terminal.send(letter)
        terminal.until(lambda: is_drawn(letter))  # noqa: B023 - called at once
        drawn.append(time.perf_counter() - began)
        if previewed:
            terminal.until(is_answered)
            answered.append(time.perf_counter() - began)
    return [statistics.median(seconds) for seconds in (drawn, answered) if seconds]


def run_python(checkout: Path, *arguments: str) -> bytes:
    """Run Python with a checkout's code, and return the standard output."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=checkout, env=environment(checkout), capture_output=True)
    if done.returncode:
        last_line = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Failure(f"{checkout}: Python ends with exit code {done.returncode}: {last_line}")
    return done.stdout


def run_program_once(
    arguments: Sequence[str], checkout: Path, stdin: Path = Path(os.devnull)
) -> tuple[float, ...]:
    """Run the program, and return its seconds and its peak memory in MiB."""
    command = [sys.executable, "-m", "sentiment_repl", *arguments]
    began = time.perf_counter()
    with open(stdin, "rb") as source:
        process = subprocess.Popen(
            command,
            cwd=checkout,
            env=environment(checkout),
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failure(f"{shlex.join(command)} ends with exit code {process.returncode}")
    memory = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return seconds, memory


def medians_in_turn(
    times: int, measures: Sequence[Callable[[], tuple[float, ...]]]
) -> list[list[float]]:
    """Return the medians of some measures, called in turn after one call that does not count."""
    if times > 1:
        for measure in measures:
            measure()
    rounds = [[measure() for measure in measures] for _ in range(times)]
    return [[statistics.median(values) for values in zip(*results)] for results in zip(*rounds)]


def print_measurement(measurement: Measurement, checkouts: Sequence[Path]) -> None:
    """Measure each checkout, and print a row of the table."""
    _, measure, formats, times = measurement
    results = medians_in_turn(times, [partial(measure, checkout) for checkout in checkouts])
    cells = [
        ", ".join(form.format(value) for form, value in zip(formats, values)) for values in results
    ]
    if len(results) > 1:
        cells.append(", ".join(f"{ours / theirs:.2f}" for ours, theirs in zip(*results)))
    print(markdown_row([measurement.name, *cells]), flush=True)


def write_tweets(data: Path, lines: int, folder: Path) -> Tweets:
    """Write the first tweets of a labelled file in the formats that the parts need."""
    from sentiment_repl.data.labels import read_labelled
    from sentiment_repl.files.tally import Tally

    with Tally() as tally:
        rows = list(islice(read_labelled([data], tally), max(lines, TRAINING_ROWS)))
    texts = [" ".join(row.text.split()) for row in rows]
    tweets = Tweets(
        folder / "tweets.txt", folder / "tweets.csv", folder / "tweets.tsv", min(lines, len(texts))
    )
    tweets.text.write_text("".join(f"{text}\n" for text in texts[:lines]), encoding="utf-8")
    with open(tweets.table, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("number", "text"), *enumerate(texts[:lines])])
    with open(tweets.labelled, "w", encoding="utf-8") as file:
        file.writelines(
            f"{row.label}\t{text}\n" for row, text in islice(zip(rows, texts), TRAINING_ROWS)
        )
    return tweets


def print_baselines(data: Path, labelled: Sequence[Path]) -> None:
    """Train the baselines, and print the accuracy and the cost of each system.

    :param data: its held-out texts are measured, the others trained on.
    :param labelled: further files to measure.
    """
    from sentiment_repl.classifier import NEGATIVE, POSITIVE
    from sentiment_repl.data.labels import read_labelled
    from sentiment_repl.data.split import is_held_out
    from sentiment_repl.evaluation.baselines import train_baselines
    from sentiment_repl.files.tally import Tally

    def read_polar(path: Path) -> list[Any]:
        with Tally() as tally:
            rows = read_labelled([path], tally)
            return [row for row in rows if row.label in (NEGATIVE, POSITIVE)]

    rows = read_polar(data)
    held_out = [is_held_out(row.text, seed=1) for row in rows]
    sets = {"held out": [row for row, out in zip(rows, held_out) if out]}
    sets |= {path.stem: read_polar(path) for path in labelled}
    heads = ["", *(f"{name} ({len(some):,}):" for name, some in sets.items())]
    heads += ["training:", "model:", "start to first answer:", "one answer:", "batch:"]
    print(markdown_table(heads, []))
    with tempfile.TemporaryDirectory() as folder:
        training_rows = [row for row, out in zip(rows, held_out) if not out]
        for system in train_baselines(training_rows, Path(folder)):
            accuracy = [
                statistics.mean(
                    label == row.label
                    for label, row in zip(system.predict([row.text for row in some]), some)
                )
                for some in sets.values()
            ]
            texts = [row.text for row in sets["held out"][:10_000]]
            cells = [system.name, *(f"{share:.2%}" for share in accuracy), *costs(system, texts)]
            print(markdown_row(cells), flush=True)


def costs(system: Any, texts: list[str]) -> Iterator[str]:
    """Yield what a system costs: training, size, start, one answer and a batch."""
    seconds = system.training_seconds
    yield "–" if seconds is None else f"{seconds:,.0f} s"
    yield "–" if system.size is None else f"{system.size / 1e6:.1f} MB"
    command = system.start_command
    if command is None:
        yield from "–––"
        return

    def timed(action: Callable[[], object]) -> tuple[float]:
        began = time.perf_counter()
        action()
        return (time.perf_counter() - began,)

    def start() -> None:
        subprocess.run(command, env=environment(REPOSITORY), capture_output=True, check=True)

    one_of = cycle(texts)
    ((first,),) = medians_in_turn(5, [lambda: timed(start)])
    ((one,),) = medians_in_turn(300, [lambda: timed(lambda: system.predict([next(one_of)]))])
    ((batch,),) = medians_in_turn(2, [lambda: timed(lambda: system.predict(texts))])
    yield from (f"{first:.2f} s", f"{1e3 * one:.2f} ms", f"{len(texts) / batch:,.0f} lines/s")


def parse_arguments() -> argparse.Namespace:
    """Return the checked arguments."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*PARTS, "baselines"]
    parser.add_argument("parts", nargs="*", metavar="PART", help="by default all parts")
    parser.add_argument(
        "--data", metavar="FILE", type=Path, help="labelled texts, as for the training"
    )
    parser.add_argument("--against", metavar="DIR", type=Path, help="another checkout to compare")
    parser.add_argument(
        "--lines", type=positive_int, default=100_000, help="lines of a pipe (default: 100,000)"
    )
    parser.add_argument(
        "--labelled", metavar="FILE", type=Path, nargs="+", default=[], help="for the baselines"
    )
    args = parser.parse_args()
    args.parts = args.parts or names
    if unknown := set(args.parts) - set(names):
        parser.error(f"no part {', '.join(sorted(unknown))}; choose from {', '.join(names)}")
    if args.data is None and (needing := NEED_DATA & set(args.parts)):
        parser.error(f"{', '.join(sorted(needing))}: name labelled texts with --data")
    if args.against and not (args.against / "sentiment_repl").is_dir():
        parser.error(f"{args.against}: not a checkout of this project")
    return args


def main() -> int:
    """Run the program, and return its exit code."""
    args = parse_arguments()
    checkouts = [REPOSITORY, *([args.against.resolve()] if args.against else [])]
    heads = ["", "here:", *(["against:", "here / against:"] if args.against else [])]
    with tempfile.TemporaryDirectory() as folder:
        tweets = None
        if {"throughput", "training"} & set(args.parts):
            tweets = write_tweets(args.data, args.lines, Path(folder))
        if set(args.parts) & set(PARTS):
            print(markdown_table(heads, []))
        for part in args.parts:
            for measurement in PARTS[part](tweets) if part in PARTS else ():
                print_measurement(measurement, checkouts)
    if "baselines" in args.parts:
        sets = [REPOSITORY / "results" / "sets" / f"{name}.tsv" for name in SETS]
        print_baselines(args.data, [*sets, *args.labelled])
    return 0


if __name__ == "__main__":
    run_program(main, "bench")
