"""Labelled texts looked at as a whole: balance, repeats, contradictions, lengths, words."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from sentiment_repl.errors import DataError
from sentiment_repl.data.corpus import held_back, split_key
from sentiment_repl.data.labels import Row

COVERAGE = (1_000, 3_000, 10_000, 30_000, 100_000)
"""Of so many of the most frequent words the share of the text is told."""
_SHOWN = 5  # texts that come most often

_LEAST_MINORITY, _MOST_REPEATS, _MOST_CONTRADICTIONS = 0.4, 0.05, 0.01
_MOST_WORDLESS, _LENGTHS_APART, _MOST_UNREADABLE = 0.01, 1.2, 0.001


class Texts(NamedTuple):
    """Labelled texts in memory."""

    texts: list[str]
    labels: np.ndarray
    """0 or 1, (texts,), int8."""
    same: np.ndarray
    """Texts with the same number have the same ``split_key``, (texts,), int32."""
    lengths: np.ndarray
    """Words in each text's ``split_key``, (texts,), int32."""
    held_back: np.ndarray
    """Which texts ``train.py`` holds back, (texts,), bool."""
    words: Counter[str]
    """How often each word stands in them."""


def read(rows: Iterable[Row], seed: int) -> Texts:
    """Keep labelled texts and what makes them alike.

    :param rows: texts with the labels 0 and 1.
    :param seed: of the model, which decides what is held back.
    :raises DataError: rows of one label alone, or none is held back.
    """
    texts: list[str] = []
    labels, same, lengths, held = [], [], [], []
    numbers: dict[int, int] = {}
    words: Counter[str] = Counter()
    for label, text in rows:
        key = split_key(text)
        found = key.split()
        texts.append(text)
        labels.append(label)
        same.append(numbers.setdefault(hash(key), len(numbers)))
        lengths.append(len(found))
        held.append(held_back(text, seed))
        words.update(found)
    if len(set(labels)) < 2:
        raise DataError("rows of both labels, 0 and 1 (or 4), are needed")
    if not any(held):
        raise DataError(f"{len(texts)} rows are too few to hold some of them back")
    return Texts(
        texts,
        np.array(labels, np.int8),
        np.array(same, np.int32),
        np.array(lengths, np.int32),
        np.array(held, bool),
        words,
    )


def summary(texts: Texts, unreadable: int = 0) -> dict[str, Any]:
    """The figures of ``scripts/audit.py`` on the data, ready for JSON."""
    labels, same = texts.labels, texts.same
    rows = len(labels)
    times = np.bincount(same)
    of_label = [np.bincount(same[labels == label], minlength=len(times)) for label in (0, 1)]
    both = (of_label[0] > 0) & (of_label[1] > 0)
    first = np.unique(same, return_index=True)[1]
    often = np.argsort(-times, kind="stable")[:_SHOWN]
    counts = np.sort(np.fromiter(texts.words.values(), np.int64))[::-1]
    running = np.cumsum(counts)
    figures = {
        "rows": rows,
        "unreadable": unreadable,
        "positive": float(labels.mean()),
        "repeats": float(1 - len(times) / rows),
        "most_often": [
            {"text": texts.texts[first[number]], "rows": int(times[number])}
            for number in often
            if times[number] > 1
        ],
        "texts_with_both_labels": int(both.sum()),
        "rows_with_both_labels": int(times[both].sum()),
        "length": {
            "mean": float(texts.lengths.mean()),
            "mean_by_label": [float(texts.lengths[labels == label].mean()) for label in (0, 1)],
            "percentiles": {
                str(at): int(np.percentile(texts.lengths, at)) for at in (1, 25, 50, 75, 99, 100)
            },
            "without_words": float((texts.lengths == 0).mean()),
        },
        "words": {
            "running": int(running[-1]) if len(running) else 0,
            "distinct": len(counts),
            "once": float((counts == 1).mean()) if len(counts) else 0.0,
            "coverage": {
                str(most): float(running[most - 1] / running[-1])
                for most in COVERAGE
                if most <= len(counts)
            },
        },
    }
    return figures | {"warnings": list(_warnings(figures))}


def _warnings(figures: dict[str, Any]) -> Iterator[str]:
    """What is out of line."""
    rows = figures["rows"]
    minority = min(figures["positive"], 1 - figures["positive"])
    if minority < _LEAST_MINORITY:
        lesser = "positive" if figures["positive"] < 0.5 else "negative"
        yield (
            f"Only {minority:.1%} of the rows are {lesser}: a model may learn to guess the other "
            "label, and its accuracy alone does not tell."
        )
    if figures["repeats"] > _MOST_REPEATS:
        yield (
            f"{figures['repeats']:.1%} of the rows repeat another text: what comes often counts "
            "often."
        )
    contradictions = figures["rows_with_both_labels"] / rows
    if contradictions > _MOST_CONTRADICTIONS:
        yield f"{contradictions:.1%} of the rows are of texts that have both labels."
    if figures["length"]["without_words"] > _MOST_WORDLESS:
        yield f"{figures['length']['without_words']:.1%} of the rows have no word."
    shorter, longer = sorted(figures["length"]["mean_by_label"])
    if longer > _LENGTHS_APART * shorter:
        yield (
            f"Texts of one label have {longer:.1f} words on average, of the other {shorter:.1f}: "
            "length alone gives the label away."
        )
    if figures["unreadable"] > _MOST_UNREADABLE * (rows + figures["unreadable"]):
        yield f"{figures['unreadable']:,} rows could not be read."
