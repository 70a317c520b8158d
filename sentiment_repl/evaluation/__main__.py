"""Measure a model on labelled texts.

Reads the files that the training reads. Prints macro recall over negative, neutral and positive,
two-way accuracy on negative and positive texts, accuracy, macro-F1, calibration error and the
confusion matrix; for several files, one table with the mean over the files. If a model has no
neutral label, its texts in the low-confidence band count as neutral in macro recall. Needs no
TensorFlow. A million tweets take about half a minute with the model "article", and four minutes
with "default".
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sentiment_repl import runtime
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.markdown import (
    confusion_table,
    markdown_table,
    reliability_table,
)
from sentiment_repl.evaluation.options import new_parser, reading_options
from sentiment_repl.program import run_program, say, say_json
from sentiment_repl.render import escape


def main() -> int:
    """Run the program, and return its exit code."""
    parser = _parser()
    args = parser.parse_args()
    if not args.data:
        parser.error("name a file of labelled texts")
    figures = _measure(args)
    if args.json:
        say_json(figures)
    elif "files" in figures:
        say("\n\n".join(_tables(figures, args.reliability)))
    else:
        say("\n\n".join(_paragraphs(figures, args.reliability)))
    return 0


def _measure(args: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one file; of several ``files`` also their ``mean``."""
    runtime.limit_blas_threads()
    from sentiment_repl import load, model_folder
    from sentiment_repl.data.labels import read_labelled
    from sentiment_repl.evaluation.evaluate import (
        collect_answers,
        mean_figures,
        measure_answers,
        pooled_reliability,
    )
    from sentiment_repl.files.tally import Tally

    folder = model_folder.locate(args.model, args.artifacts)
    classifier = load(folder=folder, neutral=not args.no_neutral)
    reading = reading_options(args)
    answers, figures = [], {}
    for path in dict.fromkeys(args.data):
        with Tally() as tally:
            answers.append(collect_answers(classifier, read_labelled([path], tally, **reading)))
        try:
            figures[str(path)] = measure_answers(answers[-1], classifier.labels)
        except DataError as error:
            raise DataError(f"{path}: {error}") from error
    if len(figures) == 1:
        return figures.popitem()[1]
    return {
        "files": figures,
        "mean": mean_figures(figures.values()),
        "reliability": pooled_reliability(answers),
    }


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(__doc__)
    parser.add_argument(
        "--reliability", action="store_true", help="also print the reliability diagram as a table"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _paragraphs(figures: Mapping[str, Any], with_reliability: bool) -> Iterator[str]:
    if figures["rows"]:
        yield "\n".join(f"{name:<31}{value}" for name, value in _lines(figures))
        yield confusion_table(figures["labels"], figures["confusion_matrix"])
    if neutral := figures["neutral"]:
        yield _describe_neutral(neutral)
    if figures["rows"] and with_reliability:
        yield reliability_table(figures["reliability"])


def _describe_neutral(neutral: Mapping[str, Any]) -> str:
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


def _lines(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    recalls = ", ".join(f"{label} {share:.4f}" for label, share in figures["recall"].items())
    yield "macro recall", f"{figures['macro_recall']:.4f}   {recalls}"
    yield "two-way accuracy", _optional(figures["two_way_accuracy"])
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


def _tables(figures: Mapping[str, Any], with_reliability: bool) -> Iterator[str]:
    from sentiment_repl.data.labels import LABELS
    from sentiment_repl.evaluation.evaluate import MEANS

    heads = ["file", "texts:", "macro recall:", "two-way accuracy:", "accuracy:", "macro-F1:"]
    heads += ["calibration error:", "in low-confidence band:", "accuracy outside:"]
    heads += [f"recall, {label}:" for label in LABELS]
    rows = []
    for file, one in figures["files"].items():
        cells = [_optional(one.get(name)) for name in MEANS]
        cells += [_optional(one["recall"].get(label)) for label in LABELS]
        rows.append([escape(Path(file).name), one["texts"], *cells])
    means = [_optional(figures["mean"][name]) for name in MEANS]
    yield markdown_table(heads, [*rows, ["mean", "", *means, *[""] * len(LABELS)]])
    if with_reliability:
        yield reliability_table(figures["reliability"])


def _optional(share: float | None) -> str:
    return "–" if share is None else f"{share:.4f}"


if __name__ == "__main__":
    run_program(main)
