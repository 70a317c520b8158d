#!/usr/bin/env python3
"""Measure a model folder on labelled texts.

Takes what train.py takes, and files of neg, neutral or pos, a tab and a text. On neutral
rows it tells how many answers are too close to call, as all should be. Needs neither
TensorFlow nor Keras. A million tweets take about half a minute with the article's
network, four minutes with the default one.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import _console


def main() -> int:
    """Run the program; the return value is its exit code."""
    parser = _parser()
    args = parser.parse_args()
    if not args.data and not args.rated:
        parser.error("name a file of labelled texts, or some of rated ones with --rated")
    from sentiment_repl import model_folder, load
    from sentiment_repl.data import crowd_ratings
    from sentiment_repl.data.corpus import held_back
    from sentiment_repl.evaluation.evaluate import evaluate, evaluate_rated
    from sentiment_repl.data.labels import Tally, read_all

    folder = model_folder.locate(args.model, args.artifacts)
    classifier = load(folder=folder)
    seed = model_folder.trained(folder).split
    figures: dict[str, Any] = {}
    with Tally() as tally:
        rows = read_all(
            args.data,
            tally,
            label_column=args.label_column,
            text_column=args.text_column,
            neutral=True,
        )
        if args.data:
            figures = evaluate(classifier, rows)
            print(tally, file=sys.stderr)
        of_file = {}
        for path in args.rated:
            texts = [one for one in crowd_ratings.read(path, tally.add) if held_back(one.text, seed)]
            if not texts:
                raise crowd_ratings.nothing_in([path], "held back")
            of_file[str(path)] = evaluate_rated(classifier, texts)
    if args.json:
        print(json.dumps(figures | ({"rated": of_file} if of_file else {})))
        return 0
    parts = []
    if figures:
        parts.append(_table(figures))
        if args.reliability and figures["rows"]:
            parts.append(_diagram(figures["reliability"]))
    if of_file:
        parts.append(_of_rated(of_file))
    print("\n\n".join(parts))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", metavar="FILE", type=Path, nargs="*")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--model", metavar="NAME", help="a model that ships with the program")
    chosen.add_argument("--artifacts", metavar="DIR", help="any other model folder")
    parser.add_argument("--label-column", metavar="NAME", help="if its name is unusual")
    parser.add_argument("--text-column", metavar="NAME", help="if its name is unusual")
    _console.add_files(
        parser,
        "--rated",
        help="rated texts, as train.py takes them; only those are measured that the model's "
        "training held back",
    )
    parser.add_argument(
        "--reliability", action="store_true", help="how often answers of each confidence are right"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser


def _table(figures: dict[str, Any]) -> str:
    neutral = _of_neutral(figures)
    if not figures["rows"]:
        return neutral
    close = f"too close to call           {figures['uncertain']:.4f}{_of_certain(figures)}"
    if neutral:
        close += f"\n{neutral}"
    (true_negative, false_positive), (false_negative, true_positive) = figures["confusion_matrix"]
    return f"""\
accuracy                    {figures["accuracy"]:.4f}   of {figures["rows"]:,} texts with an answer
macro-F1                    {figures["macro_f1"]:.4f}
expected calibration error  {figures["expected_calibration_error"]:.4f}
area under the ROC curve    {_share(figures["area_under_curve"])}
unanswered                  {figures["unanswered"]:,}
accuracy, those as errors   {figures["accuracy_of_all"]:.4f}
{close}

                  said negative  said positive
truly negative    {true_negative:13,}  {false_positive:13,}
truly positive    {false_negative:13,}  {true_positive:13,}"""


def _diagram(bins: list[dict[str, Any]]) -> str:
    """A reliability diagram of characters: a bar is the accuracy, | the confidence."""
    lines = ["     answers  confidence  accuracy  50 %" + " " * 35 + "100 %"]
    for one in bins:
        bar = "=" * round((one["accuracy"] - 0.5) * 80)
        place = round((one["confidence"] - 0.5) * 80)
        drawn = f"{bar:<41}"
        drawn = f"{drawn[:place]}|{drawn[place + 1 :]}"
        lines.append(
            f"{one['rows']:12,}  {one['confidence']:10.3f}  {one['accuracy']:8.3f}  {drawn}"
        )
    return "\n".join(lines)


def _of_certain(figures: dict[str, Any]) -> str:
    accuracy = figures["accuracy_of_certain"]
    return "" if accuracy is None else f"   accuracy of the others: {accuracy:.4f}"


def _of_rated(of_file: dict[str, dict[str, Any]]) -> str:
    """How answers go with mean ratings, and how many of the clear ones are right."""
    lines = ["rated texts  correlation  clear ones   right  (of those held back)"]
    for file, one in of_file.items():
        shown = [_share(share) for share in (one["correlation"], one["accuracy_of_clear"])]
        lines.append(
            f"{one['rows']:11,}  {shown[0]:>11}  {one['clear']:10,}  {shown[1]:>6}  {file}"
        )
    return "\n".join(lines)


def _of_neutral(figures: dict[str, Any]) -> str:
    neutral = figures["neutral"]
    if neutral is None:
        return ""
    return (
        f"of {neutral['rows']:,} neutral texts      {neutral['uncertain']:.4f} too close to call, "
        f"mean confidence of all of them: {neutral['confidence']:.4f}"
        + (
            ""
            if neutral["area_under_curve"] is None
            else ";\nhow well confidence tells the others from them (area under the ROC curve): "
            f"{neutral['area_under_curve']:.4f}"
        )
    )


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.4f}"


if __name__ == "__main__":
    _console.run(main)
