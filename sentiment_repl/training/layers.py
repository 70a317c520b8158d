"""The Keras layers of the recurrent network.

``network/reference.py`` is the same network in plain NumPy: read that first.

Inside the network the first axis is time and the second the batch, (time, batch, features):
then each step of a recurrence is contiguous. Only the first layer's input and the last layer's
output have the batch first.

The layers of the exported model are registered with Keras, so that a saved model loads once
this module is imported.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.text.vocabulary import FEATURE_SETS, split_token_id
from sentiment_repl.training.backend import keras, tf

_register = keras.saving.register_keras_serializable("sentiment_repl")


def sum_by_index(values: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
    """Return for each index the sum of its rows. Each of 0, 1, …, maximum must occur.

    Twice as fast as TensorFlow's sum of unsorted segments, sorting included.
    """
    order = tf.argsort(indices, stable=True)
    return tf.sparse.segment_sum(values, order, tf.gather(indices, order))


@tf.custom_gradient
def gather_all(rows: tf.Tensor, indices: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], Any]]:
    """Return ``rows[indices]``, where every row occurs. Its gradient is ``sum_by_index``."""

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None]:
        flat = tf.reshape(upstream, [-1, rows.shape[-1]])
        return sum_by_index(flat, tf.reshape(indices, [-1])), None

    return tf.gather(rows, indices), gradient


class _TokenEmbedding(keras.layers.Layer):
    """Turns int32 token ids, (batch, time), 0 for padding, into vectors, time first.

    A token's vector is the sum of its word's vector and that of its features.
    """

    features: keras.Variable  # (FEATURE_SETS, units)

    def embed_words(self, word_ids: tf.Tensor) -> tf.Tensor:
        """Return a vector for each word of a flat list, (words, units)."""
        raise NotImplementedError

    def compute_mask(self, inputs: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Return what is not padding, bool, (time, batch)."""
        return keras.ops.transpose(keras.ops.not_equal(inputs, 0))

    def embed_distinct(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Embed each distinct token once.

        :return: the vectors, (distinct tokens, units), zeros for padding; and the index of
            each token among them, (time, batch).
        """
        tokens = tf.transpose(inputs)
        distinct, indices = tf.unique(tf.reshape(tokens, [-1]))
        word_ids, features = split_token_id(distinct)
        vectors = self.embed_words(word_ids)
        vectors += tf.gather(tf.convert_to_tensor(self.features), features)
        is_token = tf.cast(distinct > 0, vectors.dtype)[:, tf.newaxis]
        return vectors * is_token, tf.reshape(indices, tf.shape(tokens))

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the vectors of all tokens, (time, batch, units)."""
        return gather_all(*self.embed_distinct(inputs))

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape of the vectors."""
        return (input_shape[1], input_shape[0], self.features.shape[1])


class NgramEmbedding(_TokenEmbedding):
    """The embedding that trains: a word's own vector plus the mean of its n-grams' vectors.

    Rare words learn from the letters that they share with others (hashed character n-grams;
    Bojanowski et al. 2017, arXiv:1607.04606). After training the sums become the rows of a
    ``QuantizedEmbedding``.

    :param ngrams: for each word id the buckets of its n-grams, at least one.
    :param buckets: the number of n-gram vectors.
    :param units: the length of a vector.
    """

    def __init__(
        self, ngrams: Sequence[Sequence[int]], buckets: int, units: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._flat = np.array([bucket for word in ngrams for bucket in word], np.int32)
        self._splits = np.cumsum([0, *map(len, ngrams)], dtype=np.int32)
        self._buckets, self._units = buckets, units

    def build(self, input_shape: Any) -> None:
        """Create the tables."""
        normal = keras.initializers.RandomNormal
        shape = (len(self._splits) - 1, self._units)
        self.words = self.add_weight(shape=shape, initializer=normal(stddev=0.1), name="words")
        shape = (self._buckets, self._units)
        self.ngrams = self.add_weight(shape=shape, initializer=normal(stddev=0.1), name="ngrams")
        shape = (FEATURE_SETS, self._units)
        self.features = self.add_weight(
            shape=shape, initializer=normal(stddev=0.02), name="features"
        )

    def embed_words(self, word_ids: tf.Tensor) -> tf.Tensor:
        """Return the sums of both parts, (words, units)."""
        all_ngrams = tf.RaggedTensor.from_row_splits(self._flat, self._splits, validate=False)
        ngrams = tf.gather(all_ngrams, word_ids)
        means = tf.math.segment_mean(
            tf.gather(self.ngrams.value, ngrams.values), ngrams.value_rowids()
        )
        return tf.gather(self.words.value, word_ids) + means

    def word_vectors(self) -> NDArray[np.float32]:
        """Return every word's vector, (vocabulary_size, units)."""
        vectors: NDArray[np.float32] = self.embed_words(tf.range(len(self._splits) - 1)).numpy()
        return vectors

    def load(self, vectors: NDArray[np.float32], features: NDArray[np.float32]) -> None:
        """Continue from word vectors. N-grams add nothing until they have learned."""
        self.set_weights([vectors, np.zeros(self.ngrams.shape, np.float32), features])


@_register
class QuantizedEmbedding(_TokenEmbedding):
    """The embedding that is exported: int8 vectors, each word with a scale of its own."""

    def __init__(self, vocabulary_size: int, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._vocabulary_size, self._units = vocabulary_size, units

    def build(self, input_shape: Any) -> None:
        """Create the tables."""

        def table(name: str, shape: tuple[int, ...], dtype: str = "float32") -> keras.Variable:
            return self.add_weight(
                shape=shape, dtype=dtype, initializer="zeros", trainable=False, name=name
            )

        self.rows = table("rows", (self._vocabulary_size, self._units), "int8")
        self.scales = table("scales", (self._vocabulary_size,))
        self.features = table("features", (FEATURE_SETS, self._units))

    def store(self, vectors: NDArray[np.float32], features: NDArray[np.float32]) -> None:
        """Quantize word vectors: 127 steps up and down from zero."""
        scales = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
        rows = np.rint(vectors / scales[:, np.newaxis]).astype(np.int8)
        self.set_weights([rows, scales, features])

    def dequantized(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the word vectors, rounded as they are stored, and the feature vectors."""
        rows, scales, features = self.get_weights()
        return rows * scales[:, np.newaxis], features

    def embed_words(self, word_ids: tf.Tensor) -> tf.Tensor:
        """Return the vectors of some words, (words, units)."""
        rows = tf.cast(tf.gather(tf.convert_to_tensor(self.rows), word_ids), tf.float32)
        return rows * tf.gather(tf.convert_to_tensor(self.scales), word_ids)[:, tf.newaxis]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        config = {"vocabulary_size": self._vocabulary_size, "units": self._units}
        return {**super().get_config(), **config}


def _scan(decay: tf.Tensor, values: tf.Tensor, backwards: bool) -> tf.Tensor:
    return tf.scan(
        lambda state, step: step[0] * state + step[1],
        (decay, values),
        initializer=tf.zeros_like(values[0]),
        reverse=backwards,
    )


def linear_recurrence(decay: tf.Tensor, values: tf.Tensor, backwards: bool) -> tf.Tensor:
    """Return all states of ``state = decay * state + value``, from zero, along the first axis.

    The gradient is a recurrence of the same kind in the other direction. TensorFlow would
    not find it, and would keep every intermediate of every step.
    """

    @tf.custom_gradient
    def recurrence(
        decay: tf.Tensor, values: tf.Tensor
    ) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
        states = _scan(decay, values, backwards)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            by_values = _scan(_shift(decay, later=backwards), upstream, not backwards)
            return by_values * _shift(states, later=not backwards), by_values

        return states, gradient

    return recurrence(decay, values)


def _shift(values: tf.Tensor, later: bool) -> tf.Tensor:
    """Move each step one step later or earlier, and fill up with zeros."""
    zero = tf.zeros_like(values[:1])
    return tf.concat([zero, values[:-1]] if later else [values[1:], zero], 0)


@tf.custom_gradient
def _shift_later(values: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    # TensorFlow's own gradient of a slice takes as long as a large matrix product.
    return _shift(values, later=True), lambda upstream: _shift(upstream, later=False)


@tf.custom_gradient
def _shift_earlier(values: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    return _shift(values, later=False), lambda upstream: _shift(upstream, later=True)


@_register
class BidirectionalMinGRU(keras.layers.Layer):
    """A bidirectional recurrence whose matrix products cover all steps at once.

    A minimal GRU (Feng et al. 2024, arXiv:2410.01201): a quasi-recurrent layer (Bradbury et al.
    2017, arXiv:1611.01576) without an output gate and with linear candidates. The input is added
    to the output if both have the same width::

        candidate, forget = split(window(x) @ kernel + bias)
        state = sigmoid(forget) * state + (1 - sigmoid(forget)) * candidate
        y = x + state

    In each half of the kernel the columns of the forward direction come first.

    :param units: of each direction.
    :param window: 1, or 3: a step also sees its two neighbours. They use the first and the
        last third of the kernel's rows.
    """

    def __init__(self, units: int, window: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.units, self.window = units, window

    def build(self, input_shape: Sequence[Any]) -> None:
        """Create the weights."""
        width = self.window * input_shape[-1]
        self.kernel = self.add_weight(
            shape=(width, 4 * self.units),
            initializer=keras.initializers.RandomNormal(stddev=width**-0.5),
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(4 * self.units,), initializer=self._initial_bias, name="bias"
        )

    def _initial_bias(self, shape: tuple[int, ...], dtype: str | None = None) -> tf.Tensor:
        # From units that forget at once to units that remember twenty words.
        bias = np.zeros((2, 2, self.units), np.float32)
        bias[1] = np.linspace(-1, 3, self.units)
        return tf.constant(bias.reshape(shape), dtype)

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Map (time, batch, width) to (time, batch, 2 * units).

        :param mask: what is not padding, (time, batch).
        """
        seen = x * tf.cast(mask, x.dtype)[..., tf.newaxis]
        if self.window == 3:
            seen = tf.concat([_shift_later(seen), seen, _shift_earlier(seen)], -1)
        return self.recur(x, tf.tensordot(seen, tf.convert_to_tensor(self.kernel), 1), mask)

    def recur(self, x: tf.Tensor, products: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """Compute the layer from ``window(x) @ kernel``."""
        candidate, forget = tf.split(products + tf.convert_to_tensor(self.bias), 2, axis=-1)
        forget = tf.sigmoid(forget)
        # Backwards, the padding comes first. There the state stays zero.
        values = (1 - forget) * candidate * tf.cast(mask, x.dtype)[..., tf.newaxis]
        states = [
            linear_recurrence(decay, value, backwards)
            for decay, value, backwards in zip(
                tf.split(forget, 2, axis=-1), tf.split(values, 2, axis=-1), (False, True)
            )
        ]
        y = tf.concat(states, -1)
        return x + y if x.shape[-1] == 2 * self.units else y

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape of the states."""
        return (*input_shape[:-1], 2 * self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "units": self.units, "window": self.window}


class FusedEmbeddingMinGRU(keras.layers.Layer):
    """An embedding, dropout and a ``BidirectionalMinGRU`` of window 3 in one layer, for training.

    The same function as the three layers in a row, with a third of the work: a batch of 3,700
    tokens has 1,100 distinct ones, and each is multiplied once.

    :param dropout: the share of each distinct token's vector that is dropped.
    """

    def __init__(
        self,
        embedding: _TokenEmbedding,
        min_gru: BidirectionalMinGRU,
        dropout: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.embedding, self.min_gru = embedding, min_gru
        self.dropout = keras.layers.Dropout(dropout)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create the weights of the three layers."""
        self.embedding.build(input_shape)
        self.min_gru.build(self.embedding.compute_output_shape(input_shape))
        self.dropout.build(input_shape)

    def compute_mask(self, inputs: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Return what is not padding, bool, (time, batch)."""
        return self.embedding.compute_mask(inputs)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Map token ids, (batch, time), to states, (time, batch, 2 * units)."""
        vectors, indices = self.embedding.embed_distinct(inputs)
        vectors = self.dropout(vectors, training=training)
        kernels = tf.split(tf.convert_to_tensor(self.min_gru.kernel), 3)
        products = gather_all(tf.matmul(vectors, tf.concat(kernels, -1)), indices)
        before, here, after = tf.split(products, 3, axis=-1)
        return self.min_gru.recur(
            gather_all(vectors, indices),
            _shift_later(before) + here + _shift_earlier(after),
            self.compute_mask(inputs),
        )

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape of the states."""
        return self.min_gru.compute_output_shape(self.embedding.compute_output_shape(input_shape))


@_register
class MaxMeanPooling(keras.layers.Layer):
    """The maximum and the mean of each feature over the steps that are not padding."""

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Map (time, batch, width) to (batch, 2 * width)."""
        present = tf.cast(mask, x.dtype)[..., tf.newaxis]
        # A text without tokens gets zeros. Its answer is not used.
        maximum = tf.reduce_max(x - (1 - present) * 1e9, axis=0) * tf.reduce_max(present, axis=0)
        mean = tf.reduce_sum(x * present, axis=0) / tf.maximum(tf.reduce_sum(present, axis=0), 1)
        return tf.concat([maximum, mean], -1)

    def compute_mask(self, inputs: tf.Tensor, mask: tf.Tensor | None = None) -> None:
        """Return None: there is no time axis any more."""

    def compute_output_shape(self, input_shape: Sequence[int]) -> tuple[int, int]:
        """Return the shape of the features."""
        return (input_shape[1], 2 * input_shape[2])
