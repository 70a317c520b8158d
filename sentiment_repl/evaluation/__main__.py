"""Measure a model on labelled texts.

Reads the files that the training reads. Prints accuracy, macro-F1, calibration error and the
confusion matrix. For neutral texts and a model without that label, it prints how many are in
the low-confidence band. Needs no TensorFlow. A million tweets take about half a minute with the
model "article", and four minutes with "default".
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_repl import runtime
from sentiment_repl.program import add_file_list, program_name, run_program

if TYPE_CHECKING:  # importing these brings NumPy, before the number of threads is set
    from sentiment_repl.classifier import Classifier

_DIAGRAM_WIDTH = 40  # characters from the lowest confidence to 100 %


def main() -> int:
    """Run the program, and return its exit code."""
    parser = _parser()
    args = parser.parse_args()
    if not args.data and not args.rated:
        parser.error("name a file of labelled texts, or a file of crowd-rated texts with --rated")
    runtime.limit_blas_threads()
    figures = _measure(args)
    if args.json:
        print(json.dumps(figures))
        return 0
    parts = []
    if "labels" in figures:
        parts += list(_describe(figures))
        if args.reliability and figures["rows"]:
            parts.append(_reliability_diagram(figures))
    if "rated" in figures:
        parts.append(_describe_rated(figures["rated"]))
    print("\n\n".join(parts))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program_name(),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "data", metavar="FILE", type=Path, nargs="*", help="labelled texts, as for the training"
    )
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", metavar="NAME", help="a model that ships with the program")
    model.add_argument("--artifacts", metavar="DIR", help="any other model folder")
    parser.add_argument("--label-column", metavar="NAME", help="if its name is unusual")
    parser.add_argument("--text-column", metavar="NAME", help="if its name is unusual")
    add_file_list(
        parser,
        "--rated",
        help="crowd-rated texts, as for the training; only the model's held-out texts count",
    )
    parser.add_argument(
        "--reliability", action="store_true", help="also draw the reliability diagram"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _measure(args: argparse.Namespace) -> dict[str, Any]:
    from sentiment_repl import load, model_folder
    from sentiment_repl.data.labels import read_labelled
    from sentiment_repl.evaluation.evaluate import evaluate
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
        figures["rated"] = dict(_measure_rated(classifier, args.rated, seed))
    return figures


def _measure_rated(
    classifier: Classifier, paths: list[Path], seed: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    from sentiment_repl.data.crowd_ratings import no_rated_texts, read_rated
    from sentiment_repl.data.split import is_held_out
    from sentiment_repl.evaluation.evaluate import evaluate_rated
    from sentiment_repl.files.tally import Tally

    for path in paths:
        with Tally() as tally:
            texts = [one for one in read_rated([path], tally) if is_held_out(one.text, seed)]
        if not texts:
            raise no_rated_texts([path], "held out")
        yield str(path), evaluate_rated(classifier, texts)


def _describe(figures: dict[str, Any]) -> Iterator[str]:
    """Yield the paragraphs about labelled texts."""
    if figures["rows"]:
        yield "\n".join(f"{name:<31}{value}" for name, value in _lines(figures))
        yield _confusion_matrix(figures["labels"], figures["confusion_matrix"])
    if neutral := figures["neutral"]:
        yield (
            f"{neutral['rows']:,} neutral texts: {neutral['uncertain']:.4f} in the low-confidence "
            f"band, mean confidence {neutral['confidence']:.4f}"
            + (
                "\narea under the ROC curve, the confidence of the other texts against theirs: "
                f"{neutral['area_under_curve']:.4f}"
                if neutral["area_under_curve"] is not None
                else ""
            )
        )


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


def _confusion_matrix(labels: list[str], matrix: list[list[int]]) -> str:
    heads = [f"predicted {label}" for label in labels]
    names = [f"actual {label}" for label in labels]
    width = max(map(len, names))
    lines = ["  ".join([" " * width, *heads])]
    for name, counts in zip(names, matrix):
        cells = [f"{count:{len(head)},}" for count, head in zip(counts, heads)]
        lines.append("  ".join([f"{name:<{width}}", *cells]))
    return "\n".join(lines)


def _reliability_diagram(figures: dict[str, Any]) -> str:
    """Draw a bar for the accuracy of each bin, and a | at its mean confidence."""
    lowest = 1 / len(figures["labels"])

    def place(share: float) -> int:
        return max(round((share - lowest) / (1 - lowest) * _DIAGRAM_WIDTH), 0)

    scale = f"{lowest:.0%}{'100%':>{_DIAGRAM_WIDTH - 1}}"
    lines = [f"       texts  confidence  accuracy  {scale}"]
    for point in figures["reliability"]:
        bar = f"{'=' * place(point['accuracy']):<{_DIAGRAM_WIDTH + 1}}"
        mark = place(point["confidence"])
        lines.append(
            f"{point['rows']:12,}  {point['confidence']:10.3f}  {point['accuracy']:8.3f}  "
            f"{bar[:mark]}|{bar[mark + 1 :]}".rstrip()
        )
    return "\n".join(lines)


def _describe_rated(figures: dict[str, dict[str, Any]]) -> str:
    lines = ["held-out texts  correlation  clear texts  accuracy on them"]
    for file, one in figures.items():
        correlation, accuracy = map(_optional, (one["correlation"], one["accuracy_of_clear"]))
        lines.append(
            f"{one['rows']:14,}  {correlation:>11}  {one['clear']:11,}  {accuracy:>16}  {file}"
        )
    return "\n".join(lines)


def _optional(share: float | None) -> str:
    return "–" if share is None else f"{share:.4f}"


if __name__ == "__main__":
    run_program(main)
