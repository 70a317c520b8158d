from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from sentiment_repl.classifier import softmax
from sentiment_repl.data.corpus import build_corpus
from sentiment_repl.data.corpus_encoder import TokenCorpusEncoder
from sentiment_repl.network.base import Network
from sentiment_repl.training.held_out import calibrate_on_held_out
from tests.data.conftest import THREE, Examples, random_examples


class Undecided:
    """A network that gives every text the same logits."""

    def logits(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        return np.zeros((len(texts), 3))


@pytest.mark.parametrize(
    ("neutral_weight", "probabilities"), [(1.0, [1 / 3, 1 / 3, 1 / 3]), (0.5, [0.4, 0.2, 0.4])]
)
def test_neutral_texts_can_count_less_in_the_calibration(
    neutral_weight: float, probabilities: list[float]
) -> None:
    corpus = build_corpus(
        [Examples(random_examples(THREE, count=6000))],
        encoder=TokenCorpusEncoder(),
        seed=1,
        vocabulary_size=100,
    )
    network, ids = cast(Network, Undecided()), corpus.held_out.lists()
    calibration = calibrate_on_held_out(network, corpus, ids, neutral_weight=neutral_weight)
    assert calibration is not None
    # The shares of the classes in the half that is fitted are near a third.
    assert softmax(calibration.apply(np.zeros((1, 3))))[0] == pytest.approx(probabilities, abs=0.04)
