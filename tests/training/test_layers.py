import numpy as np
import pytest

from sentiment_repl.training import export
from sentiment_repl.training.architectures import ARCHITECTURES, BUCKETS, pieces
from sentiment_repl.training.backend import keras, tf
from sentiment_repl.training.layers import FirstRecurrence, LightRecurrence, WordPieces, linear_recurrence
from sentiment_repl.training.optimizers import LazyAdam
from sentiment_repl.text.social_tokenizer import STYLES

WORDS = {word: i for i, word in enumerate(("good", "bad", "goodness", ":)", "!"), start=1)}


@pytest.mark.parametrize("backwards", [False, True])
def test_the_gradient_of_a_recurrence_is_that_of_its_steps(backwards: bool) -> None:
    decay, values = tf.random.uniform((7, 3, 4)), tf.random.normal((7, 3, 4))

    def step_by_step(decay: tf.Tensor, values: tf.Tensor, backwards: bool) -> tf.Tensor:
        order = range(6, -1, -1) if backwards else range(7)
        state, states = tf.zeros((3, 4)), [None] * 7
        for t in order:
            states[t] = state = decay[t] * state + values[t]
        return tf.stack(states)

    def with_gradient(function: object) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch([decay, values])
            states = function(decay, values, backwards)
            loss = tf.reduce_sum(tf.sin(states))
        return [states, *tape.gradient(loss, [decay, values])]

    for ours, theirs in zip(with_gradient(linear_recurrence), with_gradient(step_by_step)):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_first_two_layers_at_once_have_the_values_and_gradients_of_both() -> None:
    words = WordPieces([[0], [1, 2], [2], [3]], buckets=4, units=8, name="words")
    recurrence = LightRecurrence(4, window=3)
    both = FirstRecurrence(words, recurrence, rate=0)
    tokens = tf.constant([[4, 9, 4, 13, 0, 0], [9, 9, 5, 4, 13, 8]])
    both.build(tokens.shape)

    def one_after_the_other(tokens: tf.Tensor) -> tf.Tensor:
        return recurrence.call(words.call(tokens), mask=words.compute_mask(tokens))

    results = []
    for layer in both, one_after_the_other:
        with tf.GradientTape() as tape:
            states = layer(tokens)
            loss = tf.reduce_sum(tf.sin(states[:4])) + tf.reduce_sum(tf.sin(states[4:, 1]))
        gradients = tape.gradient(loss, [variable.value for variable in both.trainable_variables])
        results.append([*map(tf.convert_to_tensor, gradients), loss])
    assert len(results[0]) == 6
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_saved_network_is_the_trained_one_and_ours() -> None:
    """Padding, n-grams and the bytes that the vectors are stored in change no answer."""
    keras.utils.set_random_seed(0)
    built = ARCHITECTURES["default"].build(WORDS)
    rng = np.random.default_rng(0)
    lists = [rng.integers(STYLES, 6 * STYLES, rng.integers(1, 20)).tolist() for _ in range(50)]
    padded = np.zeros((50, 23), np.int32)
    for row, tokens in zip(padded, lists):
        row[: len(tokens)] = tokens
    built.transfer()
    trained = built.trained.predict(padded, verbose=0)
    net = export.to_numpy(built.saved)
    np.testing.assert_allclose(net.probabilities(lists), trained, atol=0.02)  # rounded to bytes
    np.testing.assert_allclose(
        net.probabilities(lists), built.saved.predict(padded, verbose=0), atol=1e-6
    )
    assert np.ptp(trained[:, 0]) > 0.1

    keras.utils.set_random_seed(1)
    other = ARCHITECTURES["default"].build(WORDS)
    other.saved.set_weights(built.saved.get_weights())
    other.take_back()
    np.testing.assert_allclose(
        net.probabilities(lists), other.trained.predict(padded, verbose=0), atol=1e-6
    )


def test_who_somebody_is_makes_no_difference_once_trained() -> None:
    built = ARCHITECTURES["default"].build({"she": 1, "he": 2, "good": 3, "muslim": 4, "thai": 5})
    built.transfer()
    she, he, good, muslim, thai = export.to_numpy(built.saved).probabilities(
        [[column * STYLES, 3 * STYLES] for column in range(1, 6)]
    )
    assert (she == he).all()
    assert len({tuple(odds) for odds in (she, good, muslim, thai)}) == 4


def test_a_temperature_divides_the_log_odds() -> None:
    built = ARCHITECTURES["default"].build(WORDS)
    before = export.to_numpy(built.saved).probabilities([[5], [9, 13]])
    export.divide_log_odds(built.saved, 2.0)
    after = export.to_numpy(built.saved).probabilities([[5], [9, 13]])
    np.testing.assert_allclose(np.log(after / after[:, ::-1]), np.log(before / before[:, ::-1]) / 2)


def test_words_share_the_letters_that_they_share() -> None:
    good, goodness, unrelated = map(set, map(pieces, ("good", "goodness", "terrible")))
    assert len(good & goodness) >= 3 > len(good & unrelated)
    assert all(0 <= piece < BUCKETS for piece in good)
    for word in ("i", "!", ":)", "日本", "<user>"):
        assert pieces(word)


def test_lazy_adam_is_adam_where_every_row_is_used() -> None:
    start = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    tables = []
    for optimizer in LazyAdam(0.1, largest_norm=1), keras.optimizers.Adam(0.1):
        table = keras.Variable(start)
        optimizer.build([table])
        for _ in range(5):
            with tf.GradientTape() as tape:
                rows = tf.gather(table.value, [0, 1, 2, 3, 4, 5, 1, 1])  # some rows twice
                loss = tf.reduce_sum(rows**2)
            gradient = tape.gradient(loss, table.value)
            if not isinstance(optimizer, LazyAdam):
                gradient = tf.convert_to_tensor(gradient)  # Keras squares before it sums
            optimizer.apply([gradient], [table])
        tables.append(table.numpy())
    np.testing.assert_allclose(*tables, atol=1e-6)


def test_lazy_adam_leaves_the_other_rows_alone() -> None:
    table = keras.Variable(np.ones((4, 2), np.float32))
    optimizer = LazyAdam(0.1, largest_norm=1)
    optimizer.build([table])
    for row in (0, 0, 2):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.gather(table.value, [row]))
        optimizer.apply([tape.gradient(loss, table.value)], [table])
    assert (table.numpy()[[1, 3]] == 1).all() and (table.numpy()[[0, 2]] < 1).all()


def test_steep_gradients_are_cut_together_but_not_those_of_tables() -> None:
    """Two steps: the size of a single one makes no difference to Adam."""

    def after(optimizer: keras.optimizers.Optimizer, *steps: list[float]) -> list[np.ndarray]:
        variables = [keras.Variable(np.zeros((1, 1), np.float32)) for _ in range(3)]
        optimizer.build(variables)
        for *whole, row in steps:
            table = tf.IndexedSlices(tf.constant([[row]]), tf.constant([0]))
            optimizer.apply([*(tf.constant([[g]]) for g in whole), table], variables)
        return [variable.numpy() for variable in variables]

    cut = after(LazyAdam(0.1, largest_norm=1), [3.0, 4.0, 5.0], [0.3, 0.1, 0.2])
    by_hand = after(LazyAdam(0.1, largest_norm=99), [0.6, 0.8, 5.0], [0.3, 0.1, 0.2])
    untouched = after(LazyAdam(0.1, largest_norm=99), [3.0, 4.0, 5.0], [0.3, 0.1, 0.2])
    np.testing.assert_allclose(cut, by_hand, atol=1e-6)
    assert abs(cut[0] - untouched[0]) > 1e-3
