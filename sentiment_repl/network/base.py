"""What a classifier needs from a network."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.text.encoders import Encoder


class Network(Protocol):
    """A trained network: encoded texts in, logits out."""

    @property
    def vocabulary_size(self) -> int:
        """Number of word ids, padding (id 0) included."""

    @property
    def classes(self) -> int:
        """Number of classes."""

    @property
    def releases_lock(self) -> bool:
        """Whether ``logits`` mostly runs without Python's lock, so that a thread pays off."""

    def encoder(self, vocabulary: Mapping[str, int]) -> Encoder:
        """Return the encoder that makes this network's input."""

    def segments(self, ids: list[int]) -> list[list[int]]:
        """Cut an encoded text into the segments that the network reads one by one.

        The logits of the text are the mean over its segments. An empty text has none.
        """

    def logits(self, batch: Sequence[Sequence[int]], /) -> NDArray[np.float64]:
        """Return the logits of encoded texts, shape (texts, classes).

        A text gets the same logits alone and in any batch, up to rounding: its
        probabilities differ by less than 1e-6.
        """
