"""Sentences about trainings that are too small for what their figures seem to say."""

import shlex
from collections.abc import Iterator, Sequence

import numpy as np

from sentiment_repl import model_folder
from sentiment_repl.classifier import NEUTRAL
from sentiment_repl.data.corpus import Corpus
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.metrics import guessing_recall, macro_recall
from sentiment_repl.training.base import Architecture

_FEW_ROWS = 10_000
_STANDARD_ERRORS = 2


def recommend_fine_tuning(corpus: Corpus, architecture: Architecture) -> str | None:
    """Return advice if a training from random weights has few rows, and a model ships."""
    rows = sum(one.training + one.held_out for one in corpus.sources if one.is_measured)
    shipped = model_folder.shipped_models().get(architecture.name)
    if rows >= _FEW_ROWS or shipped is None:
        return None
    advice = (
        f"{rows:,} rows are few for a training from random weights; fine-tune the model that "
        f"ships: --init-from {shlex.quote(str(shipped))} --output DIR"
    )
    if architecture.has_neutral and NEUTRAL not in corpus.classes:
        advice += ", and --data human FILE, because it needs neutral texts, too"
    return advice


def describe_missing_classes(corpus: Corpus) -> Iterator[str]:
    """Yield a sentence for each class that the measured held-out texts lack.

    :raises DataError: no text is measured, because none is neutral.
    """
    labels = corpus.held_out.labels[corpus.held_out.is_judged]
    if not len(labels):
        raise DataError(
            f"none of the {len(corpus.held_out):,} held-out texts is neutral, so that three "
            "labels can't be measured; add neutral texts, such as those of --data human, or leave "
            "yours out with --labels neutral=skip"
        )
    for index, label in enumerate(corpus.classes):
        if not np.any(labels == index):
            yield (
                f"None of the {len(labels):,} held-out texts is {label}: the held-out accuracy "
                f"says nothing about {label} texts; add more of them (one text in ten is held out)"
            )


def describe_guessing(confusion: Sequence[Sequence[int]], *, fine_tuned: bool) -> str | None:
    """Return a sentence if a model is at chance: no better than guesses without the texts.

    :param confusion: the held-out texts by actual (row) and predicted (column) class.
    :param fine_tuned: whether the model began as another one.
    :return: None if the model is better, or if all texts are of one class.
    """
    counts = np.array(confusion)
    if (counts.sum(axis=1) > 0).sum() < 2:
        return None
    recall = macro_recall(counts)
    guessing, standard_error = guessing_recall(counts)
    if recall > guessing + _STANDARD_ERRORS * standard_error:
        return None
    other = "" if fine_tuned else ", or fine-tune a trained model (--init-from)"
    return (
        f"The model is no better than guessing, as far as {counts.sum():,} held-out texts show: "
        f"macro recall {recall:.1%}, guessing {guessing:.1%}; check the labels, add texts{other}"
    )
