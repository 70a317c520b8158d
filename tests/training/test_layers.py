"""The Keras layers and the optimizer of the recurrent network."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sentiment_repl.training.backend import keras, tf
from sentiment_repl.training.layers import (
    BidirectionalMinGRU,
    FusedEmbeddingMinGRU,
    NgramEmbedding,
    linear_recurrence,
)
from sentiment_repl.training.optimizers import LazyAdam


@pytest.mark.parametrize("backwards", [False, True])
def test_a_recurrence_has_the_gradient_of_its_steps(backwards: bool) -> None:
    decay, values = tf.random.uniform((7, 3, 4)), tf.random.normal((7, 3, 4))

    def step_by_step(decay: tf.Tensor, values: tf.Tensor, backwards: bool) -> tf.Tensor:
        state, states = tf.zeros((3, 4)), [None] * 7
        for t in range(7)[:: -1 if backwards else 1]:
            states[t] = state = decay[t] * state + values[t]
        return tf.stack(states)

    results = []
    for function in linear_recurrence, step_by_step:
        with tf.GradientTape() as tape:
            tape.watch([decay, values])
            states = function(decay, values, backwards)
            loss = tf.reduce_sum(tf.sin(states))
        results.append([states, *tape.gradient(loss, [decay, values])])
    for fast, plain in zip(*results):
        np.testing.assert_allclose(fast, plain, atol=1e-5)


def test_the_fused_layer_has_the_values_and_gradients_of_its_parts() -> None:
    embedding = NgramEmbedding([[0], [1, 2], [2], [3]], buckets=4, units=8)
    min_gru = BidirectionalMinGRU(4, window=3)
    fused = FusedEmbeddingMinGRU(embedding, min_gru, dropout=0)
    tokens = tf.constant([[4, 9, 4, 13, 0, 0], [9, 9, 5, 4, 13, 8]])
    fused.build(tokens.shape)

    def one_after_the_other(tokens: tf.Tensor) -> tf.Tensor:
        return min_gru.call(embedding.call(tokens), mask=embedding.compute_mask(tokens))

    results = []
    for layer in fused, one_after_the_other:
        with tf.GradientTape() as tape:
            states = layer(tokens)
            loss = tf.reduce_sum(tf.sin(states[:4])) + tf.reduce_sum(tf.sin(states[4:, 1]))
        gradients = tape.gradient(loss, [variable.value for variable in fused.trainable_variables])
        results.append([*map(tf.convert_to_tensor, gradients), loss])
    assert len(results[0]) == 6
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def updated(optimizer: Any, start: Any, *losses: Callable[[Any], Any]) -> Any:
    """Return a table after a step for each loss."""
    table = keras.Variable(np.array(start, np.float32))
    optimizer.build([table])
    for loss in losses:
        with tf.GradientTape() as tape:
            value = loss(table.value)
        gradient = tape.gradient(value, table.value)
        if not isinstance(optimizer, LazyAdam):
            gradient = tf.convert_to_tensor(gradient)  # Keras squares before it adds up
        optimizer.apply([gradient], [table])
    return table.numpy()


def test_lazy_adam_is_adam_on_the_rows_of_a_batch_alone() -> None:
    start = np.random.default_rng(0).normal(size=(6, 3))
    steps = [lambda table: tf.reduce_sum(tf.gather(table, [0, 1, 2, 3, 4, 5, 1, 1]) ** 2)] * 5
    lazy = updated(LazyAdam(0.1, clip_norm=1), start, *steps)
    np.testing.assert_allclose(lazy, updated(keras.optimizers.Adam(0.1), start, *steps), atol=1e-6)

    steps = [lambda table, row=row: tf.reduce_sum(tf.gather(table, [row])) for row in (0, 0, 2)]
    table = updated(LazyAdam(0.1, clip_norm=1), np.ones((4, 2)), *steps)
    assert (table[[1, 3]] == 1).all() and (table[[0, 2]] < 1).all()


def test_gradients_are_clipped_together_except_those_of_tables() -> None:
    """There are two steps: Adam ignores the size of a single one."""

    def after(clip_norm: float, *steps: list[float]) -> list[np.ndarray]:
        optimizer = LazyAdam(0.1, clip_norm)
        variables = [keras.Variable(np.zeros((1, 1), np.float32)) for _ in range(3)]
        optimizer.build(variables)
        for *dense, row in steps:
            table = tf.IndexedSlices(tf.constant([[row]]), tf.constant([0]))
            optimizer.apply([*(tf.constant([[g]]) for g in dense), table], variables)
        return [variable.numpy() for variable in variables]

    clipped = after(1, [3.0, 4.0, 5.0], [0.3, 0.1, 0.2])
    np.testing.assert_allclose(clipped, after(99, [0.6, 0.8, 5.0], [0.3, 0.1, 0.2]), atol=1e-6)
    assert abs(clipped[0] - after(99, [3.0, 4.0, 5.0], [0.3, 0.1, 0.2])[0]) > 1e-3
