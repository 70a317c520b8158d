"""The recurrent network in plain NumPy: one text, no batching, a shape after every line.

``recurrent.py`` computes the same function fast. A test compares the two.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.recurrent import MinGRU, QuantizedEmbedding
from sentiment_repl.text.vocabulary import split_token_id


def plain_logits(
    token_ids: Sequence[int],
    embedding: QuantizedEmbedding,
    layers: Sequence[MinGRU],
    kernel: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> NDArray[np.floating]:
    """Return the logits of one segment, shape (classes,).

    T is the number of tokens, D the width of an embedding, U the units of one direction.

    :param token_ids: 1 to ``LONGEST_SEGMENT`` token ids.
    :param kernel: of the last, dense layer.
    :param bias: of the last, dense layer.
    """
    words, features = split_token_id(np.array(token_ids))  # (T,), (T,)
    x = embedding.rows[words] * embedding.scales[words, None]  # (T, D)
    x = x + embedding.features[features]  # (T, D)
    for layer in layers:
        x = _bidirectional_min_gru(x, layer)  # (T, 2 U)
    pooled = np.concatenate([x.max(axis=0), x.mean(axis=0)])  # (4 U,)
    return pooled @ kernel + bias  # (classes,)


def _bidirectional_min_gru(x: NDArray[np.floating], layer: MinGRU) -> NDArray[np.floating]:
    # minGRU: Feng et al. 2024, arXiv:2410.01201. D is 2 U after the first layer.
    seen = x  # (T, D)
    if layer.window == 3:
        zero = np.zeros_like(x[:1])  # (1, D)
        seen = np.hstack([np.vstack([zero, x[:-1]]), x, np.vstack([x[1:], zero])])  # (T, 3 D)
    candidates, gates = np.split(seen @ layer.kernel + layer.bias, 2, axis=1)  # (T, 2 U) each
    forget = 1 / (1 + np.exp(-gates))  # (T, 2 U)
    units = candidates.shape[1] // 2
    states = np.zeros_like(candidates)  # (T, 2 U)
    for direction, columns in ((1, slice(0, units)), (-1, slice(units, None))):
        state = np.zeros(units, np.float32)  # (U,)
        for t in range(len(x))[::direction]:
            f = forget[t, columns]  # (U,)
            state = f * state + (1 - f) * candidates[t, columns]  # (U,)
            states[t, columns] = state
    return x + states if x.shape == states.shape else states  # (T, 2 U)
