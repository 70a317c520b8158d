"""Audit labelled texts and a model, and write a page with pictures.

The audit has three parts. "data": class balance, repeats, contradictions, lengths and words.
"model": accuracy on groups of held-out texts, and the words that move the model. "bias": how far
identity terms move an answer; this part needs no texts and takes seconds. On 1.5 million tweets
and two cores the audit takes one or two minutes and 1.5 GB of memory. The page needs the extra
"audit".
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sentiment_repl
from sentiment_repl import runtime
from sentiment_repl.program import program_name, run_program

if TYPE_CHECKING:  # importing these brings NumPy, before the number of threads is set
    from sentiment_repl.classifier import Classifier
    from sentiment_repl.evaluation.audit.data import AuditTexts

PARTS = ("data", "model", "bias")


def main() -> int:
    """Run the program, and return its exit code."""
    parser = _parser()
    args = parser.parse_args()
    parts = args.only or PARTS
    if not args.data and set(parts) != {"bias"}:
        parser.error("name a file of labelled texts; only --only bias works without")
    began = time.monotonic(), time.process_time()
    runtime.limit_blas_threads()
    from sentiment_repl import load, model_folder

    folder = model_folder.locate(args.model, args.artifacts)
    figures = _measure(args, parts, load(folder=folder), folder)
    if args.json:
        print(json.dumps(figures, indent=1))
    elif list(figures) == ["bias"] and args.output is None:
        from sentiment_repl.evaluation.audit.tables import bias_tables

        print(bias_tables(figures["bias"]))
    else:
        from sentiment_repl.evaluation.audit.page import write_page

        output = args.output or _default_output()
        print(f"Written: {write_page(output, figures, _subject(args, folder.name))}")
    wall, cpu = time.monotonic() - began[0], time.process_time() - began[1]
    _report(f"{wall:,.0f} s, processor time {cpu:,.0f} s")
    return 0


def _measure(
    args: argparse.Namespace, parts: tuple[str, ...], classifier: Classifier, folder: Path
) -> dict[str, Any]:
    """Return the figures of each part, in the order of ``PARTS``."""
    figures: dict[str, Any] = {}
    if {"data", "model"} & set(parts):
        from sentiment_repl.data.labels import read_labelled
        from sentiment_repl.evaluation.audit.data import collect_texts, data_figures
        from sentiment_repl.files.tally import Tally
        from sentiment_repl.model_folder import read_training_record

        columns = {"label_column": args.label_column, "text_column": args.text_column}
        seed = read_training_record(folder).split_seed
        with Tally() as tally:
            rows = read_labelled(args.data, tally, **columns)
            texts = collect_texts(rows, classifier.labels, seed)
        _report(f"{len(texts.texts):,} texts read")
        if "data" in parts:
            figures["data"] = data_figures(texts, tally.unreadable)
            if args.no_texts:
                figures["data"]["most_frequent"] = []
        if "model" in parts:
            figures["model"] = _measure_model(classifier, texts)
    if "bias" in parts:
        from sentiment_repl.evaluation.bias import bias_metrics, measure_bias

        figures["bias"] = bias_metrics(measure_bias(classifier))
    return figures


def _measure_model(classifier: Classifier, texts: AuditTexts) -> dict[str, Any]:
    from sentiment_repl.errors import DataError
    from sentiment_repl.evaluation.audit.model import answer_texts, model_figures, word_figures

    held_out = texts.held_out.nonzero()[0]
    answers = answer_texts(
        classifier, [texts.texts[index] for index in held_out], texts.labels[held_out]
    )
    _report(f"{len(held_out):,} held-out texts classified")
    if not answers.texts:
        raise DataError("no held-out text has a word that the model knows")
    return model_figures(answers) | {"words": word_figures(classifier, answers)}


def _default_output() -> Path:
    checkout = Path(sentiment_repl.__file__).resolve().parents[1]
    return checkout / "results" / "audit" if (checkout / "setup.cfg").exists() else Path("audit")


def _subject(args: argparse.Namespace, model: str) -> str:
    sentences = [f"It is about the model `{model}`"]
    if args.data:
        sentences[0] += f" and the texts of {', '.join(f'`{path.name}`' for path in args.data)}"
    if args.no_texts:
        sentences.append("It shows none of the texts")
    return " ".join(f"{sentence}." for sentence in sentences)


def _report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program_name(),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "data", metavar="FILE", type=Path, nargs="*", help="labelled texts, as for the training"
    )
    parser.add_argument("--label-column", metavar="NAME", help="if its name is unusual")
    parser.add_argument("--text-column", metavar="NAME", help="if its name is unusual")
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", metavar="NAME", help="a model that ships with the program")
    model.add_argument("--artifacts", metavar="DIR", help="any other model folder")
    parser.add_argument(
        "--only", metavar="PART", nargs="+", choices=PARTS, help=f"any of {', '.join(PARTS)}"
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
