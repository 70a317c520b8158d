"""The data part of the audit: class balance, repeats, contradictions, lengths and words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sentiment_repl.classifier import NEUTRAL
from sentiment_repl.data.labels import LabelledText
from sentiment_repl.data.split import split_key
from sentiment_repl.errors import DataError

_VOCABULARY_SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)  # whose coverage is measured
_REPEATS_SHOWN = 5
_PERCENTILES = (1, 25, 50, 75, 99, 100)  # of lengths

# A figure beyond its limit gets a warning.
_MIN_BALANCE = 0.8  # the share of the rarest label, relative to equal shares
_MAX_REPEATS = 0.05  # share of rows
_MAX_CONTRADICTIONS = 0.01  # share of rows
_MAX_WITHOUT_WORDS = 0.01  # share of rows
_MAX_LENGTH_RATIO = 1.2  # mean length with one label to that with another
_MAX_UNREADABLE = 0.001  # share of rows


def data_figures(
    rows: Sequence[LabelledText], labels: Sequence[str], unreadable: int = 0
) -> dict[str, Any]:
    """Return the figures, with ``warnings``. They are ready for JSON.

    :param rows: texts with one of the labels.
    :param labels: the labels of the model. The figures leave out neutral if no row is.
    :param unreadable: rows that could not be read.
    :raises DataError: no row is negative, or none is positive.
    """
    rows_of = Counter(row.label for row in rows)
    labels = [label for label in labels if rows_of[label] or label != NEUTRAL]
    if missing := [label for label in labels if not rows_of[label]]:
        raise DataError(f"no row has the label {' or '.join(missing)}")
    keys = [split_key(row.text) for row in rows]
    figures = {
        "rows": len(rows),
        "unreadable": unreadable,
        "labels": {label: rows_of[label] / len(rows) for label in labels},
        **_repeat_figures(rows, keys),
        "length": _length_figures(rows, keys, labels),
        "words": _word_figures(keys),
    }
    return figures | {"warnings": list(_warnings(figures))}


def _repeat_figures(rows: Sequence[LabelledText], keys: Sequence[str]) -> dict[str, Any]:
    """Count texts that repeat another, and those that have several labels."""
    counts = Counter(keys)
    labels_of = Counter(key for key, _ in {(key, row.label) for key, row in zip(keys, rows)})
    has_several = [key for key, labels in labels_of.items() if labels > 1]
    return {
        "repeats": 1 - len(counts) / len(keys),
        "most_frequent": [
            {"text": rows[keys.index(key)].text, "rows": count}
            for key, count in counts.most_common(_REPEATS_SHOWN)
            if count > 1
        ],
        "texts_with_several_labels": len(has_several),
        "rows_with_several_labels": sum(counts[key] for key in has_several),
    }


def _length_figures(
    rows: Sequence[LabelledText], keys: Sequence[str], labels: Sequence[str]
) -> dict[str, Any]:
    lengths = np.array([len(key.split()) for key in keys])
    label_of = np.array([labels.index(row.label) for row in rows])
    return {
        "mean": float(lengths.mean()),
        "mean_by_label": {
            label: float(lengths[label_of == index].mean()) for index, label in enumerate(labels)
        },
        "percentiles": {str(at): int(np.percentile(lengths, at)) for at in _PERCENTILES},
        "without_words": float((lengths == 0).mean()),
    }


def _word_figures(keys: Iterable[str]) -> dict[str, Any]:
    word_counts = Counter(word for key in keys for word in key.split())
    counts = np.sort(np.fromiter(word_counts.values(), np.int64))[::-1]
    cumulative = np.cumsum(counts)
    return {
        "total": int(counts.sum()),
        "distinct": len(counts),
        "once": float((counts == 1).mean()) if len(counts) else 0.0,
        "coverage": {
            str(size): float(cumulative[size - 1] / cumulative[-1])
            for size in _VOCABULARY_SIZES
            if size <= len(counts)
        },
    }


def _warnings(figures: Mapping[str, Any]) -> Iterator[str]:
    rows, length = figures["rows"], figures["length"]
    rarest, share = min(figures["labels"].items(), key=lambda item: item[1])
    if share < _MIN_BALANCE / len(figures["labels"]):
        yield (
            f"Only {share:.1%} of the rows are {rarest}. A model can reach a high accuracy by "
            "guessing a more frequent label."
        )
    if figures["repeats"] > _MAX_REPEATS:
        yield f"{figures['repeats']:.1%} of the rows repeat another text, and weigh more."
    contradictions = figures["rows_with_several_labels"] / rows
    if contradictions > _MAX_CONTRADICTIONS:
        yield f"{contradictions:.1%} of the rows have a text that occurs with several labels."
    if length["without_words"] > _MAX_WITHOUT_WORDS:
        yield f"{length['without_words']:.1%} of the rows have no word."
    (shorter, short), *_, (longer, long) = sorted(
        length["mean_by_label"].items(), key=lambda item: item[1]
    )
    if long > _MAX_LENGTH_RATIO * short:
        yield (
            f"Texts have {long:.1f} words on average if they are {longer}, and {short:.1f} if they "
            f"are {shorter}. A model can guess the label from the length."
        )
    if figures["unreadable"] > _MAX_UNREADABLE * (rows + figures["unreadable"]):
        yield f"{figures['unreadable']:,} rows could not be read."
