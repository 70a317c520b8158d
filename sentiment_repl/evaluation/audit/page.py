"""The page of an audit."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sentiment_repl.evaluation.audit.plots import draw_pictures
from sentiment_repl.evaluation.audit.tables import (
    bias_tables,
    data_tables,
    model_tables,
    word_table,
)

PAGE = "README.md"


def write_page(folder: Path, figures: Mapping[str, Any], subject: str) -> Path:
    """Write the page and its pictures, and replace older ones.

    :param figures: the figures of each part of the audit.
    :param subject: a sentence about the model and the texts.
    :return: the path of the page.
    :raises OSError: a file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw_pictures(figures, folder)
    page = folder / PAGE
    new = page.with_name(f".{PAGE}.new")
    content = "\n\n".join(_sections(figures, subject)) + "\n"
    new.write_text(content, encoding="utf-8", newline="\n")
    os.replace(new, page)
    return page


def _sections(figures: Mapping[str, Any], subject: str) -> Iterator[str]:
    yield "# Audit"
    yield f"`python -m sentiment_repl.evaluation.audit` wrote this page. {subject}"
    if {"data", "model"} & set(figures):
        warnings = [warning for part in figures.values() for warning in part.get("warnings", ())]
        yield "## Warnings"
        yield "\n".join(f"- {warning}" for warning in warnings) or "None."
    for part, section in _SECTIONS.items():
        if part in figures:
            yield from section(figures[part])


def _data_section(data: Mapping[str, Any]) -> Iterator[str]:
    yield "## Data"
    yield (
        "Texts are compared without case, punctuation and HTML entities. All mentions count as one "
        "word, and all links as another."
    )
    yield data_tables(data)
    yield "![Coverage of a vocabulary](coverage.png)"


def _model_section(model: Mapping[str, Any]) -> Iterator[str]:
    yield "## Model"
    yield (
        "The figures describe the held-out texts of the training. The ± is the margin of a 95 % "
        "interval."
    )
    yield model_tables(model)
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
    yield word_table(words["positive"], "towards positive")
    yield word_table(words["negative"], "towards negative")
    yield "![Words with the largest contributions](contributions.png)"
    yield "Function words should not move an answer much. These have the largest contributions:"
    yield word_table(words["function_words"], "function words")
    yield "These words push against the labels of their texts:"
    yield word_table(words["against_labels"], "against their labels")


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


_SECTIONS = {"data": _data_section, "model": _model_section, "bias": _bias_section}
