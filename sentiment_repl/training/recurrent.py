"""The default network: embedding, two bidirectional minGRU layers, max-mean pooling."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.data.corpus_encoder import TokenCorpusEncoder
from sentiment_repl.data.identity_terms import find_terms
from sentiment_repl.training.backend import keras
from sentiment_repl.training.base import NetworkPair
from sentiment_repl.training.layers import (
    BidirectionalMinGRU,
    FusedEmbeddingMinGRU,
    MaxMeanPooling,
    NgramEmbedding,
    QuantizedEmbedding,
)
from sentiment_repl.training.optimizers import LazyAdam

_WIDTH = 256  # of a word's vector, and of both directions of a recurrence together
BUCKETS = 1 << 15
"""The number of n-gram vectors."""
_LONGEST_SPELT = 24  # letters of a word that have n-grams

LEARNING_RATE, FINE_TUNING_RATE = 0.003, 0.001
"""The highest learning rate, reached after the warm-up."""


def ngram_buckets(word: str) -> list[int]:
    """Return the buckets of a word's character n-grams of length 3 to 5.

    The ends of the word are marked. A word that does not start with a letter has one bucket.
    """
    ngrams = [word]
    if word[0].isalpha():
        marked = f"<{word[:_LONGEST_SPELT]}>"
        ngrams = [marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]
    return [zlib.crc32(ngram.encode()) % BUCKETS for ngram in ngrams]


class Recurrent:
    """The network of the default model."""

    name = "default"
    vocabulary_size = 48_000
    epochs = 5
    batch_size = 256
    synthetic_share = 0.15
    sorts_by_length = True
    is_augmented = True
    is_calibrated = True
    epoch_rows: int | None = 400_000
    has_neutral = True
    schedule_depends_on_epochs = True

    def corpus_encoder(self) -> TokenCorpusEncoder:
        """Return the encoder of token ids."""
        return TokenCorpusEncoder()

    def build(self, vocabulary: Mapping[str, int], classes: int) -> NetworkPair:
        """Return an untrained network."""
        in_order = sorted(vocabulary, key=vocabulary.__getitem__)
        ngrams = [[0], *map(ngram_buckets, in_order)]  # id 0 is padding
        embedding = NgramEmbedding(ngrams, BUCKETS, _WIDTH, name="embedding")
        quantized = QuantizedEmbedding(len(vocabulary) + 1, _WIDTH, name="embedding")

        def tokens() -> keras.KerasTensor:
            return keras.Input((None,), dtype="int32", name="tokens")

        def min_gru(number: int, window: int = 1) -> BidirectionalMinGRU:
            return BidirectionalMinGRU(_WIDTH // 2, window, name=f"min_gru_{number}")

        def output() -> keras.layers.Dense:
            return keras.layers.Dense(classes, activation="softmax", name="output")

        first = min_gru(1, window=3)
        training = keras.Sequential(
            [
                tokens(),
                FusedEmbeddingMinGRU(embedding, first, dropout=0.1),
                keras.layers.Dropout(0.1, noise_shape=(1, None, None)),  # the same at every step
                min_gru(2),
                MaxMeanPooling(name="max_mean"),
                keras.layers.Dropout(0.15),
                output(),
            ],
            name="default_training",
        )
        exported = keras.Sequential(
            [
                tokens(),
                quantized,
                min_gru(1, window=3),
                min_gru(2),
                MaxMeanPooling(name="max_mean"),
                output(),
            ],
            name="default",
        )
        shared = [first, training.get_layer("min_gru_2"), training.get_layer("output")]

        def export_weights() -> None:
            vectors = _merge_identity_terms(embedding.word_vectors(), vocabulary)
            quantized.store(vectors, embedding.features.numpy())
            for layer in shared:
                exported.get_layer(layer.name).set_weights(layer.get_weights())

        def load_weights() -> None:
            embedding.load(*quantized.dequantized())
            for layer in shared:
                layer.set_weights(exported.get_layer(layer.name).get_weights())

        return NetworkPair(training, exported, export_weights, load_weights)

    def optimizer(self, steps: int, *, fine_tuning: bool) -> keras.optimizers.Optimizer:
        """Return Adam with a warm-up, followed by a cosine decay to a hundredth."""
        warmup = min(500, steps // 10)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0,
            steps - warmup,
            warmup_target=FINE_TUNING_RATE if fine_tuning else LEARNING_RATE,
            warmup_steps=warmup,
            alpha=0.01,
        )
        return LazyAdam(rate, clip_norm=1)

    def keras_input(
        self, batch: Sequence[Sequence[int]], vocabulary_size: int
    ) -> NDArray[np.int32]:
        """Return padded token ids, (texts, longest)."""
        matrix = np.zeros((len(batch), max(map(len, batch))), np.int32)
        for row, ids in zip(matrix, batch):
            row[: len(ids)] = ids
        return matrix


def _merge_identity_terms(
    vectors: NDArray[np.float32], vocabulary: Mapping[str, int]
) -> NDArray[np.float32]:
    """Give the terms of a set the mean of their vectors: what differs is chance."""
    for set_of_ids in find_terms(vocabulary).all:
        vectors[set_of_ids] = vectors[set_of_ids].mean(axis=0)
    return vectors
