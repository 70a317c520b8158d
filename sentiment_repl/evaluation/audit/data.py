"""The data part of the audit: class balance, repeats, contradictions, lengths and words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.data.labels import LabelledText
from sentiment_repl.data.split import is_held_out, split_key
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


class AuditTexts(NamedTuple):
    """Labelled texts in memory."""

    texts: list[str]
    classes: tuple[str, ...]
    """The labels."""
    labels: NDArray[np.int8]
    """The class of each text, (texts,)."""
    keys: NDArray[np.int32]
    """Texts with the same ``split_key`` have the same number, (texts,)."""
    lengths: NDArray[np.int32]
    """The number of words in each ``split_key``, (texts,)."""
    held_out: NDArray[np.bool_]
    """Whether the training held a text out, (texts,)."""
    word_counts: Counter[str]

    def held_out_rows(self) -> Iterator[LabelledText]:
        """Yield the texts that the training held out."""
        for index in self.held_out.nonzero()[0]:
            yield LabelledText(self.classes[self.labels[index]], self.texts[index])


def collect_texts(rows: Iterable[LabelledText], classes: Sequence[str], seed: int) -> AuditTexts:
    """Read labelled texts into memory. Rows with other labels are left out.

    :param classes: the labels of the model.
    :param seed: the split seed of the model.
    :raises DataError: a label has no row, or no text is held out.
    """
    texts: list[str] = []
    labels, keys, lengths, held_out = [], [], [], []
    key_numbers: dict[int, int] = {}
    word_counts: Counter[str] = Counter()
    for label, text in rows:
        if label not in classes:
            continue
        key = split_key(text)
        words = key.split()
        texts.append(text)
        labels.append(classes.index(label))
        keys.append(key_numbers.setdefault(hash(key), len(key_numbers)))
        lengths.append(len(words))
        held_out.append(is_held_out(text, seed))
        word_counts.update(words)
    if missing := [label for index, label in enumerate(classes) if index not in set(labels)]:
        raise DataError(f"no row has the label {' or '.join(missing)}")
    if not any(held_out):
        raise DataError(f"none of {len(texts)} texts is held out; the audit needs more rows")
    return AuditTexts(
        texts,
        tuple(classes),
        np.array(labels, np.int8),
        np.array(keys, np.int32),
        np.array(lengths, np.int32),
        np.array(held_out, bool),
        word_counts,
    )


def data_figures(texts: AuditTexts, unreadable: int = 0) -> dict[str, Any]:
    """Return the figures, with ``warnings``. They are ready for JSON.

    :param unreadable: rows that could not be read.
    """
    shares = np.bincount(texts.labels, minlength=len(texts.classes)) / len(texts.labels)
    figures = {
        "rows": len(texts.labels),
        "unreadable": unreadable,
        "labels": dict(zip(texts.classes, shares.tolist())),
        **_repeat_figures(texts),
        "length": _length_figures(texts),
        "words": _word_figures(texts.word_counts),
    }
    return figures | {"warnings": list(_warnings(figures))}


def _repeat_figures(texts: AuditTexts) -> dict[str, Any]:
    """Count texts that repeat another, and those that have several labels."""
    counts = np.bincount(texts.keys)
    of_label = [
        np.bincount(texts.keys[texts.labels == index], minlength=len(counts))
        for index in range(len(texts.classes))
    ]
    has_several = np.sum([of > 0 for of in of_label], axis=0) > 1
    first = np.unique(texts.keys, return_index=True)[1]
    most_frequent = np.argsort(-counts, kind="stable")[:_REPEATS_SHOWN]
    return {
        "repeats": float(1 - len(counts) / len(texts.keys)),
        "most_frequent": [
            {"text": texts.texts[first[key]], "rows": int(counts[key])}
            for key in most_frequent
            if counts[key] > 1
        ],
        "texts_with_several_labels": int(has_several.sum()),
        "rows_with_several_labels": int(counts[has_several].sum()),
    }


def _length_figures(texts: AuditTexts) -> dict[str, Any]:
    lengths = texts.lengths
    return {
        "mean": float(lengths.mean()),
        "mean_by_label": {
            label: float(lengths[texts.labels == index].mean())
            for index, label in enumerate(texts.classes)
        },
        "percentiles": {str(at): int(np.percentile(lengths, at)) for at in _PERCENTILES},
        "without_words": float((lengths == 0).mean()),
    }


def _word_figures(word_counts: Counter[str]) -> dict[str, Any]:
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
