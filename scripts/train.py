#!/usr/bin/env python3
"""Train a model on labelled texts and write it to a model folder.

On 1.5 million tweets and two cores the default network takes about an hour and less than
6 GB of memory, the article's two or three minutes and less than 2 GB. Without --data the
public Sentiment140 archive (81 MB) is downloaded first.
"""

import argparse
import sys
from pathlib import Path

import _console

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"


def main() -> int:
    """Run the program; the return value is its exit code."""
    parser = _parser()
    args = parser.parse_args()
    for option in "teacher", "neutral", "rated":
        if getattr(args, option) and args.architecture == "article":
            parser.error(f"--{option}: the article's network learns from labels alone")
    if args.start and args.vocabulary_size:
        parser.error("--vocabulary-size: a model to start from brings its dictionary")
    if args.average and not args.start:
        parser.error("--average: there is nothing to average with but for --start")
    if args.start and not args.output:
        parser.error("--start: name another folder for the new model with --output")
    from sentiment_repl import model_folder

    if args.start:
        model_folder.read(args.start)  # before anything is downloaded
    output = (args.output or ARTIFACTS / args.architecture).resolve()

    def way_on() -> str:
        resumable = model_folder.checkpoint(output).exists()
        return "; --resume goes on from the last finished epoch" if resumable else ""

    saved = _console.say_if_killed(
        lambda: (
            "killed, or crashed, perhaps for want of memory (--rows takes less); "
            f"{output} is as it was{way_on()}"
        )
    )
    # Here, after the arguments have been checked: TensorFlow takes seconds.
    from sentiment_repl.data import download
    from sentiment_repl.training import train
    from sentiment_repl.training.architectures import ARCHITECTURES

    architecture = ARCHITECTURES[args.architecture]
    try:
        report = train.train(
            train.Options(
                architecture=architecture,
                data=download.files(args.data or [download.PUBLIC]),
                label_column=args.label_column,
                text_column=args.text_column,
                epochs=args.epochs or architecture.epochs,
                batch_size=args.batch_size or architecture.batch_size,
                vocabulary_size=args.vocabulary_size or architecture.vocabulary_size,
                seed=args.seed,
                rows=args.rows,
                output=output,
                resume=args.resume,
                teachers=[path.resolve() for path in args.teacher or []],
                neutral=args.neutral or [],
                rated=args.rated or [],
                start=args.start and args.start.resolve(),
                average=args.average,
                verbose=1 if sys.stdout.isatty() else 2,
            )
        )
    except KeyboardInterrupt:
        print()  # after the progress bar
        return _console.say(f"interrupted; {output} is as it was{way_on()}", 130)
    saved()
    figures = report["validation"]
    print(
        f"Best epoch {report['best_epoch']}{', halfway' * args.average}: "
        f"{figures['accuracy']:.2%} of {figures['rows']:,} held-back texts right. "
        f"Written to {output}\n"
        f"Try it: sentiment-repl --artifacts {output}"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = parser.add_argument_group("data")
    data.add_argument(
        "--data",
        metavar="FILE",
        type=Path,
        nargs="+",
        action="extend",
        help="CSV or TSV, plain, .gz or .zip: Sentiment140's six columns, the article's four, or "
        "any header with a label and a text column. Labels are 0 and 1, 0 and 4, neg and pos, or "
        "negative and positive; neutral rows are left out. sentiment140 alone is the public data "
        "(downloaded once), which is taken if there is no --data. May be given again",
    )
    data.add_argument("--label-column", metavar="NAME", help="label column, if its name is unusual")
    data.add_argument("--text-column", metavar="NAME", help="text column, if its name is unusual")
    data.add_argument(
        "--rows", metavar="N", type=_console.positive, help="train on a random sample of N rows"
    )
    model = parser.add_argument_group("model")
    model.add_argument("--architecture", choices=["default", "article"], default="default")
    model.add_argument(
        "--epochs", metavar="N", type=_console.positive, help="default: as the architecture has it"
    )
    model.add_argument(
        "--batch-size", metavar="N", type=_console.positive, help="rows a step; default likewise"
    )
    model.add_argument(
        "--vocabulary-size",
        metavar="N",
        type=_console.at_least_two,
        help="width of the input: N-1 words and one column for none; default likewise",
    )
    model.add_argument(
        "--seed",
        metavar="N",
        type=_console.seed,
        default=1,
        help="the same seed gives the same weights",
    )
    model.add_argument(
        "--output", metavar="DIR", type=Path, help="model folder; default artifacts/<architecture>"
    )
    model.add_argument(
        "--teacher",
        metavar="PATH",
        type=Path,
        nargs="+",
        action="extend",
        help="learn from the answers of these models, too, or from answers that finetune.py has "
        "kept (.npz); each was trained on the same data with the same seed. A model takes some "
        "five minutes on 1.4 million texts",
    )
    model.add_argument(
        "--neutral",
        metavar="FILE",
        type=Path,
        nargs="+",
        action="extend",
        help="plain text, an English sentence a line, such as the examples of a dictionary, or "
        ".gz: those of 4 to 20 words in which none tells a mood teach what is neither positive nor "
        "negative. Needs vaderSentiment",
    )
    model.add_argument(
        "--rated",
        metavar="FILE",
        type=Path,
        nargs="+",
        action="extend",
        help="learn from texts that people rated, too: lines of an ID, the mean rating from -4 to "
        "4 and the text, with tabs between, as VADER's ground truth has them. Each is read twice, "
        "up to a quarter of the rows; one in ten is held back",
    )
    model.add_argument(
        "--start",
        metavar="DIR",
        type=Path,
        help="go on from this trained model, with its dictionary, instead of from chance: so a "
        "few thousand texts of your own teach a copy of artifacts/default what they call good. It "
        "must have been trained with the same --architecture and --seed",
    )
    model.add_argument(
        "--average",
        action="store_true",
        help="with --start: end with the mean of the old weights and the new, which forgets less",
    )
    model.add_argument("--resume", action="store_true", help="go on from the last finished epoch")
    return parser


if __name__ == "__main__":
    _console.run(main)
