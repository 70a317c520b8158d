"""Figures of an audit as Markdown tables, for its report and for the terminal."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sentiment_repl.data.corpus import LINK, MENTION
from sentiment_repl.evaluation.bias_templates import TEMPLATES

_PLAIN = re.compile(r"([\\`*_<>\[\]|#~$&!])")
_LONGEST = 160  # characters of a text that are shown


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the numbers of a column whose head ends in a colon stand right."""
    rules = ["---:" if head.endswith(":") else "---" for head in heads]
    lines = [[head.rstrip(":") for head in heads], rules, *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def quoted(text: str) -> str:
    """A text of somebody's on one line, that Markdown does not read, nobody named in it."""
    text = MENTION.sub("@user", LINK.sub("link", " ".join(text.split())))
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return _PLAIN.sub(r"\\\1", text)


def data(figures: Mapping[str, Any]) -> str:
    """What ``data.summary`` told."""
    rows, length, words = figures["rows"], figures["length"], figures["words"]
    lines = [
        ("rows", f"{rows:,}"),
        ("rows that could not be read", f"{figures['unreadable']:,}"),
        ("positive", f"{figures['positive']:.1%}"),
        ("rows that repeat another text", f"{figures['repeats']:.2%}"),
        (
            "texts with both labels, and their rows",
            f"{figures['texts_with_both_labels']:,}, {figures['rows_with_both_labels']:,}",
        ),
        ("words a text: mean", f"{length['mean']:.1f}"),
        ("of the negative, of the positive", "{:.1f}, {:.1f}".format(*length["mean_by_label"])),
        *((f"percentile {at}", count) for at, count in length["percentiles"].items()),
        ("texts without a word", f"{length['without_words']:.2%}"),
        ("running words", f"{words['running']:,}"),
        ("distinct words", f"{words['distinct']:,}"),
        ("of these, words that come once", f"{words['once']:.1%}"),
        *(
            (f"the {int(most):,} most frequent words make up", f"{share:.1%} of the running words")
            for most, share in words["coverage"].items()
        ),
    ]
    often = table(
        ["texts that come most often", "rows:"],
        ((quoted(one["text"]), f"{one['rows']:,}") for one in figures["most_often"]),
    )
    return "\n\n".join([table(["", ":"], lines), often][: 1 + bool(figures["most_often"])])


def labels(figures: Mapping[str, Any]) -> str:
    """What ``labels.summary`` told."""
    noise, flipped = figures["noise"], figures["flipped"]
    lines = [
        ("estimated share of wrong labels", f"{noise['all']:.1%}"),
        ("of the negative, of the positive", f"{noise['negative']:.1%}, {noise['positive']:.1%}"),
        ("rows under suspicion", f"{figures['suspects']:,} ({figures['suspected']:.1%})"),
        ("accuracy of the model behind this, on texts unseen", f"{figures['accuracy']:.2%}"),
        (
            f"of {flipped['rows']:,} labels turned on purpose, found among the suspects",
            f"{flipped['found']:.1%}",
        ),
        ("the estimate with these", f"{flipped['noise']:.1%}"),
    ]
    parts = [table(["", ":"], lines)]
    if ways := figures["training"]:
        sets = ways[0]["sets"]
        heads = ["training", "rows:"]
        heads += [f"{name} ({one['rows']:,}):" for name, one in sets.items()]
        rows = []
        for way in ways:
            cells = [way["name"], f"{way['rows']:,}"]
            for one in way["sets"].values():
                low, high = (100 * at for at in one["interval"])
                gain = f" ({100 * one['gain']:+.1f}; {low:+.1f} to {high:+.1f})"
                cells.append(f"{one['accuracy']:.1%}{gain if way is not ways[0] else ''}")
            rows.append(cells)
        parts.append(table(heads, rows))
    doubtful = (
        (
            ("negative", "positive")[one["label"]],
            f"{one['confidence']:.4f}",
            quoted(one["text"]),
        )
        for one in figures["most_doubtful"]
    )
    if figures["most_doubtful"]:
        parts.append(table(["its label", "probability of it:", "text"], doubtful))
    return "\n\n".join(parts)


def model(figures: Mapping[str, Any]) -> str:
    """What ``answers.summary`` told, and under ``words`` ``answers.notable``."""
    lines = [
        ("held-back texts with an answer", f"{figures['rows']:,}"),
        ("without a known word", f"{figures['unanswered']:,}"),
        ("right", f"{figures['accuracy']:.2%}"),
        ("macro-F1", f"{figures['macro_f1']:.4f}"),
        ("expected calibration error", f"{figures['expected_calibration_error']:.4f}"),
        ("words and marks that it does not know", f"{figures['unknown']:.2%}"),
    ]
    groups = (
        (by, group, f"{one['rows']:,}", f"{one['accuracy']:.1%} ± {100 * one['within']:.1f}")
        for by, some in figures["groups"].items()
        for group, one in some.items()
    )
    return "\n\n".join(
        [table(["", ":"], lines), table(["texts by", "", "how many:", "right:"], groups)]
    )


def words(some: Sequence[Mapping[str, Any]], head: str) -> str:
    """Words with their effects."""
    return table(
        [head, "texts:", "effect:", "log-odds of their labels:"],
        (
            (quoted(one["word"]), one["times"], f"{one['effect']:+.2f}", f"{one['labels']:+.2f}")
            for one in some
        ),
    )


def bias(models: Mapping[str, Mapping[str, Any]]) -> str:
    """What ``bias.summary`` told of one model, or of some beside each other."""
    heads = ["trait", "terms:"]
    for name in models:
        of = f"{name}: " if len(models) > 1 else ""
        heads += [f"{of}mean absolute shift:", "95 %:", "of terms' means:", "other label:"]
    rows = []
    for trait, one in next(iter(models.values()))["traits"].items():
        cells = [trait, one["terms"]]
        for figures in models.values():
            of_trait = figures["traits"][trait]
            cells += [f"{of_trait['absolute_shift']:.3f}", _span(of_trait["interval"], ".3f", "–")]
            cells += [f"{of_trait['absolute_mean_shift']:.3f}", f"{of_trait['flips']:.1%}"]
        rows.append(cells)
    parts = [table(heads, rows)]
    for name, figures in models.items():
        of = f"{name}: " if len(models) > 1 else ""
        gaps = (
            (f"{one['lowest']} < {one['highest']}", f"{one['trait']}, {one['form']}",
             f"{one['gap']:.2f}", _span(one["interval"], ".2f", "–"))
            for one in figures["gaps"][:10]
        )  # fmt: skip
        terms = (
            (one["term"], f"{one['trait']}, {one['form']}", f"{one['shift']:+.2f}",
             _span(one["interval"], "+.2f", " to "))
            for one in figures["terms"][:20]
        )  # fmt: skip
        if figures["gaps"]:
            parts.append(table([f"{of}largest gaps", "", "gap:", "95 %:"], gaps))
        else:
            parts.append(f"{of}the terms of a set do not differ in what they do.")
        parts.append(table([f"{of}largest shifts", "", "mean shift:", "95 %:"], terms))
        unknown = "; ".join(f"{trait}: {' '.join(w)}" for trait, w in figures["unknown"].items())
        parts.append(
            f"{of}{figures['sentences']:,} sentences from {len(TEMPLATES)} templates. "
            f"Not known, and left out: {unknown or 'none'}."
        )
    return "\n\n".join(parts)


def _span(interval: Sequence[float], form: str, between: str) -> str:
    return between.join(format(at, form) for at in interval)
