"""One fine-tuning of an encoder, from labelled files to a model folder."""

import platform
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

import sentiment_repl
from sentiment_repl import model_folder
from sentiment_repl.classifier import softmax
from sentiment_repl.data.corpus import Corpus, EncodedTexts, build_corpus
from sentiment_repl.data.corpus_encoder import Ids, Starts, Weights
from sentiment_repl.data.sources import (
    USUAL_COLUMNS,
    Columns,
    DataFile,
    LabelledFile,
    Source,
    SyntheticSentences,
)
from sentiment_repl.evaluation.model_card import render_card
from sentiment_repl.files.tally import Tally
from sentiment_repl.text.wordpiece import WordPieceEncoder
from sentiment_repl.training import teacher
from sentiment_repl.training.held_out import calibrate_on_held_out, measure_on_held_out
from sentiment_repl.training.small_data import describe_missing_classes
from sentiment_repl.training.teacher_export import QuantizedEncoder, used_pieces

_COMPARED = 5000  # held-out texts on which PyTorch and NumPy are compared
_SYNTHETIC_SHARE = 0.08  # synthetic sentences for each row

Report = Callable[[str], None]
"""Shows a sentence about the progress to the user."""


class TeacherOptions(NamedTuple):
    """What a user can choose. ``finetune.py --help`` explains each."""

    encoder: Path
    encoder_name: str
    data: Sequence[DataFile]
    output: Path
    checkpoint: Path
    seed: int
    passes: float
    rows: int | None = None
    columns: Columns = USUAL_COLUMNS
    resume: bool = False


def train_teacher(
    options: TeacherOptions, report: Report = lambda sentence: None
) -> dict[str, Any]:
    """Fine-tune an encoder and write its model folder.

    :param report: called with each step, as a sentence.
    :return: the content of ``metrics.json``.
    :raises DataError: the data, the encoder or the checkpoint can't be used.
    :raises Failure: the loss is not finite, or the checkpoint or the model can't be saved.
    :raises OSError: the model folder can't be written.
    """
    model_folder.check_replaceable(options.output)  # now rather than an hour later
    options.output.parent.mkdir(parents=True, exist_ok=True)
    pieces = teacher.read_pieces(options.encoder)
    report(f"Reading {', '.join(file.name for file in options.data)} …")
    corpus = _read_corpus(options, pieces)
    report(
        f"{len(corpus.training):,} rows to train on, {len(corpus.held_out):,} held out; "
        f"labels {', '.join(corpus.classes)}"
    )
    for sentence in describe_missing_classes(corpus):
        report(sentence)
    encoder = teacher.Encoder(options.encoder, len(corpus.classes), options.seed)
    kept = used_pieces(corpus.training.ids, pieces)
    _quantize(encoder, kept, pieces)  # refuses now what could not be saved later
    if not options.resume:
        options.checkpoint.unlink(missing_ok=True)
    began = time.monotonic()
    teacher.fine_tune(
        encoder,
        _with_edges(corpus.training, pieces),
        corpus.training.targets,
        weights=corpus.training.weights,
        passes=options.passes,
        seed=options.seed,
        checkpoint=options.checkpoint,
    )
    seconds = time.monotonic() - began
    figures, quantized = _measure(encoder, corpus, pieces, kept)
    metrics = {**_describe(options, corpus, seconds), **figures}
    card = render_card(options.output.name, metrics)
    quantized.save(options.output, corpus.classes, metrics, card)
    options.checkpoint.unlink(missing_ok=True)
    return metrics


def _read_corpus(options: TeacherOptions, pieces: Mapping[str, int]) -> Corpus:
    with Tally() as tally:
        sources: list[Source] = [
            LabelledFile(file, tally, options.seed, options.rows, options.columns)
            for file in options.data
        ]
        return build_corpus(
            [*sources, SyntheticSentences(_SYNTHETIC_SHARE, options.seed)],
            encoder=_WordPieceCorpusEncoder(pieces),
            seed=options.seed,
            vocabulary_size=len(pieces),
            vocabulary=dict(pieces),
        )


class _WordPieceCorpusEncoder:
    """Encodes each text as the ids of its first word pieces. The vocabulary is known before."""

    def __init__(self, pieces: Mapping[str, int]) -> None:
        self._encoder = WordPieceEncoder(pieces)
        self._pieces = pieces

    def add(self, text: str, provisional: "array[int]") -> None:
        provisional.extend(self._encoder.encode(text).ids[: teacher.LONGEST - 2])

    def word_counts(
        self, provisional: "array[int]", weights: Weights | None = None
    ) -> Mapping[str, float]:
        counts = np.bincount(np.frombuffer(provisional, np.int32), weights, len(self._pieces))
        return {piece: float(counts[piece_id]) for piece, piece_id in self._pieces.items()}

    def encode(
        self, provisional: "array[int]", starts: Starts, vocabulary: Mapping[str, int]
    ) -> tuple[Ids, Starts]:
        return np.frombuffer(provisional, np.int32), starts


def _with_edges(texts: EncodedTexts, pieces: Mapping[str, int]) -> list[teacher.Pieces]:
    first, last = pieces[teacher.FIRST], pieces[teacher.LAST]
    return [np.array([first, *ids, last], np.int32) for ids in texts.lists()]


def _measure(
    encoder: teacher.Encoder, corpus: Corpus, pieces: Mapping[str, int], kept: Mapping[str, int]
) -> tuple[dict[str, Any], QuantizedEncoder]:
    """Quantize, calibrate and measure an encoder on the held-out texts.

    :param kept: the word pieces that stay.
    """
    quantized = _quantize(encoder, kept, pieces)
    ids = _renumbered(corpus.held_out, kept)
    figures: dict[str, Any] = {
        "quantization": _measure_loss(encoder, quantized, corpus.held_out, ids, pieces)
    }
    calibration = calibrate_on_held_out(quantized.network(), corpus, ids)
    if calibration is not None:
        quantized.apply(calibration)
        for name in model_folder.THRESHOLD, model_folder.THRESHOLD_WITHOUT_NEUTRAL:
            figures[name] = getattr(calibration, name)
    measured = measure_on_held_out(
        quantized.network(), quantized.vocabulary, corpus, ids, calibration
    )
    return figures | measured, quantized


def _quantize(
    encoder: teacher.Encoder, kept: Mapping[str, int], pieces: Mapping[str, int]
) -> QuantizedEncoder:
    """Return an encoder with int8 weights.

    :raises DataError: it is too large for a model folder.
    """
    return QuantizedEncoder(encoder, kept, pieces[teacher.FIRST], pieces[teacher.LAST])


def _measure_loss(
    encoder: teacher.Encoder,
    quantized: QuantizedEncoder,
    held_out: EncodedTexts,
    ids: list[list[int]],
    pieces: Mapping[str, int],
) -> dict[str, float]:
    """Return what int8 weights and fewer word pieces cost."""
    rows = np.flatnonzero(held_out.is_judged)[:_COMPARED]
    with_edges = _with_edges(held_out, pieces)
    before = encoder.probabilities([with_edges[row] for row in rows])
    after = softmax(quantized.network().logits([ids[row] for row in rows]))
    labels = held_out.labels[rows]
    return {
        "rows": len(rows),
        "accuracy_before": float((before.argmax(axis=1) == labels).mean()),
        "accuracy_after": float((after.argmax(axis=1) == labels).mean()),
        "mean_difference": float(np.abs(before - after).mean()),
    }


def _renumbered(texts: EncodedTexts, kept: Mapping[str, int]) -> list[list[int]]:
    """Return the ids of texts in the vocabulary of the pieces that stay."""
    new_ids = {piece_id: new_id for new_id, piece_id in enumerate(kept.values(), start=1)}
    return [[new_ids[one] for one in ids if one in new_ids] for ids in texts.lists()]


def _describe(options: TeacherOptions, corpus: Corpus, seconds: float) -> dict[str, Any]:
    """Return what ``metrics.json`` says about the training."""
    return {
        "architecture": "encoder",
        "labels": list(corpus.classes),
        "options": {
            "init_from": options.encoder_name,
            "passes": options.passes,
            "rows": options.rows,
            "seed": options.seed,
        },
        "data": corpus.description(),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
            "sentiment_repl": sentiment_repl.__version__,
        },
        "seconds": {"fitting": round(seconds, 1)},
    }
