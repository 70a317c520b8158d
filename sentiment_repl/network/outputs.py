"""A network without some of its outputs."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.base import Network
from sentiment_repl.text.encoders import Encoder


class SelectedOutputs:
    """A network that returns some of the logits of another one.

    The softmax of the selected logits renormalises their probabilities.

    :param outputs: the index of each selected output.
    """

    def __init__(self, network: Network, outputs: Sequence[int]) -> None:
        self._network, self._outputs = network, list(outputs)
        self.vocabulary_size = network.vocabulary_size
        self.classes = len(self._outputs)
        self.releases_lock = network.releases_lock

    def encoder(self, vocabulary: Mapping[str, int]) -> Encoder:
        """Return the encoder of the whole network."""
        return self._network.encoder(vocabulary)

    def segments(self, ids: list[int]) -> list[list[int]]:
        """Return the segments of the whole network."""
        return self._network.segments(ids)

    def logits(self, batch: Sequence[Sequence[int]], /) -> NDArray[np.float64]:
        """Return the selected logits, shape (texts, selected outputs)."""
        return self._network.logits(batch)[:, self._outputs]
