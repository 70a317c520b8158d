"""Audit labelled texts and a model, and write a page with pictures.

The audit has three parts. "data": class balance, repeats, contradictions, lengths and words.
"model": accuracy on groups of held-out texts, and the words that move the model. "bias": how far
identity terms move an answer; this part needs no texts and takes seconds. On 1.5 million tweets
and two cores the audit takes one or two minutes and 1 GB of memory. The page needs the extra
"audit".
"""

import argparse
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import sentiment_repl
from sentiment_repl import model_folder, runtime
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.options import new_parser, reading_options
from sentiment_repl.program import run_program, say, say_json
from sentiment_repl.render import escape

PARTS = ("data", "model", "bias")


def main() -> int:
    """Run the program, and return its exit code."""
    parser = _parser()
    args = parser.parse_args()
    parts = args.only or PARTS
    if not args.data and set(parts) != {"bias"}:
        parser.error("name a file of labelled texts; only --only bias works without")
    runtime.limit_blas_threads()
    from sentiment_repl.evaluation.audit.page import bias_tables, write_page

    folder = model_folder.locate(args.model, args.artifacts)
    figures = _measure(args, parts, folder)
    if args.json:
        say_json(figures, indent=1)
    elif list(figures) == ["bias"] and args.output is None:
        say(bias_tables(figures["bias"]))
    else:
        output = args.output or _default_output()
        page = write_page(output, figures, _subject(args, folder.name))
        say(f"Written: {escape(str(page))}")
    return 0


def _measure(args: argparse.Namespace, parts: Collection[str], folder: Path) -> dict[str, Any]:
    """Return the figures of each part, in the order of ``PARTS``."""
    from sentiment_repl import load
    from sentiment_repl.data.labels import read_labelled
    from sentiment_repl.data.split import is_held_out
    from sentiment_repl.evaluation.audit.data import data_figures
    from sentiment_repl.evaluation.audit.model import model_figures, word_figures
    from sentiment_repl.evaluation.bias import measure_bias
    from sentiment_repl.evaluation.evaluate import collect_answers
    from sentiment_repl.files.tally import Tally

    classifier = load(folder=folder, neutral=not args.no_neutral)
    figures: dict[str, Any] = {}
    if set(parts) != {"bias"}:
        with Tally() as tally:
            read = read_labelled(args.data, tally, **reading_options(args))
            rows = [row for row in read if row.label in classifier.labels]
        print(f"{len(rows):,} texts read", file=sys.stderr)
    if "data" in parts:
        figures["data"] = data_figures(rows, classifier.labels, tally.unreadable)
        if args.no_texts:
            figures["data"]["most_frequent"] = []
    if "model" in parts:
        seed = model_folder.read_training_record(folder).split_seed
        held_out = (row for row in rows if args.unseen or is_held_out(row.text, seed))
        answers = collect_answers(classifier, held_out)
        if not answers.texts:
            raise DataError(f"none of {len(rows)} texts is held out and has a known word")
        print(f"{len(answers.texts):,} held-out texts classified", file=sys.stderr)
        words = word_figures(classifier, answers)
        figures["model"] = model_figures(classifier, answers) | {"words": words}
    if "bias" in parts:
        figures["bias"] = measure_bias(classifier)
    return figures


def _default_output() -> Path:
    checkout = Path(sentiment_repl.__file__).resolve().parents[1]
    return checkout / "results" / "audit" if (checkout / "setup.cfg").exists() else Path("audit")


def _subject(args: argparse.Namespace, model: str) -> str:
    sentences = [f"It is about the model `{escape(model)}`"]
    if args.data:
        names = (f"`{escape(path.name)}`" for path in args.data)
        sentences[0] += f" and the texts of {', '.join(names)}"
    if args.no_texts:
        sentences.append("It shows none of the texts")
    return " ".join(f"{sentence}." for sentence in sentences)


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(__doc__)
    parser.add_argument(
        "--only", metavar="PART", nargs="+", choices=PARTS, help=f"any of {', '.join(PARTS)}"
    )
    parser.add_argument(
        "--unseen",
        action="store_true",
        help="the model was not trained on any of these texts: measure it on all of them, not "
        "only on those that a training holds out",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        type=Path,
        help="the folder of the page; by default results/audit in a checkout, else audit",
    )
    parser.add_argument(
        "--no-texts", action="store_true", help="leave all texts out of a page to be published"
    )
    parser.add_argument("--json", action="store_true", help="print the figures; write no page")
    return parser


if __name__ == "__main__":
    run_program(main, extra="audit")
