"""Word vectors of an encoder: what a student's network starts from.

A fine-tuned encoder reads each word of the vocabulary as a text of its own. Two words that mean
about the same get about the same vector, though the training texts of the student may hold one of
them only a few times.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import Classifier
from sentiment_repl.network.transformer import TransformerNetwork

_WHITENING = 0.5
"""How far the spread of the features is made even: 0 keeps it, 1 makes it equal. Most of the
spread of a fine-tuned encoder is between negative and positive."""
_BATCH = 4096  # words

Floats = NDArray[np.float32]


def encoder_vectors(classifier: Classifier, words: Sequence[str]) -> Floats | None:
    """Return what an encoder knows about words, (words, D); None of a network that is none."""
    network = classifier.network
    if not isinstance(network, TransformerNetwork):
        return None
    encoder = network.encoder(classifier.vocabulary)
    ids = [encoder.encode(word).ids for word in words]
    batches = [network.features(ids[i : i + _BATCH]) for i in range(0, len(ids), _BATCH)]
    return np.concatenate(batches).astype(np.float32)


def fit_width(vectors: Floats, width: int, spread: float) -> Floats:
    """Map vectors to another number of features, (words, width).

    The features are the principal components, with a more even spread, in a random rotation. So
    no feature is more important than another one.

    :param vectors: (words, D).
    :param spread: the standard deviation over all elements of the result.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    spreads, axes = np.linalg.eigh(centred.T @ centred)  # ascending
    kept = np.flatnonzero(spreads > spreads[-1] * 1e-6)[-width:]
    axes = axes[:, kept] * spreads[kept] ** (-_WHITENING / 2)
    rotation, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((width, width)))
    mapped = centred @ axes @ rotation[: len(kept)]
    return np.asarray(mapped * (spread / max(mapped.std(), 1e-9)), np.float32)
