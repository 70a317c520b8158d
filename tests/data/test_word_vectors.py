from pathlib import Path

import numpy as np
import pytest

from sentiment_repl.classifier import load
from sentiment_repl.data.word_vectors import encoder_vectors, fit_width
from tests.network.tiny_transformer import WIDTH, random_tensors, write_transformer


def test_an_encoder_reads_each_word_as_a_text(tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "encoder").mkdir()
    encoder = load(folder=write_transformer(tmp_path / "encoder", random_tensors()))
    vectors = encoder_vectors(encoder, ["good", "as", "☃"])
    assert vectors is not None and vectors.shape == (3, WIDTH)
    (expected,) = encoder.network.features([[28]])  # type: ignore[attr-defined]
    np.testing.assert_allclose(vectors[0], expected, atol=1e-5)
    assert vectors[1].any() and not vectors[2].any()
    assert encoder_vectors(load(folder=tiny), ["good"]) is None


@pytest.mark.parametrize("width", [3, 8, 40])
def test_vectors_keep_their_neighbours_in_another_width(width: int) -> None:
    """Words that were close stay close, though one direction dominates."""
    rng = np.random.default_rng(0)
    groups = rng.normal(size=(5, 8)) * [100, 1, 1, 1, 1, 1, 1, 1]
    vectors = np.repeat(groups, 20, axis=0) + rng.normal(size=(100, 8)) / 100
    mapped = fit_width(vectors.astype(np.float32), width, spread=0.1)
    assert mapped.shape == (100, width) and mapped.dtype == np.float32
    assert mapped.std() == pytest.approx(0.1)
    distances = np.linalg.norm(mapped[:, None] - mapped[None], axis=2)
    distances[np.arange(100), np.arange(100)] = np.inf
    assert (distances.argmin(axis=1) // 20 == np.arange(100) // 20).all()


def test_vectors_that_are_all_the_same_stay_so() -> None:
    assert not fit_width(np.ones((4, 3), np.float32), 2, spread=0.1).any()
