"""What training needs from an architecture.

Each architecture is one module: ``article.py``, ``recurrent.py``. It brings everything in which
the networks differ. ``fit.py`` and ``train.py`` treat all of them alike.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.data.corpus_encoder import CorpusEncoder
from sentiment_repl.training.backend import keras


class NetworkPair(NamedTuple):
    """One network as two Keras models: one trains fast, the other is saved and read."""

    training: keras.Model
    """Its input is padded ids, as ``TextBatches`` yields them."""
    exported: keras.Model
    """A ``Sequential`` that ``network.from_keras`` reads. Its last layer is a softmax."""
    export_weights: Callable[[], None]
    """Copies the weights of ``training`` into ``exported``."""
    load_weights: Callable[[], None]
    """Copies the weights of ``exported`` into ``training``, for fine-tuning."""


class Architecture(Protocol):
    """A kind of network, and how it is trained."""

    name: str
    vocabulary_size: int
    """Default number of word ids, padding included."""
    epochs: int
    """Default number of epochs."""
    batch_size: int
    """Default number of texts a step."""
    synthetic_share: float
    """Synthetic sentences for each labelled example."""
    sorts_by_length: bool
    """Whether training texts of similar length share a batch."""
    is_augmented: bool
    """Whether training texts are changed in each epoch."""
    is_calibrated: bool
    """Whether a temperature is fitted on held-out texts."""
    epoch_rows: int | None
    """An epoch reads at most so many texts of a source; None: all."""
    has_neutral: bool
    """Whether the network learns the label neutral if the data has it."""
    schedule_depends_on_epochs: bool
    """Whether another number of epochs changes the learning rate of each step."""

    def corpus_encoder(self) -> CorpusEncoder:
        """Return the encoder for the texts of one corpus."""

    def build(self, vocabulary: Mapping[str, int], classes: int) -> NetworkPair:
        """Return an untrained network with one output for each class."""

    def optimizer(self, steps: int, *, fine_tuning: bool) -> keras.optimizers.Optimizer:
        """Return the optimizer for a training of so many steps."""

    def keras_input(
        self, batch: Sequence[Sequence[int]], vocabulary_size: int
    ) -> NDArray[np.generic]:
        """Return the input of the exported Keras model for encoded texts."""
