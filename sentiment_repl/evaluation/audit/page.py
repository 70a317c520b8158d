"""The page of an audit: its figures as Markdown tables, and its pictures."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sentiment_repl.data.split import LINK, MENTION
from sentiment_repl.evaluation.bias import TEMPLATES
from sentiment_repl.evaluation.markdown import escape_markdown, markdown_table
from sentiment_repl.program import escape_lines

_MAX_TEXT = 160  # characters of a text that are shown
_GAPS_SHOWN, _TERMS_SHOWN = 10, 20


def write_page(folder: Path, figures: Mapping[str, Any], subject: str) -> Path:
    """Write the page and its pictures, and replace older ones.

    :param figures: the figures of each part of the audit.
    :param subject: a sentence about the model and the texts.
    :return: the path of the page.
    :raises OSError: a file can't be written.
    """
    from sentiment_repl.evaluation.audit.plots import draw_pictures  # needs matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    draw_pictures(figures, folder)
    page = folder / "README.md"
    content = escape_lines("\n\n".join(_sections(figures, subject))) + "\n"
    page.write_text(content, encoding="utf-8", newline="\n")
    return page


def _sections(figures: Mapping[str, Any], subject: str) -> Iterator[str]:
    yield "# Audit"
    yield f"`python -m sentiment_repl.evaluation.audit` wrote this page. {subject}"
    if {"data", "model"} & set(figures):
        warnings = [warning for part in figures.values() for warning in part.get("warnings", ())]
        yield "## Warnings"
        yield "\n".join(f"- {warning}" for warning in warnings) or "None."
    sections = {"data": _data_section, "model": _model_section, "bias": _bias_section}
    for part, section in sections.items():
        if part in figures:
            yield from section(figures[part])


def _data_section(data: Mapping[str, Any]) -> Iterator[str]:
    yield "## Data"
    yield (
        "Texts are compared without case, punctuation and HTML entities. All mentions count as one "
        "word, and all links as another."
    )
    yield from _data_tables(data)


def _model_section(model: Mapping[str, Any]) -> Iterator[str]:
    yield "## Model"
    yield (
        "The figures describe texts that the model was not trained on. The ± is the margin of a "
        "95 % interval."
    )
    yield from _model_tables(model)
    yield "![Accuracy on groups of held-out texts](groups.png)"
    yield "![Reliability diagram](reliability.png)"
    words = model["words"]
    yield "### Words"
    yield (
        "A word's contribution is how much the log-odds of positive drop without it. The tables "
        f"show the mean over the texts with the word, among {words['texts']:,} held-out texts "
        "drawn at random. The last column is the log-odds of positive among the labels of these "
        "texts."
    )
    yield _word_table(words["positive"], "towards positive")
    yield _word_table(words["negative"], "towards negative")
    yield "Function words should not move an answer much. These have the largest contributions:"
    yield _word_table(words["function_words"], "function words")
    yield "These words push against the labels of their texts:"
    yield _word_table(words["against_labels"], "against their labels")


def _bias_section(bias: Mapping[str, Any]) -> Iterator[str]:
    yield "## Bias"
    yield (
        "Identity terms say who somebody is. Each term fills the gap of the same bias evaluation "
        "templates; some templates are neutral, some have a sentiment. The method is that of the "
        "Equity Evaluation Corpus (Kiritchenko and Mohammad 2018, "
        "[arXiv:1805.04508](https://arxiv.org/abs/1805.04508))."
    )
    yield (
        "- **Shift**: the difference in log-odds of positive between a sentence and its baseline.\n"
        "- **Baseline**: for an adjective, the sentence without it; for any other term, the mean "
        "over the terms of its set.\n"
        "- **Mean absolute shift**: over terms and sentences.\n"
        "- **Absolute mean shift**: over terms. The shifts of one term in both directions cancel "
        "out.\n"
        "- **Flipped labels**: the share of sentences with another label than the baseline.\n"
        "- **95 %**: an interval from a bootstrap over the templates."
    )
    yield bias_tables(bias)
    yield "![How far identity terms shift an answer](bias.png)"


def quote_text(text: str) -> str:
    """Return the start of a text for a published page, without the names of users.

    >>> quote_text("@ann look: http://a.example")
    '@user look: link'
    """
    text = MENTION.sub("@user", LINK.sub("link", text))
    return escape_markdown(text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…")


def _data_tables(figures: Mapping[str, Any]) -> Iterator[str]:
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
    yield markdown_table(["", ":"], lines)
    if figures["most_frequent"]:
        repeated = ((quote_text(one["text"]), one["rows"]) for one in figures["most_frequent"])
        yield markdown_table(["most frequent texts", "rows:"], repeated)


def _model_tables(figures: Mapping[str, Any]) -> Iterator[str]:
    lines = [
        ("held-out texts with a prediction", figures["rows"]),
        ("held-out texts without a known word", figures["unanswered"]),
        ("accuracy", f"{figures['accuracy']:.2%}"),
        ("macro recall", f"{figures['macro_recall']:.2%}"),
        ("macro-F1", f"{figures['macro_f1']:.4f}"),
        ("expected calibration error", f"{figures['expected_calibration_error']:.4f}"),
        ("out-of-vocabulary tokens", f"{figures['unknown']:.2%}"),
    ]
    groups = (
        (criterion, group, one["rows"], f"{one['accuracy']:.1%} ± {100 * one['margin']:.1f}")
        for criterion, some in figures["groups"].items()
        for group, one in some.items()
    )
    yield markdown_table(["", ":"], lines)
    yield markdown_table(["criterion", "group", "texts:", "accuracy:"], groups)


def _word_table(words: Sequence[Mapping[str, Any]], head: str) -> str:
    rows = []
    for word in words:
        log_odds = f"{word['contribution']:+.2f}", f"{word['label_log_odds']:+.2f}"
        rows.append((quote_text(word["word"]), word["texts"], *log_odds))
    return markdown_table([head, "texts:", "contribution:", "log-odds of their labels:"], rows)


def bias_tables(figures: Mapping[str, Any]) -> str:
    """Return the tables of ``bias_metrics``."""
    gaps = []
    for one in figures["gaps"][:_GAPS_SHOWN]:
        interval = "–".join(f"{end:.2f}" for end in one["interval"])
        gaps.append(
            (
                f"{one['lowest']} < {one['highest']}",
                f"{one['trait']}, {one['form']}",
                f"{one['gap']:.2f}",
                interval,
            )
        )
    terms = []
    for one in figures["terms"][:_TERMS_SHOWN]:
        interval = " to ".join(f"{end:+.2f}" for end in one["interval"])
        terms.append(
            (one["term"], f"{one['trait']}, {one['form']}", f"{one['shift']:+.2f}", interval)
        )
    unlisted = []
    if figures["unlisted"]:
        traits = {"all": figures["unlisted"]}
        unlisted.append(_trait_table("terms that no list of the training has", traits))
    unknown = "; ".join(f"{trait}: {' '.join(some)}" for trait, some in figures["unknown"].items())
    tables = [
        _trait_table("trait", figures["traits"]),
        _trait_table("terms that are in no written list", figures["held_out"]),
        *unlisted,
        markdown_table(["largest gaps", "trait and form", "gap:", "95 %:"], gaps)
        if gaps
        else "The terms of a set all shift the answer alike.",
        markdown_table(["largest shifts", "trait and form", "mean shift:", "95 %:"], terms),
        f"{figures['sentences']:,} sentences from {len(TEMPLATES)} templates. Terms out of "
        f"vocabulary, or without a counterpart: {unknown or 'none'}.",
    ]
    return "\n\n".join(tables)


def _trait_table(head: str, traits: Mapping[str, Any]) -> str:
    rows = []
    for trait, one in traits.items():
        interval = "–".join(f"{end:.3f}" for end in one["interval"])
        shifts = f"{one['absolute_shift']:.3f}", interval, f"{one['absolute_mean_shift']:.3f}"
        rows.append((trait, one["terms"], *shifts, f"{one['flips']:.1%}"))
    heads = [head, "terms:", "mean absolute shift:", "95 %:"]
    return markdown_table([*heads, "absolute mean shift:", "flipped labels:"], rows)
