"""Train a model on labelled texts and write it to a model folder.

On 1.5 million tweets and two cores, the default network takes about an hour and less than 6 GB
of memory. The article's network takes two or three minutes and less than 2 GB. Without --data,
the public Sentiment140 archive (81 MB) and the public human-labelled texts are downloaded first.
"""

import argparse
import sys
from pathlib import Path

from sentiment_repl import model_folder, program
from sentiment_repl.program import run_program
from sentiment_repl.render import escape


def main() -> int:
    """Run the program and return its exit code."""
    parser = _parser()
    args = parser.parse_args()
    _check_arguments(parser, args)
    if args.init_from:
        model_folder.read_model(args.init_from)  # before anything is downloaded
    output = (args.output or _default_output(args.architecture)).resolve()
    return program.run_training(
        lambda: _train(args, output), output, lambda: model_folder.resumable_files(output)
    )


def _train(args: argparse.Namespace, output: Path) -> None:
    from sentiment_repl.data.label_sets import parse_meanings

    meanings = parse_meanings(args.labels)
    # After the arguments have been checked: TensorFlow takes seconds to import.
    from sentiment_repl.data.sources import Columns
    from sentiment_repl.training.architectures import ARCHITECTURES
    from sentiment_repl.training.data_files import DEFAULT_DATA, data_files
    from sentiment_repl.training.fit import Schedule
    from sentiment_repl.training.train import Options, train

    architecture = ARCHITECTURES[args.architecture]
    names = args.data or DEFAULT_DATA[args.architecture]
    options = Options(
        architecture=architecture,
        data=data_files(names, args.sets, meanings),
        output=output,
        schedule=Schedule(
            args.epochs or architecture.epochs,
            args.batch_size or architecture.batch_size,
            args.seed,
        ),
        vocabulary_size=args.vocabulary_size or architecture.vocabulary_size,
        columns=Columns(args.label_column, args.text_column),
        rows=args.rows,
        teachers=[path.resolve() for path in args.teacher],
        init_from=args.init_from and args.init_from.resolve(),
        resume=args.resume,
        verbose=1 if sys.stdout.isatty() else 2,
    )
    metrics = train(options, report=lambda sentence: program.say(escape(sentence)))
    figures = metrics["validation"]
    program.say(
        f"Best epoch: {metrics['best_epoch']}. Held-out accuracy: {figures['accuracy']:.2%} of "
        f"{figures['rows']:,} texts. Written to "
        f"{escape(str(output))}\nTry it: sentiment-repl --artifacts {escape(str(output))}"
    )


def _check_arguments(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    if args.teacher and args.architecture == "article":
        parser.error("--teacher: the article's network learns from labels alone")
    if args.init_from and args.vocabulary_size:
        parser.error("--vocabulary-size: --init-from takes the vocabulary of the model")
    if args.init_from and not args.output:
        parser.error("--init-from requires --output, a folder for the new model")


def _default_output(architecture: str) -> Path:
    """Return ``artifacts/<architecture>`` in a checkout, else a folder of the current one.

    An installed package has no artifacts/ folder to write to.
    """
    root = Path(__file__).resolve().parents[2]
    is_checkout = (root / "setup.cfg").exists()
    return root / "artifacts" / architecture if is_checkout else Path(architecture)


def _parser() -> argparse.ArgumentParser:
    parser = program.Parser(
        prog=program.program_name(),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"To install the libraries: {program.install_command('train')}",
    )
    data = parser.add_argument_group("data")
    program.add_file_list(
        data,
        "--data",
        "labelled texts: CSV or TSV, plain, .gz or .zip. The layout is that of Sentiment140 or of "
        "the article, or a header with a label and a text column. Labels are neg, neutral and pos, "
        "or numbers (--labels). A file without neutral texts teaches negative and positive alone. "
        "The name sentiment140 stands for the public tweets, and human for the public texts that "
        "people labelled; both are the default (article: sentiment140)",
    )
    data.add_argument(
        "--sets",
        metavar="DIR",
        type=Path,
        help="the folder of the public texts that people labelled, train_NAME.tsv.gz; a missing "
        "one is downloaded to it; default: the user's cache folder",
    )
    program.add_label_options(data)
    data.add_argument(
        "--rows",
        metavar="N",
        type=program.positive_int,
        help="use at most N rows of each file, chosen at random",
    )
    program.add_file_list(
        data,
        "--teacher",
        "model folders to learn from as well as from the labels (knowledge distillation). They "
        "also label texts that rules rewrite from the training texts. Each must have been trained "
        "with the same --seed",
    )
    model = parser.add_argument_group("model")
    model.add_argument("--architecture", choices=["default", "article"], default="default")
    model.add_argument("--epochs", metavar="N", type=program.positive_int, help="default: 5")
    model.add_argument(
        "--batch-size",
        metavar="N",
        type=program.positive_int,
        help="texts a step; default: 256 (article: 2048)",
    )
    model.add_argument(
        "--vocabulary-size",
        metavar="N",
        type=program.int_from_two,
        help="word ids, padding included: N-1 words; default: 48000 (article: 3000)",
    )
    model.add_argument(
        "--seed",
        metavar="N",
        type=program.seed_int,
        default=1,
        help="the same seed gives the same weights, and holds out the same texts; default: 1",
    )
    model.add_argument(
        "--output",
        metavar="DIR",
        type=Path,
        help="model folder; default: artifacts/ARCHITECTURE in a checkout, else ./ARCHITECTURE",
    )
    model.add_argument(
        "--init-from",
        metavar="DIR",
        type=Path,
        help="fine-tune this model, with its vocabulary, instead of training from random weights. "
        "A few thousand texts are enough. It must have been trained with the same --architecture "
        "and --seed",
    )
    model.add_argument(
        "--resume",
        action="store_true",
        help="continue from the last finished epoch, and keep what teachers have answered",
    )
    return parser


if __name__ == "__main__":
    run_program(main, "train")
