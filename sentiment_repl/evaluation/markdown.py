"""Markdown for the evaluation, the model card, the audit and the benchmark."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SPECIAL = re.compile(r"([\\`*_<>\[\]|#~$&!])")


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table. A column whose head ends in a colon is aligned right.

    Whole numbers get thousands separators. Other cells appear as ``str`` returns them.

    >>> print(markdown_table(["label", "rows:"], [("positive", 1234)]))
    | label | rows |
    | --- | ---: |
    | positive | 1,234 |
    """
    rules = ["---:" if head.endswith(":") else "---" for head in heads]
    lines: list[Sequence[object]] = [[head.removesuffix(":") for head in heads], rules, *rows]
    return "\n".join(map(markdown_row, lines))


def markdown_row(cells: Sequence[object]) -> str:
    """Return one row of a table, for a program that prints rows as it goes."""
    return f"| {' | '.join(map(_cell, cells))} |"


def confusion_table(labels: Sequence[str], matrix: Iterable[Sequence[int]]) -> str:
    """Return the table of a confusion matrix. Its rows are the actual labels."""
    heads = ["", *(f"predicted {label}:" for label in labels)]
    return markdown_table(heads, ((f"actual {label}", *row) for label, row in zip(labels, matrix)))


def reliability_table(points: Iterable[Mapping[str, Any]]) -> str:
    """Return the table of ``metrics.reliability``."""
    return markdown_table(
        ["texts:", "mean confidence:", "accuracy:"],
        ((one["rows"], f"{one['confidence']:.2%}", f"{one['accuracy']:.2%}") for one in points),
    )


def escape_markdown(text: str) -> str:
    """Return a text on one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
