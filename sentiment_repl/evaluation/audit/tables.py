"""The figures of an audit as Markdown tables, for the page and for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from sentiment_repl.data.split import LINK, MENTION
from sentiment_repl.evaluation.bias_templates import TEMPLATES
from sentiment_repl.evaluation.markdown import escape_markdown, markdown_table

_MAX_TEXT = 160  # characters of a text that are shown
_GAPS_SHOWN, _TERMS_SHOWN = 10, 20


def quote_text(text: str) -> str:
    """Return the start of a text for a published page, without the names of users.

    >>> quote_text("@ann look: http://a.example")
    '@user look: link'
    """
    text = MENTION.sub("@user", LINK.sub("link", text))
    return escape_markdown(text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…")


def data_tables(figures: Mapping[str, Any]) -> str:
    """Return the tables of ``data_figures``."""
    length, words = figures["length"], figures["words"]
    lines: list[tuple[str, object]] = [
        ("rows", figures["rows"]),
        ("rows that could not be read", figures["unreadable"]),
        *((f"{label} rows", f"{share:.1%}") for label, share in figures["labels"].items()),
        ("rows that repeat another text", f"{figures['repeats']:.2%}"),
        ("texts with several labels", figures["texts_with_several_labels"]),
        ("rows with these texts", figures["rows_with_several_labels"]),
        ("words in a text, mean", f"{length['mean']:.1f}"),
        *(
            (f"words in a {label} text, mean", f"{mean:.1f}")
            for label, mean in length["mean_by_label"].items()
        ),
        *(
            (f"words in a text, percentile {at}", count)
            for at, count in length["percentiles"].items()
        ),
        ("texts without a word", f"{length['without_words']:.2%}"),
        ("words in all texts", words["total"]),
        ("distinct words", words["distinct"]),
        ("distinct words that occur once", f"{words['once']:.1%}"),
        *(
            (f"coverage of the {int(size):,} most frequent words", f"{share:.1%}")
            for size, share in words["coverage"].items()
        ),
    ]
    tables = [markdown_table(["", ":"], lines)]
    if figures["most_frequent"]:
        repeated = ((quote_text(one["text"]), one["rows"]) for one in figures["most_frequent"])
        tables.append(markdown_table(["most frequent texts", "rows:"], repeated))
    return "\n\n".join(tables)


def model_tables(figures: Mapping[str, Any]) -> str:
    """Return the tables of ``model_figures``."""
    lines: list[tuple[str, object]] = [
        ("held-out texts with a prediction", figures["rows"]),
        ("held-out texts without a known word", figures["unanswered"]),
        ("accuracy", f"{figures['accuracy']:.2%}"),
        ("macro-F1", f"{figures['macro_f1']:.4f}"),
        ("expected calibration error", f"{figures['expected_calibration_error']:.4f}"),
        ("out-of-vocabulary tokens", f"{figures['unknown']:.2%}"),
    ]
    groups = (
        (criterion, group, one["rows"], f"{one['accuracy']:.1%} ± {100 * one['margin']:.1f}")
        for criterion, some in figures["groups"].items()
        for group, one in some.items()
    )
    heads = ["criterion", "group", "texts:", "accuracy:"]
    return f"{markdown_table(['', ':'], lines)}\n\n{markdown_table(heads, groups)}"


def word_table(words: Sequence[Mapping[str, Any]], head: str) -> str:
    """Return the table of a list of ``word_figures``."""
    return markdown_table(
        [head, "texts:", "contribution:", "log-odds of their labels:"],
        (
            (
                quote_text(word["word"]),
                word["texts"],
                f"{word['contribution']:+.2f}",
                f"{word['label_log_odds']:+.2f}",
            )
            for word in words
        ),
    )


def bias_tables(figures: Mapping[str, Any]) -> str:
    """Return the tables of ``bias_metrics``."""
    traits = (
        (
            trait,
            one["terms"],
            f"{one['absolute_shift']:.3f}",
            _interval(one["interval"], ".3f", "–"),
            f"{one['absolute_mean_shift']:.3f}",
            f"{one['flips']:.1%}",
        )
        for trait, one in figures["traits"].items()
    )
    heads = ["trait", "terms:", "mean absolute shift:", "95 %:"]
    heads += ["absolute mean shift:", "flipped labels:"]
    unknown = "; ".join(f"{trait}: {' '.join(some)}" for trait, some in figures["unknown"].items())
    return "\n\n".join(
        [
            markdown_table(heads, traits),
            _gap_table(figures["gaps"][:_GAPS_SHOWN]),
            _term_table(figures["terms"][:_TERMS_SHOWN]),
            f"{figures['sentences']:,} sentences from {len(TEMPLATES)} templates. Terms out of "
            f"vocabulary, or without a counterpart: {unknown or 'none'}.",
        ]
    )


def _gap_table(gaps: Sequence[Mapping[str, Any]]) -> str:
    if not gaps:
        return "The terms of a set all shift the answer alike."
    return markdown_table(
        ["largest gaps", "trait and form", "gap:", "95 %:"],
        (
            (
                f"{gap['lowest']} < {gap['highest']}",
                f"{gap['trait']}, {gap['form']}",
                f"{gap['gap']:.2f}",
                _interval(gap["interval"], ".2f", "–"),
            )
            for gap in gaps
        ),
    )


def _term_table(terms: Sequence[Mapping[str, Any]]) -> str:
    return markdown_table(
        ["largest shifts", "trait and form", "mean shift:", "95 %:"],
        (
            (
                term["term"],
                f"{term['trait']}, {term['form']}",
                f"{term['shift']:+.2f}",
                _interval(term["interval"], "+.2f", " to "),
            )
            for term in terms
        ),
    )


def _interval(interval: Sequence[float], number_format: str, separator: str) -> str:
    return separator.join(format(end, number_format) for end in interval)
