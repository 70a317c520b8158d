"""Labels that are probably wrong, and what training without them would bring.

Confident learning (Northcutt et al. 2021, arXiv:1911.00068, by cleanlab) on predictions
for texts that the predicting model has not seen. That model is a small one, a logistic
regression of words and pairs of words, so that all of it takes minutes.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from cleanlab.count import compute_confident_joint, estimate_joint
from cleanlab.filter import find_label_issues
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier

from sentiment_repl.audit.data import Texts
from sentiment_repl.training.corpus import masked

SENTIMENT140 = (
    "Beside the estimate below, and not measured here: a comparison with human labels found "
    "another one for 17 % of 15,477 tweets of Sentiment140."
)
"""What is known from elsewhere of the labels of these tweets; the one figure not measured here."""

FOLDS = 5
_FEATURES = 2**21
_STRENGTH = 3  # of the fit; 1 / (this * rows) is the penalty, as C in LogisticRegression
_EPOCHS = 8
_FLIPPED = 0.02  # share of the labels that is turned to see how many of them are found
_RESAMPLES = 1000
_BINS = 50
_MOST_NOISE = 0.05
_TOKEN = re.compile(r"\w[\w']*|[^\w\s]+")


class Suspects(NamedTuple):
    """What confident learning says of some labels."""

    confidence: np.ndarray
    """The probability of each row's own label, of a model that has not seen the row."""
    rows: np.ndarray
    """The rows whose label is probably wrong, the most doubtful first."""
    noise: list[float]
    """The estimated share of wrong labels: of all, of the negative, of the positive."""


def _tokens(text: str) -> list[str]:
    words = _TOKEN.findall(masked(text))
    return words + [f"{one} {two}" for one, two in zip(words, words[1:])]


def features(texts: Sequence[str]) -> csr_matrix:
    """Which words and pairs of words each text has, float32."""
    hashing = HashingVectorizer(
        analyzer=_tokens, n_features=_FEATURES, alternate_sign=False, norm="l2", binary=True,
        dtype=np.float32,
    )  # fmt: skip
    return hashing.transform(texts)


def _fit(matrix: csr_matrix, labels: np.ndarray, seed: int) -> SGDClassifier:
    penalty = 1 / (_STRENGTH * len(labels))
    model = SGDClassifier(
        loss="log_loss", alpha=penalty, max_iter=_EPOCHS, tol=None, random_state=seed, average=True
    )
    return model.fit(matrix, labels)


def out_of_fold(
    matrix: csr_matrix, labels: np.ndarray, same: np.ndarray, seed: int = 1
) -> np.ndarray:
    """The probability of the label 1 for each row, of a model that has not seen the row.

    :param same: rows of the same number are in the same fold.
    """
    fold = np.random.default_rng(seed).integers(FOLDS, size=same.max() + 1)[same]
    positive = np.empty(len(labels))
    for one in range(FOLDS):
        inside = fold == one
        if inside.any():
            model = _fit(matrix[~inside], labels[~inside], seed)
            positive[inside] = model.predict_proba(matrix[inside])[:, 1]
    return positive


def find(labels: np.ndarray, positive: np.ndarray) -> Suspects:
    """The rows whose label is probably wrong, and how many are estimated to be."""
    labels = labels.astype(int)
    both = np.stack([1 - positive, positive], axis=1)
    counts = compute_confident_joint(labels, both)
    joint = estimate_joint(labels, both, confident_joint=counts)
    rows = find_label_issues(
        labels, both, confident_joint=counts, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    of_label = [float(joint[label, 1 - label] / joint[label].sum()) for label in (0, 1)]
    noise = [float(joint[0, 1] + joint[1, 0]), *of_label]
    return Suspects(both[np.arange(len(labels)), labels], rows, noise)


def summary(
    texts: Texts,
    labelled: Mapping[str, tuple[Sequence[str], np.ndarray]],
    shown: int = 20,
    seed: int = 1,
) -> tuple[dict[str, Any], Suspects]:
    """The figures of ``scripts/audit.py`` on the labels, ready for JSON.

    :param labelled: by name, texts labelled by hand and their labels, to measure on what
        suspicious rows do to training.
    """
    matrix, labels = features(texts.texts), texts.labels
    positive = out_of_fold(matrix, labels, texts.same, seed)
    found = find(labels, positive)
    generator = np.random.default_rng(seed)
    flipped = generator.choice(len(labels), round(_FLIPPED * len(labels)), replace=False)
    turned = labels.copy()
    turned[flipped] = 1 - turned[flipped]
    again = find(turned, out_of_fold(matrix, turned, texts.same, seed))
    figures = {
        "accuracy": float(((positive >= 0.5) == (labels == 1)).mean()),
        "noise": dict(zip(("all", "negative", "positive"), found.noise)),
        "suspects": len(found.rows),
        "suspected": len(found.rows) / len(labels),
        "confidence": _histogram(found.confidence),
        "confidence_suspects": _histogram(found.confidence[found.rows]),
        "flipped": {
            "rows": len(flipped),
            "found": float(np.isin(flipped, again.rows).mean()),
            "noise": again.noise[0],
        },
        "most_doubtful": [
            {
                "text": texts.texts[row],
                "label": int(labels[row]),
                "confidence": float(found.confidence[row]),
            }
            for row in _distinct(found.rows, texts.same)[:shown]
        ],
        "training": _training(matrix, texts, found.rows, labelled, seed),
    }
    if found.noise[0] > _MOST_NOISE:
        figures["warnings"] = [f"An estimated {found.noise[0]:.1%} of the labels are wrong."]
    return figures, found


def _histogram(confidence: np.ndarray) -> list[int]:
    """How many rows there are in equally wide bins of 0–1."""
    return np.histogram(confidence, _BINS, (0, 1))[0].tolist()


def _distinct(rows: np.ndarray, same: np.ndarray) -> np.ndarray:
    """The rows without the repeats of those before them."""
    return rows[np.sort(np.unique(same[rows], return_index=True)[1])]


def _training(
    matrix: csr_matrix,
    texts: Texts,
    suspects: np.ndarray,
    labelled: Mapping[str, tuple[Sequence[str], np.ndarray]],
    seed: int,
) -> list[dict[str, Any]]:
    """What the suspicious rows do to a training, on texts labelled by hand.

    :return: for each way to train its ``name``, ``rows``, and under ``sets`` by name of each
        set the ``accuracy``, and with its ``interval`` of 95 % (a bootstrap over the set's
        texts) the ``gain`` over training with all rows as they are.
    """
    if not labelled:
        return []
    others = np.ones(len(texts.labels), bool)
    others[suspects] = False
    generator = np.random.default_rng(seed)
    turned = np.where(others, texts.labels, 1 - texts.labels)
    as_many = np.ones(len(others), bool)
    as_many[generator.choice(len(others), len(suspects), replace=False)] = False
    sets = {name: (features(some), truth) for name, (some, truth) in labelled.items()}
    ways = []
    right: dict[str, np.ndarray] = {}
    for name, rows, labels in (
        ("all rows as they are", None, texts.labels),
        ("without the suspicious rows", others, texts.labels),
        ("the suspicious rows with the other label", None, turned),
        ("without as many rows drawn at random", as_many, texts.labels),
    ):
        model = (
            _fit(matrix, labels, seed) if rows is None else _fit(matrix[rows], labels[rows], seed)
        )
        way: dict[str, Any] = {"name": name, "sets": {}}
        way["rows"] = len(labels) if rows is None else int(rows.sum())
        for of, (tokens, truth) in sets.items():
            answers = (model.predict(tokens) == truth).astype(float)
            gains = answers - right.setdefault(of, answers)
            drawn = generator.integers(len(gains), size=(_RESAMPLES, len(gains)))
            low, high = np.percentile(gains[drawn].mean(axis=1), (2.5, 97.5)).tolist()
            way["sets"][of] = {
                "rows": len(truth),
                "accuracy": float(answers.mean()),
                "gain": float(gains.mean()),
                "interval": [low, high],
            }
        ways.append(way)
    return ways


def write(path: Path, texts: Texts, suspects: Suspects) -> None:
    """Write every suspicious row to a file, as TSV, the most doubtful first."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(["label", "probability_of_label", "text"])
        for row in suspects.rows:
            sure = f"{suspects.confidence[row]:.4f}"
            writer.writerow([texts.labels[row], sure, texts.texts[row]])
