"""Adam that updates only the rows of an embedding that a batch has used."""

from collections.abc import Sequence
from typing import Any

from sentiment_repl.training.backend import keras, tf
from sentiment_repl.training.layers import sum_by_index


class LazyAdam(keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980), lazy on embeddings.

    A row that does not occur in a batch keeps its value and its moments. Keras' Adam decays
    the moments of every row at every step. With the 20 million weights of the default network
    that makes a step 1.4 times as long.

    :param clip_norm: the gradients of all other variables together are clipped to this norm
        (Pascanu et al. 2013, arXiv:1211.5063).
    """

    def __init__(self, learning_rate: Any, clip_norm: float) -> None:
        super().__init__(learning_rate)
        self._clip_norm = clip_norm

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[keras.Variable] | None = None
    ) -> None:
        """Update all variables."""
        dense = [gradient for gradient in grads if not isinstance(gradient, tf.IndexedSlices)]
        clipped = iter(tf.clip_by_global_norm(dense, self._clip_norm)[0])
        grads = [g if isinstance(g, tf.IndexedSlices) else next(clipped) for g in grads]
        super().apply(grads, trainable_variables)

    def update_step(self, gradient: Any, variable: keras.Variable, learning_rate: Any) -> None:
        """Update one variable."""
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        step = tf.cast(self.iterations + 1, tf.float32)
        rate = tf.cast(learning_rate, tf.float32) * (
            tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        )
        index = self._get_variable_index(variable)
        table, momentum, velocity = (
            weight.value if isinstance(weight, keras.Variable) else weight
            for weight in (variable, self._momentums[index], self._velocities[index])
        )
        rows, row_of = tf.unique(gradient.indices)
        slope = sum_by_index(gradient.values, row_of)
        first = self.beta_1 * tf.gather(momentum, rows) + (1 - self.beta_1) * slope
        second = self.beta_2 * tf.gather(velocity, rows) + (1 - self.beta_2) * slope**2
        momentum.scatter_update(tf.IndexedSlices(first, rows))
        velocity.scatter_update(tf.IndexedSlices(second, rows))
        change = rate * first / (tf.sqrt(second) + self.epsilon)
        table.scatter_sub(tf.IndexedSlices(change, rows))
