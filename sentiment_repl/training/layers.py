"""Keras layers of the network that reads a sentence word by word.

Inside the network the first axis is time and the second the batch, (time, batch,
features): the steps of a recurrence are then contiguous. Only the first layer's
input and the last one's output have the batch first.

Registered with Keras, so that a saved model loads where this module is imported.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sentiment_repl.training.backend import keras, tf
from sentiment_repl.text.social_tokenizer import STYLES

Layer = keras.layers.Layer
_register = keras.saving.register_keras_serializable("sentiment_repl")


def sums_by_place(values: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """The sum of the rows that fall on each place; no place from 0 to the last is empty.

    Twice as fast as TensorFlow's sum of segments that are not sorted, with the sorting.
    """
    order = tf.argsort(places, stable=True)
    return tf.sparse.segment_sum(values, order, tf.gather(places, order))


@tf.custom_gradient
def spread(rows: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], Any]]:
    """``rows[places]``, where every row has a place."""

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None]:
        flat = tf.reshape(upstream, [-1, rows.shape[-1]])
        return sums_by_place(flat, tf.reshape(places, [-1])), None

    return tf.gather(rows, places), gradient


class _WordLayer(Layer):
    """From int32 token numbers (batch, time), 0 for padding, to vectors, time first.

    A token number is ``column * STYLES + style``: the word, and how it was written.
    """

    def compute_mask(self, inputs, mask=None):  # type: ignore[no-untyped-def]
        """What is no padding, bool, (time, batch)."""
        return keras.ops.transpose(keras.ops.not_equal(inputs, 0))

    def _vectors(self, words: tf.Tensor) -> tf.Tensor:
        """A vector for each word of a flat list."""
        raise NotImplementedError

    def distinct(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The vectors of the tokens that occur, each once, and (time, batch) rows in them.

        The sum of each word's vector and its style's; zeros for padding.
        """
        tokens = tf.transpose(inputs)
        numbers, places = tf.unique(tf.reshape(tokens, [-1]))
        vectors = self._vectors(numbers // STYLES)
        vectors += tf.gather(tf.convert_to_tensor(self.styles), numbers % STYLES)
        present = tf.cast(numbers > 0, vectors.dtype)[:, tf.newaxis]
        return vectors * present, tf.reshape(places, tf.shape(tokens))

    def call(self, inputs):  # type: ignore[no-untyped-def]
        """The vectors of all tokens, (time, batch, units)."""
        return spread(*self.distinct(inputs))

    def compute_output_shape(self, input_shape):  # type: ignore[no-untyped-def]
        """As Keras asks for it."""
        return (input_shape[1], input_shape[0], self.styles.shape[1])


@_register
class WordPieces(_WordLayer):
    """Word vectors while training: a word's own one and the mean of its n-grams'.

    Rare words learn from the letters that they share with others (Bojanowski et al.
    2017, arXiv:1607.04606). Once trained, the sum is a plain table: ``StoredWords``.

    :param pieces: for each column of the dictionary the numbers of its n-grams, at
        least one.
    :param buckets: how many n-gram vectors there are.
    :param units: the length of a vector.
    """

    def __init__(
        self, pieces: Sequence[Sequence[int]], buckets: int, units: int, **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self._flat = np.array([piece for word in pieces for piece in word], np.int32)
        self._splits = np.cumsum([0, *map(len, pieces)], dtype=np.int32)
        self._buckets, self._units = buckets, units

    def build(self, input_shape: object) -> None:
        """Make the tables."""
        normal = keras.initializers.RandomNormal
        shape = (len(self._splits) - 1, self._units)
        self.words = self.add_weight(shape=shape, initializer=normal(stddev=0.1), name="words")
        shape = (self._buckets, self._units)
        self.pieces = self.add_weight(shape=shape, initializer=normal(stddev=0.1), name="pieces")
        shape = (STYLES, self._units)
        self.styles = self.add_weight(shape=shape, initializer=normal(stddev=0.02), name="styles")

    def _vectors(self, words: tf.Tensor) -> tf.Tensor:
        all_pieces = tf.RaggedTensor.from_row_splits(self._flat, self._splits, validate=False)
        pieces = tf.gather(all_pieces, words)
        means = tf.math.segment_mean(
            tf.gather(self.pieces.value, pieces.values), pieces.value_rowids()
        )
        return tf.gather(self.words.value, words) + means

    def table(self) -> np.ndarray:
        """Every word's vector, float32, (columns, units)."""
        return self._vectors(tf.range(len(self._splits) - 1)).numpy()

    def take_back(self, vectors: np.ndarray, styles: np.ndarray) -> None:
        """Go on from a table: n-grams add nothing to its vectors until they have learned."""
        self.set_weights([vectors, np.zeros(self.pieces.shape, np.float32), styles])


@_register
class StoredWords(_WordLayer):
    """Word vectors in a byte a number, each word with a scale of its own."""

    def __init__(self, columns: int, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._columns, self._units = columns, units

    def build(self, input_shape: object) -> None:
        """Make the tables."""
        self.rows = self.add_weight(
            shape=(self._columns, self._units), dtype="int8", initializer="zeros",
            trainable=False, name="rows",
        )  # fmt: skip
        self.scales = self.add_weight(
            shape=(self._columns,), initializer="zeros", trainable=False, name="scales"
        )
        self.styles = self.add_weight(
            shape=(STYLES, self._units), initializer="zeros", trainable=False, name="styles"
        )

    def store(self, vectors: np.ndarray, styles: np.ndarray) -> None:
        """Take over trained vectors, each rounded to 127 steps up and down from zero."""
        scales = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
        rows = np.rint(vectors / scales[:, np.newaxis]).astype(np.int8)
        self.set_weights([rows, scales, styles])

    def vectors(self) -> tuple[np.ndarray, np.ndarray]:
        """What ``store`` has taken over, as it was rounded."""
        rows, scales, styles = self.get_weights()
        return rows * scales[:, np.newaxis], styles

    def _vectors(self, words: tf.Tensor) -> tf.Tensor:
        rows = tf.cast(tf.gather(tf.convert_to_tensor(self.rows), words), tf.float32)
        return rows * tf.gather(tf.convert_to_tensor(self.scales), words)[:, tf.newaxis]

    def get_config(self) -> dict[str, object]:
        """As Keras asks for it."""
        return {**super().get_config(), "columns": self._columns, "units": self._units}


def _scan(decay: tf.Tensor, values: tf.Tensor, backwards: bool) -> tf.Tensor:
    """``state = decay * state + value`` along the first axis, every state kept."""
    return tf.scan(
        lambda state, step: step[0] * state + step[1],
        (decay, values),
        initializer=tf.zeros_like(values[0]),
        reverse=backwards,
    )


def linear_recurrence(decay: tf.Tensor, values: tf.Tensor, backwards: bool) -> tf.Tensor:
    """``state = decay * state + value`` along the first axis, from zero, every state kept.

    Its gradient is a recurrence of the same kind the other way, which TensorFlow
    would not find: it would keep every intermediate of every step.
    """

    @tf.custom_gradient
    def recurrence(
        decay: tf.Tensor, values: tf.Tensor
    ) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
        states = _scan(decay, values, backwards)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            none = tf.zeros_like(states[:1])
            if backwards:
                following = tf.concat([none, decay[:-1]], 0)
                earlier = tf.concat([states[1:], none], 0)
            else:
                following = tf.concat([decay[1:], none], 0)
                earlier = tf.concat([none, states[:-1]], 0)
            by_values = _scan(following, upstream, not backwards)
            return by_values * earlier, by_values

        return states, gradient

    return recurrence(decay, values)


def _shifted(values: tf.Tensor, later: bool) -> tf.Tensor:
    """Each step moved one step later or earlier, a zero where none comes."""

    def shift(values: tf.Tensor, later: bool) -> tf.Tensor:
        none = tf.zeros_like(values[:1])
        return tf.concat([none, values[:-1]] if later else [values[1:], none], 0)

    @tf.custom_gradient
    def shifted(values: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        # TensorFlow's own gradient, of a slice, takes as long as a large product.
        return shift(values, later), lambda upstream: shift(upstream, not later)

    return shifted(values)


@_register
class LightRecurrence(Layer):
    """A bidirectional recurrence whose matrix work is done for all steps at once.

    A quasi-recurrent layer (Bradbury et al. 2017, arXiv:1611.01576) without an output
    gate or a squashed candidate, as in the minimal GRU of Feng et al. (2024,
    arXiv:2410.01201); its input is added to its output where the two have one width::

        candidate, forget = split(window(x) @ kernel + bias)
        state = sigmoid(forget) * state + (1 - sigmoid(forget)) * candidate
        y = x + state

    In each half of the kernel the columns of the direction forwards stand first.

    :param units: of each direction.
    :param window: 1, or 3: the step before and the one after are seen, too, in the
        kernel's first and last third of rows.
    """

    def __init__(self, units: int, window: int = 1, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.units, self.window = units, window

    def build(self, input_shape) -> None:  # type: ignore[no-untyped-def]
        """Make the weights."""
        width = self.window * input_shape[-1]
        self.kernel = self.add_weight(
            shape=(width, 4 * self.units),
            initializer=keras.initializers.RandomNormal(stddev=width**-0.5),
            name="kernel",
        )
        self.bias = self.add_weight(shape=(4 * self.units,), initializer=self._bias, name="bias")

    def _bias(self, shape: tuple[int, ...], dtype: str | None = None) -> tf.Tensor:
        # Units that forget at once, units that remember for twenty words, and all between.
        bias = np.zeros((2, 2, self.units), np.float32)
        bias[1] = np.linspace(-1, 3, self.units)
        return tf.constant(bias.reshape(shape), dtype)

    def call(self, x, mask=None):  # type: ignore[no-untyped-def]
        """From (time, batch, width) to (time, batch, 2 * units)."""
        seen = x * tf.cast(mask, x.dtype)[..., tf.newaxis]
        if self.window == 3:
            seen = tf.concat([_shifted(seen, True), seen, _shifted(seen, False)], -1)
        return self.run(x, tf.tensordot(seen, tf.convert_to_tensor(self.kernel), 1), mask)

    def run(self, x: tf.Tensor, products: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """The rest, once ``window(x) @ kernel`` is known."""
        candidate, forget = tf.split(products + tf.convert_to_tensor(self.bias), 2, axis=-1)
        forget = tf.sigmoid(forget)
        # Backwards the padding comes first; there the state stays zero.
        values = (1 - forget) * candidate * tf.cast(mask, x.dtype)[..., tf.newaxis]
        states = [
            linear_recurrence(decay, value, backwards)
            for decay, value, backwards in zip(
                tf.split(forget, 2, axis=-1), tf.split(values, 2, axis=-1), (False, True)
            )
        ]
        y = tf.concat(states, -1)
        return x + y if x.shape[-1] == 2 * self.units else y

    def compute_output_shape(self, input_shape):  # type: ignore[no-untyped-def]
        """As Keras asks for it."""
        return (*input_shape[:-1], 2 * self.units)

    def get_config(self) -> dict[str, object]:
        """As Keras asks for it."""
        return {**super().get_config(), "units": self.units, "window": self.window}


class FirstRecurrence(Layer):
    """Words, dropout and a ``LightRecurrence`` that sees three of them, for training.

    The same function as the layers one after the other, with a third of the work: a batch
    of 3,700 places holds 1,100 distinct tokens, each of which is multiplied once.

    :param rate: dropout of the vectors, the same at all places of a token.
    """

    def __init__(
        self, words: _WordLayer, recurrence: LightRecurrence, rate: float, **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self.words, self.recurrence = words, recurrence
        self.dropout = keras.layers.Dropout(rate)

    def build(self, input_shape) -> None:  # type: ignore[no-untyped-def]
        """Make the weights."""
        self.words.build(input_shape)
        self.recurrence.build(self.words.compute_output_shape(input_shape))
        self.dropout.build(input_shape)

    def compute_mask(self, inputs, mask=None):  # type: ignore[no-untyped-def]
        """What is no padding, bool, (time, batch)."""
        return self.words.compute_mask(inputs)

    def call(self, inputs, training=None):  # type: ignore[no-untyped-def]
        """From (batch, time) to (time, batch, 2 * units of a direction)."""
        vectors, places = self.words.distinct(inputs)
        vectors = self.dropout(vectors, training=training)
        kernels = tf.split(tf.convert_to_tensor(self.recurrence.kernel), 3)
        products = spread(tf.matmul(vectors, tf.concat(kernels, -1)), places)
        before, here, after = tf.split(products, 3, axis=-1)
        return self.recurrence.run(
            spread(vectors, places),
            _shifted(before, True) + here + _shifted(after, False),
            self.compute_mask(inputs),
        )

    def compute_output_shape(self, input_shape):  # type: ignore[no-untyped-def]
        """As Keras asks for it."""
        return self.recurrence.compute_output_shape(self.words.compute_output_shape(input_shape))


@_register
class MaxAndMean(Layer):
    """The largest and the mean value of each feature over the steps that are no padding."""

    def call(self, x, mask=None):  # type: ignore[no-untyped-def]
        """From (time, batch, width) to (batch, 2 * width)."""
        present = tf.cast(mask, x.dtype)[..., tf.newaxis]
        # A text without tokens, which gets no answer anyway, has zeros.
        largest = tf.reduce_max(x - (1 - present) * 1e9, axis=0) * tf.reduce_max(present, axis=0)
        mean = tf.reduce_sum(x * present, axis=0) / tf.maximum(tf.reduce_sum(present, axis=0), 1)
        return tf.concat([largest, mean], -1)

    def compute_mask(self, inputs, mask=None):  # type: ignore[no-untyped-def]
        """None: there is no time any more."""
        return None

    def compute_output_shape(self, input_shape):  # type: ignore[no-untyped-def]
        """As Keras asks for it."""
        return (input_shape[1], 2 * input_shape[2])
