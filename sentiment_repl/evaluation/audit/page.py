"""The figures of an audit as a page that a person reads."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sentiment_repl.evaluation.audit import plots as pictures
from sentiment_repl.evaluation.audit import markdown

PAGE = "README.md"


def write(folder: Path, figures: Mapping[str, Any], about: str) -> Path:
    """Write the page and its pictures, over older ones.

    :param figures: by part of the audit, what its ``summary`` told.
    :param about: what was looked at.
    :return: the page.
    :raises OSError: they can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures.draw(figures, folder)
    page = folder / PAGE
    new = page.with_name(f".{PAGE}.new")
    text = "\n\n".join(_sections(figures, about)) + "\n"
    new.write_text(text, encoding="utf-8", newline="\n")
    os.replace(new, page)
    return page


def _sections(figures: Mapping[str, Any], about: str) -> Iterator[str]:
    yield "# What the data holds, and what the model made of it"
    yield f"Written by `scripts/audit.py`, which measures every figure anew. {about}"
    warnings = [warning for part in figures.values() for warning in part.get("warnings", ())]
    if {"data", "labels", "model"} & set(figures):
        yield "## Out of line"
        yield "\n".join(f"- {warning}" for warning in warnings) or "Nothing that is looked for."
    for part, section in _SECTIONS.items():
        if part in figures:
            yield from section(figures[part])


def _data(data: Mapping[str, Any]) -> Iterator[str]:
    yield "## The data"
    yield (
        "Texts are the same, and words too, once case, punctuation, HTML entities, mentions and "
        "links are levelled."
    )
    yield markdown.data(data)
    yield "![How far a dictionary reaches](words.png)"


def _labels(labels: Mapping[str, Any]) -> Iterator[str]:
    yield "## Labels in doubt"
    yield (
        "Confident learning (Northcutt et al. 2021, [arXiv:1911.00068](https://arxiv.org/abs/"
        "1911.00068), by cleanlab) on the predictions of a logistic regression of words and pairs "
        "of words, each for texts that it has not seen. It takes for wrong what that model is sure "
        "of and the label denies: irony looks like an error to it, and an error that follows a "
        "rule does not. How many of the labels turned on purpose it finds tells how far to trust "
        "it."
    )
    if "beside" in labels:
        yield labels["beside"]
    yield markdown.labels(labels)
    if labels["training"]:
        yield (
            "In brackets: points gained over all rows as they are, and the interval of 95 % (a "
            "bootstrap over the set's texts). The last line tells what fewer rows alone do."
        )
    yield "![Which labels are doubted](labels.png)"


def _model(model: Mapping[str, Any]) -> Iterator[str]:
    yield "## The model"
    yield "On the rows that `train.py` holds back with the model's seed, and has not trained on."
    yield markdown.model(model)
    yield "![Where the model is right](groups.png)"
    yield "![Reliability](reliability.png)"
    words = model["words"]
    yield (
        f"### Words\n\nWhat the log-odds of positive lose without the word, on average over the "
        f"texts that have it, in {words['texts']:,} held-back texts drawn at random; beside it "
        "the log-odds of the labels of these texts."
    )
    yield markdown.words(words["positive"], "strongest for positive")
    yield markdown.words(words["negative"], "strongest for negative")
    yield "![The strongest words](effects.png)"
    yield "Frequent words whose effect surprises: words of grammar, which should have none, and"
    yield markdown.words(words["grammar"], "words of grammar")
    yield "words that do the opposite of what the labels of their texts say."
    yield markdown.words(words["opposite"], "against their labels")


def _bias(models: Mapping[str, Any]) -> Iterator[str]:
    yield "## Words that only name who somebody is"
    yield (
        "Each stands in the same sentences, some of them neutral, some with a mood (in the manner "
        "of the Equity Evaluation Corpus, Kiritchenko and Mohammad 2018, [arXiv:1805.04508]("
        "https://arxiv.org/abs/1805.04508)). Its shift in a sentence is the log-odds of positive "
        "there less those of the same sentence without it, for an adjective, or the mean over the "
        "terms of its set in the same sentence, for any other. The mean absolute shift is over "
        "terms and sentences; beside it the same of the terms' means, in which what goes both ways "
        "cancels out, and the share of the sentences where the label is another for it. Intervals "
        "are of a bootstrap over templates."
    )
    yield markdown.bias(models)
    yield "![How far a word that only names who somebody is moves an answer](bias.png)"


_SECTIONS = {"data": _data, "labels": _labels, "model": _model, "bias": _bias}


def about(data: Sequence[Path], labelled: Sequence[Path], model: str, before: str | None) -> str:
    """A sentence on what was looked at."""
    parts = [f"the model `{model}`"]
    if before:
        parts.append(f"the model `{before}` before it")
    if data:
        parts.append(f"the texts of {', '.join(f'`{path.name}`' for path in data)}")
    if labelled:
        parts.append(f"the hand-labelled {', '.join(f'`{path.name}`' for path in labelled)}")
    return f"Looked at: {', '.join(parts)}."
