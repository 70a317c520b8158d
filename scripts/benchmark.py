#!/usr/bin/env python3
"""Time this program beside the article's own way of doing each thing.

Prints a Markdown table. Trust the ratios: both sides of each were timed in turn on one
machine. The part peers, which trains other systems on the same texts, takes about ten
minutes on two cores, all else as long or longer; name the parts to run fewer. Needs the extra bench
(pip install '.[bench]'), a labelled file of 1,000,000 rows or more and, for start-up and memory,
a system other than Windows.
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

# As the program does, and before NumPy comes, which _peers brings.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import _console  # noqa: E402
import _peers  # noqa: E402
from _timing import in_turn, timed  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[1]
PROMPT = "Input a sentence to be evaluated, or Enter to quit:"
SENTENCE = "I thought the movie would be great but it was a bit too long for me"
SLICE = 100_000  # rows on which an epoch is timed
STEPS = 60  # of a training
LINES = 1_000_000  # lines through the pipe
TYPED = (20, 280, 100_000)  # characters before a key is pressed
SETS = ("emoticons", "negation_development")  # the other half is looked at once

# The article's second program, as far as its first answer.
ARTICLE_START = """
import json, sys, numpy, keras
folder, sentence = sys.argv[1:]
words = json.load(open(f"{folder}/dictionary.json", encoding="utf-8"))
model = keras.models.model_from_json(open(f"{folder}/model.json").read())
model.load_weights(f"{folder}/model.weights.h5")
row = numpy.zeros((1, 3000))
row[0, [words[word] for word in sentence.lower().split() if word in words]] = 1
print(model.predict(row))
"""

# Steps of a training: seconds, and pages that the system had to find. FILE, rows, steps, kept.
STEP = """
import resource, sys, time
from itertools import islice
from pathlib import Path
from sentiment_repl import memory
file, rows, steps, kept = sys.argv[1], *map(int, sys.argv[2:])
if not kept:
    memory.keep_freed = lambda: None
from sentiment_repl.training import corpus
from sentiment_repl.training.architectures import ARCHITECTURES
from sentiment_repl.training.backend import keras
from sentiment_repl.training.batches import SequenceBatches
from sentiment_repl.training.tables import Tally, read_all
some = islice(read_all([Path(file)], Tally()), rows)
data = corpus.prepare(some, vocabulary_size=48_000, seed=1, sample=None, sequences=True)
model = ARCHITECTURES["default"].build(data.words).trained
optimizer = ARCHITECTURES["default"].optimizer(1000, False)
model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
now = lambda: (time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
ends = []
count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: ends.append(now()))
batches = SequenceBatches(data.training, 256, seed=1).dataset().take(2 * steps)
model.fit(batches, verbose=0, shuffle=False, callbacks=[count])
print(*(end - begin for begin, end in zip(ends[steps - 1], ends[-1])))
"""


class Line(NamedTuple):
    """A line of the table."""

    what: str
    here: str
    beside: str
    ratio: str


def startup(data: Path) -> Iterator[Line]:
    """Process start to a usable prompt."""
    import pexpect

    from sentiment_repl import model_folder

    folder = str(model_folder.shipped()["article"])
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}

    def prompt() -> float:
        began = time.perf_counter()
        program = pexpect.spawn(
            sys.executable,
            ["-m", "sentiment_repl", "--no-history"],
            cwd=REPOSITORY,
            encoding="utf-8",
        )
        program.expect_exact(PROMPT)
        seconds = time.perf_counter() - began
        program.close(force=True)
        return seconds

    def python(*arguments: str) -> Callable[[], float]:
        command = [sys.executable, *arguments]
        return timed(
            lambda: subprocess.run(command, env=environment, capture_output=True, check=True)
        )

    imports = python("-c", "import numpy, prompt_toolkit")
    here, bare, article = in_turn(7, prompt, imports, python("-c", ARTICLE_START, folder, SENTENCE))
    yield Line(
        "start to prompt, beside `import numpy, prompt_toolkit`",
        f"{here:.3f} s",
        f"{bare:.3f} s",
        f"{here / bare:.2f} × its time",
    )
    yield Line(
        "start to prompt, beside Keras imported, loaded and asked once",
        f"{here:.3f} s",
        f"{article:.2f} s",
        f"{article / here:.0f} × as fast",
    )


def latency(data: Path) -> Iterator[Line]:
    """One sentence, in process."""
    import numpy as np

    from sentiment_repl import model_folder, load
    from sentiment_repl.text.article_tokenizer import tokenize
    from sentiment_repl.training.backend import keras

    folder = model_folder.shipped()["article"]
    model = keras.models.model_from_json((folder / model_folder.MODEL).read_text())
    model.load_weights(folder / model_folder.WEIGHTS)
    classifier = load("article")
    default = load("default")

    def predict() -> None:
        row = np.zeros((1, 3000))
        row[
            0, [classifier.words[word] for word in tokenize(SENTENCE) if word in classifier.words]
        ] = 1
        model.predict(row, verbose=0)

    (article,) = in_turn(50, timed(predict))
    (here,) = in_turn(2000, timed(lambda: classifier.classify(SENTENCE)))
    yield Line(
        "one answer of the article's model, beside Keras' `predict`",
        f"{here * 1e3:.3f} ms",
        f"{article * 1e3:.0f} ms",
        f"{article / here:.0f} × as fast",
    )
    (here,) = in_turn(500, timed(lambda: default.classify(SENTENCE)))
    yield Line("one answer of the default model", f"{here * 1e3:.2f} ms", "–", "–")


def keystroke(data: Path) -> Iterator[Line]:
    """A letter typed after texts of some lengths."""
    import _keystroke

    from sentiment_repl import load

    for model in ("article", "default"):
        classifier = load(model)
        for length in TYPED:
            text = f"{SENTENCE} and " * (length // len(SENTENCE) + 1)
            drawing, colouring = _keystroke.cost(classifier, text[:length], keys=20)
            coloured = f"{statistics.median(colouring) * 1e3:.1f} ms" if colouring else "never"
            yield Line(
                f"a key after {length:,} characters, `{model}`: drawn, and all words coloured",
                f"{statistics.median(drawing) * 1e3:.1f} ms, {coloured}",
                "–",
                "–",
            )


def throughput(data: Path) -> Iterator[Line]:
    """Lines through a pipe, and whether memory grows with them."""
    from sentiment_repl.data.labels import Tally, read_all

    with tempfile.TemporaryDirectory() as folder:
        tweets = Path(folder, "tweets.txt")
        table = Path(folder, "tweets.csv")
        with (
            open(tweets, "w", encoding="utf-8") as file,
            open(table, "w", encoding="utf-8", newline="") as columns,
        ):
            writer = csv.writer(columns)
            writer.writerow(["number", "text", "label"])
            for number, row in enumerate(islice(read_all([data], Tally()), LINES)):
                file.write(" ".join(row.text.split()) + "\n")
                writer.writerow([number, " ".join(row.text.split()), row.label])
        first, first_rows = _tenth(tweets), _tenth(table)
        for model in ("article", "default"):
            small = _pipe(first, model, "jsonl")[1]
            for format in ("text", "tsv", "jsonl") if model == "article" else ("jsonl",):
                seconds, memory = _pipe(tweets, model, format)
                yield Line(
                    f"pipe of {LINES:,} tweets, `{model}`, {format}",
                    f"{LINES / seconds:,.0f} lines/s, {memory:.0f} MiB at most",
                    "–",
                    f"{memory / small:.2f} × the memory of {LINES // 10:,}",
                )
        beside = _pipe(tweets, "article", "tsv")[0]
        small = _file(first_rows, "article")[1]
        seconds, memory = _file(table, "article")
        yield Line(
            f"a CSV of {LINES:,} rows to another, `article`, beside the pipe (tsv)",
            f"{LINES / seconds:,.0f} rows/s, {memory:.0f} MiB at most",
            f"{LINES / beside:,.0f} lines/s",
            f"{seconds / beside:.2f} × its time, {memory / small:.2f} × the memory of "
            f"{LINES // 10:,}",
        )


def _tenth(path: Path) -> Path:
    """A file with the first tenth of the lines of another."""
    first = path.with_stem("first")
    with open(path, "rb") as source, open(first, "wb") as target:
        target.writelines(islice(source, LINES // 10))
    return first


# In a process of its own: a child's peak memory counts what its parent had at the fork.
MEASURED = """
import shutil, subprocess, sys, time
path, *command = sys.argv[1:]
began = time.perf_counter()
program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
with open(path, "rb") as file, program.stdin:
    shutil.copyfileobj(file, program.stdin)
assert program.wait() == 0
print(time.perf_counter() - began)
try:
    import resource
except ImportError:  # Windows
    print("nan")
else:
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(peak / (2**20 if sys.platform == "darwin" else 2**10))
"""


def _pipe(path: Path, model: str, format: str) -> tuple[float, float]:
    """Seconds and peak MiB of the program at the end of a pipe, its output thrown away."""
    return _program(path, "--model", model, "--format", format)


def _file(path: Path, model: str) -> tuple[float, float]:
    """The same of a file answered into another."""
    output = path.with_name(f"answered{path.suffix}")
    return _program(
        os.devnull, "--model", model, "--input", str(path), "--column", "text", "--output",
        str(output),
    )  # fmt: skip


def _program(path: str | Path, *arguments: str) -> tuple[float, float]:
    program = [sys.executable, "-m", "sentiment_repl", *arguments]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, path, *program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=REPOSITORY,
        check=True,
    )
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def training(data: Path) -> Iterator[Line]:
    """An epoch by row sums, and by the article's one-hot matrix."""
    import numpy as np

    from sentiment_repl.data import corpus
    from sentiment_repl.training.architectures import ARCHITECTURES
    from sentiment_repl.training.backend import keras
    from sentiment_repl.training.batches import BagBatches
    from sentiment_repl.data.labels import Tally, read_all

    architecture = ARCHITECTURES["article"]
    prepared = corpus.prepare(
        islice(read_all([data], Tally()), SLICE), vocabulary_size=3000, seed=1, sample=None
    )
    bags = prepared.training
    trained, saved, *_ = architecture.build(prepared.words)
    matrix = np.zeros((len(bags), 3000))  # float64, as the article has it
    for row, columns in zip(matrix, bags.lists()):
        row[columns] = 1
    labels = keras.utils.to_categorical(bags.labels, 2)
    for model in trained, saved:
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)

    def epoch_here(batch_size: int) -> Callable[[], float]:
        batches = BagBatches(bags, batch_size, seed=1)
        return timed(lambda: trained.fit(batches, shuffle=False, verbose=0))

    def epoch_article() -> None:
        saved.fit(matrix, labels, batch_size=32, verbose=0)

    large, small, article = in_turn(
        3, epoch_here(architecture.batch_size), epoch_here(32), timed(epoch_article)
    )
    for batch_size, here in (architecture.batch_size, large), (32, small):
        yield Line(
            f"an epoch of {len(bags):,} tweets by {batch_size}, beside one-hot rows by 32",
            f"{here:.2f} s",
            f"{article:.1f} s",
            f"{article / here:.1f} × as fast",
        )


def memory(data: Path) -> Iterator[Line]:
    """Steps of the default network's training with freed memory kept, and given back."""
    faults = {}

    def steps(kept: bool) -> Callable[[], float]:
        def run() -> float:
            command = [sys.executable, "-c", STEP, data.resolve(), SLICE, STEPS, int(kept)]
            done = subprocess.run(
                [str(word) for word in command], stdout=subprocess.PIPE, cwd=REPOSITORY, check=True
            )
            seconds, pages = done.stdout.split()
            faults[kept] = int(pages)
            return float(seconds)

        return run

    here, beside = in_turn(3, steps(True), steps(False))
    yield Line(
        "a step of `default` by 256 tweets, freed memory kept or not; pages found for it",
        f"{here / STEPS * 1e3:.0f} ms; {faults[True] / STEPS:,.0f}",
        f"{beside / STEPS * 1e3:.0f} ms; {faults[False] / STEPS:,.0f}",
        f"{beside / here:.1f} × as fast",
    )


def install(data: Path) -> Iterator[Line]:
    """What ``pip install .`` puts on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = next(path for path in Path(folder).glob("*/python*") if path.stem == "python")
        site = next(Path(folder).glob("**/site-packages"))
        before = _size(site)
        subprocess.run([python, "-m", "pip", "install", "--quiet", REPOSITORY], check=True)
        heavy = [path.name for path in site.iterdir() if path.name in ("tensorflow", "keras")]
        yield Line(
            "`pip install .` in a new virtual environment",
            f"{(_size(site) - before) / 1e6:.0f} MB, {_size(Path(folder)) / 1e6:.0f} MB with pip",
            "–",
            f"{', '.join(heavy) or 'no TensorFlow, no Keras'} in it",
        )


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


PARTS: dict[str, Callable[[Path], Iterator[Line]]] = {
    part.__name__: part
    for part in (startup, latency, keystroke, throughput, training, memory, install)
}


def main() -> int:
    """Run the program; the return value is its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*PARTS, "peers"]
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(names)}")
    parser.add_argument(
        "--data", metavar="FILE", type=Path, help="labelled texts, as train.py takes them"
    )
    parser.add_argument(
        "--labelled", metavar="FILE", type=Path, nargs="+", default=[], help="more to ask peers"
    )
    args = parser.parse_args()
    if unknown := set(args.parts) - set(names):
        parser.error(f"no part {', '.join(sorted(unknown))}; there is: {', '.join(names)}")
    parts = args.parts or names
    if args.data is None and {"throughput", "training", "memory", "peers"} & set(parts):
        parser.error("throughput, training, memory and peers need --data FILE")
    timings = [part for part in parts if part in PARTS]
    if timings:
        print("| | here | beside it | ratio |\n|---|---|---|---|")
    for part in timings:
        for line in PARTS[part](args.data):
            print(f"| {' | '.join(line)} |", flush=True)
    if "peers" in parts:
        sets = [REPOSITORY / "results" / "sets" / f"{name}.tsv" for name in SETS]
        print("\n" * bool(timings) + _peers.table(args.data, 1, [*sets, *args.labelled]))
    return 0


if __name__ == "__main__":
    _console.run(main)
