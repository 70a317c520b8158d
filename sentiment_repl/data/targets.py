"""What a network learns from examples: targets and weights.

A target holds the probability of each class. It is NaN for a class that its source says
nothing about: an emoticon tells negative from positive, but never says that a text is neutral.
The loss leaves such a class out and renormalises the others.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEUTRAL

NO_LABEL = -1
"""The label of an example whose class the model does not have."""
POLAR_WEIGHT = 0.5
"""The weight of a text whose label leaves a class open, next to one that knows all."""
_TEACHER_SHARE = 0.7  # of a student's target; the rest is the label
_LARGEST_BALANCE = 3.0

Labels = NDArray[np.int8]
"""The index of the class of each row, or ``NO_LABEL``, (rows,)."""
Sources = NDArray[np.int16]
"""The index of the source of each row, (rows,)."""
Polar = NDArray[np.bool_]
"""Whether each source has no neutral text, in training and held-out set, (sources,)."""
Floats = NDArray[np.float32]


def build_targets(
    labels: Labels, soft: Floats, source_of: Sources, polar: Polar, classes: Sequence[str]
) -> Floats:
    """Return the target of each row, (rows, classes).

    Target = 0.7 × soft target + 0.3 × label, or the label alone where there is no soft target.

    :param soft: a teacher's probabilities, (rows, classes), NaN for a row without them.
    """
    # The last row is that of NO_LABEL: a neutral text is half negative and half positive to a
    # model without that label.
    one_hot = np.vstack([np.eye(len(classes)), np.full(len(classes), 1 / len(classes))])
    targets: Floats = one_hot.astype(np.float32)[labels]
    if NEUTRAL in classes:
        targets[polar[source_of], classes.index(NEUTRAL)] = np.nan
    taught = np.logical_not(np.isnan(soft[:, 0]))
    targets[taught] = _blend(targets[taught], soft[taught])
    return np.asarray(targets, np.float32)


def _blend(targets: Floats, soft: Floats) -> Floats:
    """Mix labels with soft targets. The teacher decides about the classes that are unknown."""
    unknown = np.isnan(targets)
    rest = 1 - np.where(unknown, soft, 0).sum(axis=1, keepdims=True)
    hard = np.where(unknown, soft, targets * rest)
    blended = _TEACHER_SHARE * soft + (1 - _TEACHER_SHARE) * hard
    return np.asarray(blended)


def build_weights(
    labels: Labels,
    taught: NDArray[np.bool_],
    source_of: Sources,
    weights: Sequence[float],
    polar: Polar,
    classes: Sequence[str],
) -> Floats:
    """Return how much each row counts in the loss, (rows,).

    With three classes, those of a source weigh the same: how often people are neutral differs
    from source to source, and the model must not learn that.

    :param taught: whether a teacher has answered, (rows,).
    :param weights: the weight of each source.
    """
    per_row = np.array(weights, np.float32)[source_of]
    if NEUTRAL not in classes:
        return np.asarray(per_row)
    per_row[polar[source_of] & ~taught] *= POLAR_WEIGHT
    counts = _count(labels, source_of, classes)
    present = np.maximum((counts > 0).sum(axis=1, keepdims=True), 1)
    even = counts.sum(axis=1, keepdims=True) / present / np.maximum(counts, 1)
    per_row *= np.minimum(even, _LARGEST_BALANCE)[source_of, labels].astype(np.float32)
    return np.asarray(per_row)


def _count(labels: Labels, source_of: Sources, classes: Sequence[str]) -> NDArray[np.int64]:
    """Count the rows of each source (row) and class (column)."""
    sources = int(source_of.max(initial=-1)) + 1
    cells = source_of.astype(np.int64) * len(classes) + labels
    counted = np.bincount(cells[labels != NO_LABEL], minlength=sources * len(classes))
    return counted.reshape(sources, len(classes))
