"""The networks that can be trained, each in Keras.

An architecture is two models of one function: one that trains, made to train fast,
and one that is saved, made to be read. Plain Keras loads the saved one of ``article``;
that of ``default`` has layers of ``training/layers.py``.
"""

import zlib
from collections.abc import Callable, Mapping
from itertools import chain
from typing import NamedTuple

from sentiment_repl.training.backend import keras, tf
from sentiment_repl.data.identity_terms import term_columns
from sentiment_repl.training.layers import FirstRecurrence, LightRecurrence, MaxAndMean, StoredWords, WordPieces
from sentiment_repl.training.optimizers import LazyAdam

layers = keras.layers


@tf.custom_gradient
def _row_sums(
    kernel: tf.Tensor, columns: tf.Tensor, rows: tf.Tensor, height: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor | None, ...]]]:
    """For each of ``height`` rows, ascending, the sum of the kernel's rows at its columns."""

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
        # The same sum the other way round. TensorFlow's own gradient of segment_sum
        # runs on one core and takes twice as long as this with its sorting.
        order = tf.argsort(columns, stable=True)
        by_column = tf.sparse.segment_sum(
            upstream,
            tf.gather(rows, order),
            tf.gather(columns, order),
            num_segments=tf.shape(kernel)[0],
        )
        return by_column, None, None, None

    return tf.sparse.segment_sum(kernel, columns, rows, num_segments=height), gradient


class RowSum(layers.Dense):
    """A ``Dense`` layer on binary bags of words that never makes the bags.

    Takes int32 columns of shape (batch, any), 0 for padding, each column at most
    once a row. A row of ones and zeros times the kernel is the sum of the kernel's
    rows for the ones: the same function and gradient, 3,000 / 11 times less work
    on a tweet.
    """

    def __init__(self, vocabulary_size: int, units: int, **kwargs: object) -> None:
        super().__init__(units, **kwargs)
        self._vocabulary_size = vocabulary_size

    def build(self, input_shape: object) -> None:
        """Make the weights of the ``Dense`` layer on the whole bag."""
        super().build((None, self._vocabulary_size))
        self.input_spec = None  # which would ask for the bag

    def call(self, inputs, training=None):  # type: ignore[no-untyped-def]
        """The layer's answer, shape (batch, units)."""
        present = tf.where(inputs > 0)
        columns = tf.gather_nd(inputs, present)
        sums = _row_sums(
            tf.convert_to_tensor(self.kernel), columns, present[:, 0], tf.shape(inputs)[0]
        )
        return self.activation(sums + self.bias)


class Built(NamedTuple):
    """A network twice."""

    trained: keras.Model
    """The model that trains; its input is what ``batches`` yields."""
    saved: keras.Model
    """The model that is saved."""
    transfer: Callable[[], None]
    """Brings the weights of the first into the second."""
    take_back: Callable[[], None]
    """Brings those of the second into the first, which then goes on from them."""


class Architecture(NamedTuple):
    """A kind of network and how it is trained unless the user says otherwise."""

    name: str
    build: Callable[[Mapping[str, int]], Built]
    """Dictionary to untrained network."""
    sequences: bool
    """Whether it reads the words in their order."""
    optimizer: Callable[[int, bool], keras.optimizers.Optimizer]
    """From the steps of the whole training, and whether it goes on from a trained model."""
    vocabulary_size: int
    epochs: int
    batch_size: int
    made_share: float = 0
    """How many sentences made by rule are added for each text; only where ``sequences``."""


def article(words: Mapping[str, int]) -> Built:
    """The network of the article, to the letter."""
    vocabulary_size = len(words) + 1

    def stack(name: str, first: list[layers.Layer], rest: list[layers.Layer]) -> keras.Model:
        return keras.Sequential([*first, *rest], name=name)

    rest = [
        layers.Dropout(0.5, name="dropout_1"),
        layers.Dense(256, activation="sigmoid", name="hidden_2"),
        layers.Dropout(0.5, name="dropout_2"),
        layers.Dense(2, activation="softmax", name="output"),
    ]
    columns = keras.Input((None,), dtype="int32", name="columns")
    row_sum = RowSum(vocabulary_size, 512, activation="relu", name="hidden_1")
    trained = stack("article_training", [columns, row_sum], rest)

    bag = keras.Input((vocabulary_size,), name="bag_of_words")
    dense = layers.Dense(512, activation="relu", name="hidden_1")
    saved = stack(
        "article", [bag, dense], [type(layer).from_config(layer.get_config()) for layer in rest]
    )
    return Built(
        trained,
        saved,
        lambda: saved.set_weights(trained.get_weights()),
        lambda: trained.set_weights(saved.get_weights()),
    )


WIDTH = 256  # of a word's vector, and of both directions of a recurrence
BUCKETS = 1 << 15  # vectors of n-grams
_LONGEST_SPELT = 24  # letters


def pieces(word: str) -> list[int]:
    """The numbers of a word's n-grams of 3 to 5 characters, its ends marked.

    A hash of each, 0 to ``BUCKETS`` - 1; a word too short to have one is one itself.
    """
    marked = f"<{word[:_LONGEST_SPELT]}>"
    grams = [marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]
    return [zlib.crc32(gram.encode()) % BUCKETS for gram in grams if word[0].isalpha()] or [
        zlib.crc32(word.encode()) % BUCKETS
    ]


def default(words: Mapping[str, int]) -> Built:
    """Word vectors, two light recurrences in both directions, largest and mean values.

    In the saved one the words of a set of ``identity.TERMS`` have one vector.
    """
    in_order = sorted(words, key=words.__getitem__)
    table = WordPieces([[0], *map(pieces, in_order)], BUCKETS, WIDTH, name="words")
    stored = StoredWords(len(words) + 1, WIDTH, name="words")

    def recurrence(number: int, window: int = 1) -> LightRecurrence:
        return LightRecurrence(WIDTH // 2, window, name=f"recurrence_{number}")

    first = recurrence(1, window=3)

    def tokens() -> keras.KerasTensor:
        return keras.Input((None,), dtype="int32", name="tokens")

    same_at_every_step = (1, None, None)
    trained = keras.Sequential(
        [
            tokens(),
            FirstRecurrence(table, first, rate=0.1),
            layers.Dropout(0.1, noise_shape=same_at_every_step),
            recurrence(2),
            MaxAndMean(),
            layers.Dropout(0.15),
            layers.Dense(2, activation="softmax", name="output"),
        ],
        name="default_training",
    )
    saved = keras.Sequential(
        [
            tokens(),
            stored,
            recurrence(1, window=3),
            recurrence(2),
            MaxAndMean(name="largest_and_mean"),
            layers.Dense(2, activation="softmax", name="output"),
        ],
        name="default",
    )

    rest = [first, trained.get_layer("recurrence_2"), trained.get_layer("output")]

    def transfer() -> None:
        vectors = table.table()
        for alike in chain(*term_columns(words)):  # all that is left between them is chance
            vectors[alike] = vectors[alike].mean(axis=0)
        stored.store(vectors, table.styles.numpy())
        for layer in rest:
            saved.get_layer(layer.name).set_weights(layer.get_weights())

    def take_back() -> None:
        table.take_back(*stored.vectors())
        for layer in rest:
            layer.set_weights(saved.get_layer(layer.name).get_weights())

    return Built(trained, saved, transfer, take_back)


def _decaying(steps: int, goes_on: bool) -> keras.optimizers.Optimizer:
    warmup = min(500, steps // 10)
    highest = 0.001 if goes_on else 0.003
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=highest, warmup_steps=warmup, alpha=0.01
    )
    return LazyAdam(rate, largest_norm=1)


ARCHITECTURES = {
    architecture.name: architecture
    for architecture in (
        Architecture(
            "default",
            default,
            sequences=True,
            optimizer=_decaying,
            vocabulary_size=48_000,
            epochs=3,
            batch_size=256,
            made_share=0.05,
        ),
        Architecture(
            "article",
            article,
            sequences=False,
            optimizer=lambda steps, goes_on: keras.optimizers.Adam(0.001),
            vocabulary_size=3000,
            epochs=5,
            batch_size=2048,
        ),
    )
}
"""What ``scripts/train.py --architecture`` offers."""
