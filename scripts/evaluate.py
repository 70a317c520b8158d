#!/usr/bin/env python3
"""Measure a model folder on labelled texts.

Takes what train.py takes, and files of neg, neutral or pos, a tab and a text; neutral
rows are left out. Needs neither TensorFlow nor Keras. A million tweets take about half
a minute.
"""

import argparse
import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from sentiment_repl import Classifier, ModelError, load
from sentiment_repl.training import metrics
from sentiment_repl.training.tables import DataError, Tally, read_all

_BATCH = 1024  # texts at a time; the result does not depend on it


def evaluate(classifier: Classifier, rows: Any) -> dict[str, Any]:
    """Accuracy, macro-F1, confusion matrix and calibration error on labelled rows.

    All of them are of the texts that got an answer; one without a known word has none.

    :param rows: an iterable of ``tables.Row``, labels 0 and 1.
    """
    labels: list[int] = []
    positive: list[float] = []
    unanswered = 0
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        predictions = classifier.classify_batch(row.text for row in batch)
        for row, prediction in zip(batch, predictions):
            if prediction.label is None:
                unanswered += 1
                continue
            labels.append(row.label)
            confidence = prediction.confidence
            positive.append(confidence if prediction.label == "positive" else 1 - confidence)
    if not labels:
        raise DataError("no usable row, or none with a word that the model knows")
    figures = metrics.summary(np.array(labels), np.array(positive))
    right = figures["accuracy"] * len(labels)
    return {
        **figures,
        "unanswered": unanswered,
        "accuracy_of_all": right / (len(labels) + unanswered),
    }


def _show(figures: dict[str, Any]) -> str:
    (true_negative, false_positive), (false_negative, true_positive) = figures["confusion_matrix"]
    return f"""\
accuracy                    {figures["accuracy"]:.4f}   of {figures["rows"]:,} texts with an answer
macro-F1                    {figures["macro_f1"]:.4f}
expected calibration error  {figures["expected_calibration_error"]:.4f}
unanswered                  {figures["unanswered"]:,}
accuracy, those as errors   {figures["accuracy_of_all"]:.4f}

                  said negative  said positive
truly negative    {true_negative:13,}  {false_positive:13,}
truly positive    {false_negative:13,}  {true_positive:13,}"""


def main() -> int:
    """Run the program; the return value is its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", metavar="FILE", type=Path, nargs="+")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--model", metavar="NAME", help="a model that ships with the program")
    chosen.add_argument("--artifacts", metavar="DIR", help="any other model folder")
    parser.add_argument(
        "--label-column", metavar="NAME", help="label column, if its name is unusual"
    )
    parser.add_argument("--text-column", metavar="NAME", help="text column, if its name is unusual")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    args = parser.parse_args()
    tally = Tally()
    try:
        classifier = load(args.model, folder=args.artifacts)
        rows = read_all(
            args.data, tally, label_column=args.label_column, text_column=args.text_column
        )
        figures = evaluate(classifier, rows)
    except ModelError as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 2
    except DataError as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if tally.unreadable:
            print(tally.problems_shown(), file=sys.stderr)
    print(tally, file=sys.stderr)
    print(json.dumps(figures) if args.json else _show(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
