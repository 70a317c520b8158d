"""One training, from labelled files to a model folder."""

import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import sentiment_repl
from sentiment_repl import model_folder
from sentiment_repl.classifier import NEGATIVE, POSITIVE, build_classifier
from sentiment_repl.data.corpus import Corpus, build_corpus
from sentiment_repl.data.crowd_ratings import no_rated_texts, read_rated
from sentiment_repl.data.labels import LabelledText, read_labelled
from sentiment_repl.data.soft_targets import Teacher, load_teacher, with_soft_targets
from sentiment_repl.data.sources import (
    CrowdRatedTexts,
    Example,
    Source,
    SyntheticSentences,
    labelled_examples,
    sampled,
)
from sentiment_repl.errors import DataError
from sentiment_repl.evaluation.model_card import render_card
from sentiment_repl.files.tally import Tally
from sentiment_repl.text.vocabulary import vocabulary_from_json
from sentiment_repl.training.backend import keras, tf
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.export import Export, save_model
from sentiment_repl.training.fit import Fitted, Schedule, fit
from sentiment_repl.training.measure import measure_model

CLASSES = (NEGATIVE, POSITIVE)
"""The label of each class of a new model."""

Report = Callable[[str], None]
"""Shows a sentence about the progress to the user."""


class Options(NamedTuple):
    """What a user can choose. ``python -m sentiment_repl.training --help`` explains each."""

    architecture: Architecture
    data: Sequence[Path]
    output: Path
    schedule: Schedule
    vocabulary_size: int
    label_column: str | None = None
    text_column: str | None = None
    rows: int | None = None
    teachers: Sequence[Path] = ()
    rated: Sequence[Path] = ()
    init_from: Path | None = None
    resume: bool = False
    verbose: int = 0


class _Data(NamedTuple):
    """A corpus, and what reading it has shown."""

    corpus: Corpus
    labels_read: Counter[str]
    unreadable: int
    rated_texts: int


def train(options: Options, report: Report = lambda sentence: None) -> dict[str, Any]:
    """Train a model and write its folder.

    :param report: called with each step, as a sentence.
    :return: the content of ``metrics.json``.
    :raises DataError: the data, a teacher or the model to fine-tune can't be used.
    :raises ModelError: a teacher or the model to fine-tune is not a model.
    :raises Failure: Keras and NumPy disagree, or an epoch or the model can't be saved.
    :raises OSError: the model folder can't be written.
    """
    began = time.monotonic()
    model_folder.check_replaceable(options.output)  # now rather than after the training
    init_from = _read_initial_model(options)
    seed = options.schedule.seed
    teachers = [load_teacher(path, CLASSES, seed) for path in dict.fromkeys(options.teachers)]
    report(f"Reading {', '.join(map(str, options.data))} …")
    data = _read_data(options, teachers, init_from)
    for sentence in _describe(data):
        report(sentence)
    reading = time.monotonic() - began
    fitted = _fit(options, data.corpus, init_from, report)
    measured = measure_model(fitted.model, options.architecture, data.corpus)
    threshold = measured.get("calibration", {}).get("uncertain_below")
    if threshold is None and init_from is not None and options.architecture.is_calibrated:
        threshold = init_from.uncertain_below  # there are too few texts for a new one
    metrics = {
        "architecture": options.architecture.name,
        "labels": list(data.corpus.classes),
        **measured,
        "uncertain_below": threshold,
        **_describe_training(options, data, fitted, reading),
    }
    card = render_card(options.output.name, metrics)
    save_model(
        options.output,
        Export(fitted.model, data.corpus.vocabulary, data.corpus.classes, threshold, metrics, card),
    )
    model_folder.checkpoint_path(options.output).unlink(missing_ok=True)
    return metrics


def _read_initial_model(options: Options) -> model_folder.ModelFiles | None:
    """Read the model to fine-tune, and check that it has not seen the held-out texts."""
    if options.init_from is None:
        return None
    files = model_folder.read_model(options.init_from)
    labels = build_classifier(files).labels
    record = model_folder.read_training_record(files.folder)
    name, seed = options.architecture.name, options.schedule.seed
    if (record.architecture, record.seed) != (name, seed) or labels != CLASSES:
        raise DataError(
            f"{options.init_from}: a model to fine-tune must have been trained with "
            f"--architecture {name}, --seed {seed} and the labels {', '.join(CLASSES)}"
        )
    return files


def _read_data(
    options: Options, teachers: Sequence[Teacher], init_from: model_folder.ModelFiles | None
) -> _Data:
    """Read all sources and build the corpus.

    To add a source of training examples, add it to ``sources``.
    """
    labels_read: Counter[str] = Counter()
    with Tally() as tally, Tally() as tally_rated:
        rated = read_rated(options.rated, tally_rated)
        rows = read_labelled(
            options.data,
            tally,
            label_column=options.label_column,
            text_column=options.text_column,
        )
        seed = options.schedule.seed
        labelled: Iterable[Example] = labelled_examples(_count(rows, labels_read), CLASSES)
        labelled = sampled(labelled, options.rows, seed)
        if teachers:
            labelled = with_soft_targets(labelled, teachers, seed)
        sources: list[Source] = [
            SyntheticSentences(options.architecture.synthetic_share, CLASSES, seed),
            CrowdRatedTexts(rated, CLASSES, seed),
        ]
        corpus = build_corpus(
            labelled,
            sources,
            classes=CLASSES,
            encoder=options.architecture.corpus_encoder(),
            seed=seed,
            vocabulary_size=options.vocabulary_size,
            vocabulary=vocabulary_from_json(init_from.vocabulary) if init_from else None,
        )
    if options.rated and not corpus.added["crowd_rated"]:
        raise no_rated_texts(options.rated, "to train on")
    return _Data(corpus, labels_read, tally.unreadable, len(rated))


def _count(rows: Iterable[LabelledText], labels: Counter[str]) -> Iterator[LabelledText]:
    for row in rows:
        labels[row.label] += 1
        yield row


def _describe(data: _Data) -> Iterator[str]:
    """Yield sentences about the data."""
    used = sum(data.labels_read[label] for label in CLASSES)
    left_out = data.labels_read.total() - used
    yield (
        f"{used:,} rows read"
        + (f", {left_out:,} neutral rows left out" if left_out else "")
        + f", {data.unreadable:,} rows could not be read"
    )
    corpus = data.corpus
    added = ""
    if synthetic := corpus.added["synthetic"]:
        added += f" and {synthetic:,} synthetic sentences"
    if rated := corpus.added["crowd_rated"]:
        added += f" and {rated:,} of {data.rated_texts:,} crowd-rated texts"
    yield (
        f"{corpus.labelled_training_rows:,} rows{added} to train on, "
        f"{len(corpus.held_out):,} held out; {len(corpus.vocabulary):,} words"
    )


def _fit(
    options: Options, corpus: Corpus, init_from: model_folder.ModelFiles | None, report: Report
) -> Fitted:
    options.output.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = model_folder.checkpoint_path(options.output)
    if options.resume and not checkpoint.exists():
        report("There is no checkpoint; the training starts with the first epoch")
    return fit(
        options.architecture,
        corpus,
        options.schedule,
        checkpoint=checkpoint,
        resume=options.resume,
        init_from=init_from,
        report=report,
        verbose=options.verbose,
    )


def _describe_training(
    options: Options, data: _Data, fitted: Fitted, reading: float
) -> dict[str, Any]:
    """Return what ``metrics.json`` says about the training."""
    corpus = data.corpus
    used = sum(data.labels_read[label] for label in CLASSES)
    return {
        "accuracy_before": fitted.initial_accuracy,
        "best_epoch": fitted.best_epoch,
        "history": fitted.history,
        "options": {
            "batch_size": options.schedule.batch_size,
            "epochs": options.schedule.epochs,
            "rows": options.rows,
            "seed": options.schedule.seed,
            "init_from": options.init_from and options.init_from.name,
            "teachers": [teacher.name for teacher in options.teachers],
            "vocabulary_size": len(corpus.vocabulary) + 1
            if options.init_from
            else options.vocabulary_size,
        },
        "data": {
            "files": [path.name for path in options.data],
            "fingerprint": corpus.fingerprint,
            "rows_read": used,
            "rows_neutral": data.labels_read.total() - used,
            "rows_unreadable": data.unreadable,
            "rows_training": corpus.labelled_training_rows,
            **corpus.added,
            "crowd_rated_files": [path.name for path in options.rated],
            "rows_validation": len(corpus.held_out),
        },
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "sentiment_repl": sentiment_repl.__version__,
        },
        "seconds": {
            "reading": round(reading, 1),
            "fitting": round(sum(epoch["seconds"] for epoch in fitted.history), 1),
        },
    }
