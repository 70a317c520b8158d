"""Measure a model on labelled texts.

Reads the files that the training reads. Prints accuracy, macro-F1, calibration error and the
confusion matrix. For neutral texts and a model without that label, it prints how many are in
the low-confidence band. Needs no TensorFlow. A million tweets take about half a minute with the
model "article", and four minutes with "default".
"""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from sentiment_repl import runtime
from sentiment_repl.evaluation.markdown import (
    confusion_table,
    markdown_table,
    reliability_table,
)
from sentiment_repl.evaluation.options import new_parser
from sentiment_repl.program import add_file_list, run_program


def main() -> int:
    """Run the program, and return its exit code."""
    parser = _parser()
    args = parser.parse_args()
    if not args.data and not args.rated:
        parser.error("name a file of labelled texts, or a file of crowd-rated texts with --rated")
    runtime.limit_blas_threads()
    from sentiment_repl import load, model_folder
    from sentiment_repl.data.labels import read_labelled
    from sentiment_repl.evaluation.evaluate import evaluate, evaluate_rated
    from sentiment_repl.files.tally import Tally

    folder = model_folder.locate(args.model, args.artifacts)
    classifier = load(folder=folder)
    figures: dict[str, Any] = {}
    if args.data:
        columns = {"label_column": args.label_column, "text_column": args.text_column}
        with Tally() as tally:
            figures = evaluate(classifier, read_labelled(args.data, tally, **columns))
    if args.rated:
        seed = model_folder.read_training_record(folder).split_seed
        figures["rated"] = evaluate_rated(classifier, args.rated, seed)
    print(json.dumps(figures) if args.json else "\n\n".join(_paragraphs(figures, args.reliability)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(__doc__)
    add_file_list(
        parser,
        "--rated",
        help="crowd-rated texts, as for the training; only the model's held-out texts count",
    )
    parser.add_argument(
        "--reliability", action="store_true", help="also print the reliability diagram as a table"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _paragraphs(figures: dict[str, Any], with_reliability: bool) -> Iterator[str]:
    if figures.get("rows"):
        yield "\n".join(f"{name:<31}{value}" for name, value in _lines(figures))
        yield confusion_table(figures["labels"], figures["confusion_matrix"])
    if neutral := figures.get("neutral"):
        yield _describe_neutral(neutral)
    if figures.get("rows") and with_reliability:
        yield reliability_table(figures["reliability"])
    if "rated" in figures:
        yield _describe_rated(figures["rated"])


def _describe_neutral(neutral: dict[str, Any]) -> str:
    share, area = neutral["uncertain"], neutral["area_under_curve"]
    lines = [
        f"{neutral['rows']:,} neutral texts: {share:.4f} in the low-confidence band, "
        f"mean confidence {neutral['confidence']:.4f}"
    ]
    if area is not None:
        lines.append(
            "area under the ROC curve, the confidence of the other texts against theirs: "
            f"{area:.4f}"
        )
    return "\n".join(lines)


def _lines(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "accuracy", f"{figures['accuracy']:.4f}   of {figures['rows']:,} texts with a prediction"
    yield "macro-F1", f"{figures['macro_f1']:.4f}"
    yield "expected calibration error", f"{figures['expected_calibration_error']:.4f}"
    yield "area under the ROC curve", _optional(figures["area_under_curve"])
    yield "texts without a prediction", f"{figures['unanswered']:,}"
    yield "accuracy with those as errors", f"{figures['accuracy_of_all']:.4f}"
    outside = _optional(figures["accuracy_of_certain"])
    yield (
        "share in low-confidence band",
        f"{figures['uncertain']:.4f}   accuracy outside: {outside}",
    )


def _describe_rated(figures: dict[str, dict[str, Any]]) -> str:
    heads = ["file", "held-out texts:", "correlation:", "clear texts:", "accuracy on them:"]
    rows = []
    for file, one in figures.items():
        correlation, accuracy = map(_optional, (one["correlation"], one["accuracy_of_clear"]))
        rows.append((file, one["rows"], correlation, one["clear"], accuracy))
    return markdown_table(heads, rows)


def _optional(share: float | None) -> str:
    return "–" if share is None else f"{share:.4f}"


if __name__ == "__main__":
    run_program(main)
