"""Adam that touches only the rows of a table that a batch has used."""

from sentiment_repl.training.backend import keras, tf


class LazyAdam(keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980), lazy on tables of vectors.

    A row of a table that does not occur in a batch keeps its value and its moments.
    Keras' Adam decays the moments of every row at every step, which makes a step of the
    default network, with tables of 20 million numbers, 1.4 times as long.
    """

    def update_step(self, gradient, variable, learning_rate):  # type: ignore[no-untyped-def]
        """One step of one variable."""
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
        rows, places = tf.unique(gradient.indices)
        slope = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
        first = self.beta_1 * tf.gather(momentum, rows) + (1 - self.beta_1) * slope
        second = self.beta_2 * tf.gather(velocity, rows) + (1 - self.beta_2) * slope**2
        momentum.scatter_update(tf.IndexedSlices(first, rows))
        velocity.scatter_update(tf.IndexedSlices(second, rows))
        change = rate * first / (tf.sqrt(second) + self.epsilon)
        table.scatter_sub(tf.IndexedSlices(change, rows))
