"""A training run from files of labelled texts to a model folder."""

import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import sentiment_repl
from sentiment_repl import model_folder
from sentiment_repl.text import vocabulary
from sentiment_repl.classifier import Classifier, from_files
from sentiment_repl.errors import DataError, Failure
from sentiment_repl.evaluation import calibration, model_card, metrics
from sentiment_repl.data import corpus, crowd_ratings, labelled, soft_targets
from sentiment_repl.training import neutral, export
from sentiment_repl.training.architectures import Architecture
from sentiment_repl.training.backend import keras, tf
from sentiment_repl.training.fit import fit

_COMPARED = 5000  # held-back rows on which Keras and our forward pass are compared
_FEWEST = 200  # held-back rows for which a temperature is set
TOLERANCE = 1e-4
"""How far Keras' probabilities and ours may lie apart in a model that is saved."""


class Options(NamedTuple):
    """What a user can choose; ``scripts/train.py --help`` explains each."""

    architecture: Architecture
    data: Sequence[Path]
    label_column: str | None
    text_column: str | None
    epochs: int
    batch_size: int
    vocabulary_size: int
    seed: int
    rows: int | None
    output: Path
    resume: bool
    verbose: int
    teachers: Sequence[Path] = ()
    neutral: Sequence[Path] = ()
    rated: Sequence[Path] = ()
    start: Path | None = None
    average: bool = False


def train(options: Options) -> dict[str, Any]:
    """Read, fit, measure and save, telling on the standard output how it goes.

    :return: what was written to ``metrics.json``.
    :raises DataError: the data can't be used, no statement or no rated text is found, a
        teacher was trained on other data, or the model to start from held other texts back.
    :raises ModelError: a teacher, or the model to start from, is no model.
    :raises Failure: Keras and our forward pass do not agree on it, or an epoch can't be kept.
    :raises OSError: the model can't be written.
    """
    began = time.monotonic()
    model_folder.check_replaceable(options.output)  # now rather than after the training
    for path in options.neutral:
        if not path.exists():  # likewise
            raise DataError(f"{path}: it can't be read: no such file")
    for teacher in options.teachers:
        soft_targets.check(teacher)
    start = _start(options)
    with labelled.Tally() as tally, labelled.Tally() as tally_added:
        texts_rated = crowd_ratings.read_all(options.rated, tally_added.add)
        print(f"Reading {_listed(options.data)} …", flush=True)
        data = corpus.prepare(
            labelled.read_all(
                options.data,
                tally,
                label_column=options.label_column,
                text_column=options.text_column,
            ),
            vocabulary_size=options.vocabulary_size,
            seed=options.seed,
            sample=options.rows,
            sequences=options.architecture.sequences,
            made_share=options.architecture.made_share,
            statements=(
                line for path in options.neutral for _, line in labelled.lines(path, tally_added.add)
            )
            if options.neutral
            else None,
            rated=texts_rated,
            words=vocabulary.loads(start.dictionary) if start else None,
        )
    rows_training = len(data.training) - data.added
    print(tally)
    if options.neutral and not data.statements:
        raise DataError(
            f"{_listed(options.neutral)}: no line is a plain statement, of {neutral.FEWEST} to "
            f"{neutral.MOST} words of which none tells a mood and at most one is unknown"
        )
    if options.rated and not data.rated:
        raise crowd_ratings.nothing_in(options.rated)
    sentences_made = data.added - corpus.STATED * data.statements - corpus.RATED * data.rated
    added = f" and {sentences_made:,} sentences made by rule" if sentences_made else ""
    if data.statements:
        added += f" and {data.statements:,} plain statements ({corpus.STATED} times)"
    if data.rated:
        added += f" and {data.rated:,} of {len(texts_rated):,} rated texts ({corpus.RATED} times)"
    print(
        f"{rows_training:,} rows{added} to train on, {len(data.validation):,} held back; "
        f"{len(data.words):,} words",
        flush=True,
    )
    read = time.monotonic()
    positive = soft_targets.answers(options.teachers, data, options.seed) if options.teachers else None
    taught = time.monotonic()

    options.output.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = model_folder.checkpoint(options.output)
    if options.resume and not checkpoint.exists():
        print("There is nothing to resume; training starts with the first epoch", flush=True)
    fitted = fit(
        options.architecture,
        data,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        checkpoint=checkpoint,
        resume=options.resume,
        verbose=options.verbose,
        positive=positive,
        start=start,
        average=options.average,
    )
    fitting = sum(epoch["seconds"] for epoch in fitted.history)

    measured = _measure(fitted.model, data, calibrated=options.architecture.sequences)
    report = {
        "architecture": options.architecture.name,
        **measured,
        "accuracy_before": fitted.before,
        "best_epoch": fitted.best_epoch,
        "history": fitted.history,
        "options": {
            "batch_size": options.batch_size,
            "epochs": options.epochs,
            "rows": options.rows,
            "seed": options.seed,
            "start": options.start and options.start.name,
            "average": options.average,
            "teachers": [teacher.name for teacher in options.teachers],
            "vocabulary_size": len(data.words) + 1 if start else options.vocabulary_size,
        },
        "data": {
            "files": [path.name for path in options.data],
            "fingerprint": data.fingerprint,
            "rows_read": tally.rows,
            "rows_neutral": tally.neutral,
            "rows_unreadable": tally.unreadable,
            "rows_training": rows_training,
            "sentences_made": sentences_made,
            "statements": data.statements,
            "statement_files": [path.name for path in options.neutral],
            "rated": data.rated,
            "rated_files": [path.name for path in options.rated],
            "rows_validation": len(data.validation),
        },
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "sentiment_repl": sentiment_repl.__version__,
        },
        "seconds": {
            "reading": round(read - began, 1),
            "teachers": round(taught - read, 1),
            "fitting": round(fitting, 1),
        },
        "peak_memory_bytes": _peak_memory(),
    }
    below = measured.get("calibration", {}).get("uncertain_below")
    if below is None and start and options.architecture.sequences:
        below = start.uncertain_below  # too few rows to find the band anew
    report["uncertain_below"] = below
    page = model_card.text(options.output.name, report)
    export.save(options.output, fitted.model, data.words, report, page, below)
    checkpoint.unlink(missing_ok=True)
    return report


def _start(options: Options) -> model_folder.Files | None:
    """The model to go on from, looked at now rather than after the corpus has been read.

    One with another seed has learned from texts that are held back here, whose figures would
    then be too good.
    """
    if options.start is None:
        return None
    files = model_folder.read(options.start)
    from_files(files)
    trained = model_folder.trained(files.folder)
    if (trained.architecture, trained.seed) != (options.architecture.name, options.seed):
        raise DataError(
            f"{options.start}: a model to start from must have been trained with "
            f"--architecture {options.architecture.name} and --seed {options.seed}"
        )
    return files


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def _measure(model: keras.Model, data: corpus.Corpus, *, calibrated: bool) -> dict[str, Any]:
    """Figures of the forward pass that the prompt will run, most of them on the held-back rows.

    :param calibrated: set the temperature of the model first, on every other of them if
        they are not too few; ``other_rows`` is then measured on the rest.
    """
    labels, inputs = data.validation.labels, data.validation.lists()
    net = export.to_numpy(model)
    difference = export.largest_difference(model, net, inputs[:_COMPARED])
    if difference > TOLERANCE:
        raise Failure(
            f"the model is not saved: Keras and our forward pass differ by {difference:g}"
        )
    report: dict[str, Any] = {"keras_numpy_largest_difference": difference}
    positive = net.probabilities(inputs)[:, 1]
    if calibrated and len(labels) >= _FEWEST:
        fitted = calibration.calibrate(labels[::2], positive[::2])
        export.divide_log_odds(model, fitted.temperature)
        net = export.to_numpy(model)
        positive = net.probabilities(inputs)[:, 1]
        report["calibration"] = {
            **fitted._asdict(),
            "rows": len(labels[::2]),
            "other_rows": metrics.summary(labels[1::2], positive[1::2]),
            "reliability": metrics.reliability(labels[1::2], positive[1::2]),
        }
    else:
        report["reliability"] = metrics.reliability(labels, positive)
    classifier = Classifier(data.words, net)
    return {
        "validation": metrics.summary(labels, positive),
        **report,
        "strongest_words": model_card.strongest_words(classifier),
        "identity_shift": model_card.identity_shift(classifier),
    }


def _peak_memory() -> int | None:
    """The most memory this process has held, in bytes; None where the system can't tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
