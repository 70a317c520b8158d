"""One training, from labelled files to a model folder."""

import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import sentiment_repl
from sentiment_repl import model_folder
from sentiment_repl.classifier import NEGATIVE, POSITIVE, build_classifier
from sentiment_repl.data.corpus import Corpus, build_corpus
from sentiment_repl.data.soft_targets import SavedAnswers, Teacher, add_soft_targets, load_teacher
from sentiment_repl.data.sources import (
    USUAL_COLUMNS,
    Columns,
    DataFile,
    LabelledFile,
    RewrittenTexts,
    Source,
    SyntheticSentences,
    Teach,
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
from sentiment_repl.training.small_data import (
    describe_guessing,
    describe_missing_classes,
    recommend_fine_tuning,
)

_TAUGHT_ROWS = 160_000  # of a source get soft targets: a teacher answers 150 to 470 a second
_REWRITTEN_ROWS = 160_000  # are tried at most; seven in ten are new

Report = Callable[[str], None]
"""Shows a sentence about the progress to the user."""


class Options(NamedTuple):
    """What a user can choose. ``python -m sentiment_repl.training --help`` explains each."""

    architecture: Architecture
    data: Sequence[DataFile]
    output: Path
    schedule: Schedule
    vocabulary_size: int
    columns: Columns = USUAL_COLUMNS
    rows: int | None = None
    teachers: Sequence[Path] = ()
    init_from: Path | None = None
    resume: bool = False
    verbose: int = 0


class _Data(NamedTuple):
    """A corpus, and how many rows could not be read."""

    corpus: Corpus
    unreadable: int


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
    options.output.parent.mkdir(parents=True, exist_ok=True)
    init_from = _read_initial_model(options)
    classes = _given_classes(options, init_from)
    teachers = _load_teachers(options, classes)
    if teachers:
        classes = teachers[0].classifier.labels
    report(f"Reading {', '.join(file.name for file in options.data)} …")
    data = _read_data(options, classes, init_from, teachers)
    del teachers  # each takes tens of megabytes
    for sentence in chain(_describe(data), _describe_limits(options, data.corpus)):
        report(sentence)
    reading = time.monotonic() - began
    fitted = _fit(options, data.corpus, init_from, report)
    fine_tuned = init_from is not None
    is_general = not fine_tuned and len(options.data) > 1  # one table is of one kind
    measured = measure_model(fitted.model, options.architecture, data.corpus, is_general=is_general)
    confusion = measured["validation"]["confusion_matrix"]
    if guessing := describe_guessing(confusion, fine_tuned=fine_tuned):
        report(guessing)
    thresholds = _thresholds(options.architecture, measured, init_from)
    metrics = {
        "architecture": options.architecture.name,
        "labels": list(data.corpus.classes),
        **measured,
        **thresholds,
        **_describe_training(options, data, fitted, reading),
    }
    card = render_card(options.output.name, metrics)
    save_model(
        options.output,
        Export(
            fitted.model,
            data.corpus.vocabulary,
            data.corpus.classes,
            thresholds,
            metrics,
            card,
        ),
    )
    for path in model_folder.resumable_files(options.output):
        path.unlink(missing_ok=True)
    return metrics


def _read_initial_model(options: Options) -> model_folder.ModelFiles | None:
    """Read the model to fine-tune, and check that it has not seen the held-out texts."""
    if options.init_from is None:
        return None
    files = model_folder.read_model(options.init_from)
    record = model_folder.read_training_record(files.folder)
    name, seed = options.architecture.name, options.schedule.seed
    if record.architecture != name:
        raise DataError(
            f"{options.init_from}: its architecture is {record.architecture!s:.40}; --architecture "
            f"{name} can only fine-tune a model of its own architecture"
        )
    if record.seed != seed:
        raise DataError(
            f"{options.init_from}: it was trained with --seed {record.seed!s:.40}, not {seed}; use "
            "that seed, because with another one it has seen texts that are held out here"
        )
    return files


def _given_classes(
    options: Options, init_from: model_folder.ModelFiles | None
) -> tuple[str, ...] | None:
    """Return the labels that the model must have; None if teachers or the data decide."""
    if init_from is not None:
        return build_classifier(init_from).labels
    return None if options.architecture.has_neutral else (NEGATIVE, POSITIVE)


def _load_teachers(options: Options, classes: tuple[str, ...] | None) -> list[Teacher]:
    """Load the teachers. All must have the given labels, or else those of the first teacher."""
    teachers: list[Teacher] = []
    for path in dict.fromkeys(options.teachers):
        teacher = load_teacher(path, classes, options.schedule.seed)
        classes = teacher.classifier.labels
        teachers.append(teacher)
    return teachers


def _thresholds(
    architecture: Architecture, measured: dict[str, Any], init_from: model_folder.ModelFiles | None
) -> dict[str, float | None]:
    """Return the abstention thresholds."""
    names = model_folder.THRESHOLD, model_folder.THRESHOLD_WITHOUT_NEUTRAL
    calibration = measured.get("calibration")
    if calibration is None and init_from is not None and architecture.is_calibrated:
        return {name: getattr(init_from, name) for name in names}  # too few texts for new ones
    return {name: calibration and calibration[name] for name in names}


def _read_data(
    options: Options,
    classes: tuple[str, ...] | None,
    init_from: model_folder.ModelFiles | None,
    teachers: Sequence[Teacher],
) -> _Data:
    """Read all sources and build the corpus.

    To add a source of training examples, add it to ``sources``.
    """
    architecture, seed = options.architecture, options.schedule.seed
    teach = _teach(options, teachers) if teachers else None
    with Tally() as tally:
        sources: list[Source] = [
            LabelledFile(file, tally, seed, options.rows, options.columns) for file in options.data
        ]
        if classes and teach:
            sources.append(RewrittenTexts(_REWRITTEN_ROWS, seed, classes, teach))
        sources.append(SyntheticSentences(architecture.synthetic_share, seed))
        corpus = build_corpus(
            sources,
            encoder=architecture.corpus_encoder(),
            seed=seed,
            vocabulary_size=options.vocabulary_size,
            classes=classes,
            vocabulary=vocabulary_from_json(init_from.vocabulary) if init_from else None,
            epoch_rows=architecture.epoch_rows,
            teach=teach,
        )
    return _Data(corpus, tally.unreadable)


def _teach(options: Options, teachers: Sequence[Teacher]) -> Teach:
    """Return a function that adds the mean answer of the teachers to examples."""
    seed = options.schedule.seed
    saved = SavedAnswers(model_folder.answers_path(options.output), resume=options.resume)
    return partial(add_soft_targets, teachers=teachers, saved=saved, most=_TAUGHT_ROWS, seed=seed)


def _describe(data: _Data) -> Iterator[str]:
    """Yield sentences about the data."""
    corpus = data.corpus
    measured = [rows for rows in corpus.sources if rows.is_measured]
    labels = sum((rows.labels for rows in measured), Counter[str]())
    left_out = sum(count for label, count in labels.items() if label not in corpus.classes)
    reserved = sum(rows.reserved for rows in measured)
    yield (
        f"{labels.total() - left_out:,} rows read"
        + (f", {left_out:,} neutral rows left out" if left_out else "")
        + (f", {reserved:,} rows left out whose texts are in test sets" if reserved else "")
        + f", {data.unreadable:,} rows could not be read"
    )
    added = [rows for rows in corpus.sources if rows.training and not rows.is_measured]
    yield (
        f"{sum(rows.training for rows in measured):,} rows"
        + "".join(f", {rows.training:,} {rows.name} texts" for rows in added)
        + f" to train on, {len(corpus.held_out):,} held out; {len(corpus.vocabulary):,} words; "
        f"labels {', '.join(corpus.classes)}"
    )


def _describe_limits(options: Options, corpus: Corpus) -> Iterator[str]:
    """Yield sentences about what these data can't teach or show."""
    if options.init_from is None:
        advice = recommend_fine_tuning(corpus, options.architecture)
        if advice is not None:
            yield advice
    yield from describe_missing_classes(corpus)


def _fit(
    options: Options, corpus: Corpus, init_from: model_folder.ModelFiles | None, report: Report
) -> Fitted:
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
        "data": {"rows_unreadable": data.unreadable, **corpus.description()},
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
