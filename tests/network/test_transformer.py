import warnings
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl.classifier import load
from sentiment_repl.network.from_keras import network_from_keras
from sentiment_repl.network.transformer import TransformerNetwork
from tests.network.tiny_transformer import (
    HEADS,
    HIDDEN,
    LABELS,
    LONGEST,
    MODEL,
    VOCABULARY_SIZE,
    WIDTH,
    plain_logits,
    random_tensors,
    write_transformer,
)


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    return random_tensors()


@pytest.fixture
def network(tensors: dict[str, np.ndarray]) -> TransformerNetwork:
    network = network_from_keras(MODEL, tensors)
    assert isinstance(network, TransformerNetwork)
    return network


def random_texts(count: int) -> list[list[int]]:
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, LONGEST + 1, count)
    return [rng.integers(1, VOCABULARY_SIZE, length).tolist() for length in lengths]


def test_the_forward_pass_agrees_with_a_plain_loop(
    network: TransformerNetwork, tensors: dict[str, np.ndarray]
) -> None:
    texts = random_texts(300)  # several batches
    logits = network.logits(texts)
    np.testing.assert_allclose(logits, [plain_logits(tensors, ids) for ids in texts], atol=1e-5)
    alone = np.concatenate([network.logits([ids]) for ids in texts])
    np.testing.assert_allclose(logits, alone, atol=1e-5)


def test_a_long_text_is_the_mean_over_its_segments_and_an_empty_one_has_zeros(
    network: TransformerNetwork, tensors: dict[str, np.ndarray]
) -> None:
    long = random_texts(1)[0] * 50
    logits = network.logits([[], long, [7]])
    segments = network.segments(long)
    assert max(map(len, segments)) <= LONGEST and [*chain(*segments)] == long
    expected = np.mean([plain_logits(tensors, ids) for ids in segments], axis=0)
    np.testing.assert_allclose(logits, [np.zeros(3), expected, *network.logits([[7]])], atol=1e-5)
    assert network.logits([]).shape == (0, 3)


def test_large_weights_do_not_overflow(tensors: dict[str, np.ndarray]) -> None:
    large = {
        name: tensor if tensor.dtype == np.int8 else tensor * np.float32(30)
        for name, tensor in tensors.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logits = network_from_keras(MODEL, large).logits(random_texts(20))
    assert np.isfinite(logits).all()
    for name, tensor in tensors.items():
        if tensor.dtype == np.float32:
            with pytest.raises(ValueError, match="overflow"):
                network_from_keras(MODEL, {**tensors, name: tensor * np.float32(1e35)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("embedding/rows", np.zeros((VOCABULARY_SIZE, WIDTH), np.float32)),
        ("embedding/rows", np.zeros(VOCABULARY_SIZE, np.int8)),
        ("embedding/scales", np.zeros(3, np.float32)),
        ("embedding/edges", np.zeros((1, WIDTH), np.float32)),
        ("embedding/positions", np.zeros((2, WIDTH), np.float32)),
        ("embedding/norm/gain", np.zeros(WIDTH + 1, np.float32)),
        ("block_0/query_key_value/kernel", np.zeros((WIDTH, 3 * WIDTH), np.float32)),
        ("block_0/query_key_value/kernel", np.zeros((WIDTH, 3 * WIDTH - 3), np.int8)),
        ("block_0/attended/scales", np.full(WIDTH, np.nan, np.float32)),
        ("block_1/attended/bias", np.zeros(WIDTH, np.int8)),
        ("block_1/down/kernel", np.zeros((HIDDEN - 1, WIDTH), np.int8)),
        ("block_1/output_norm/bias", np.full(WIDTH, np.inf, np.float32)),
        ("output/kernel", np.zeros((3, WIDTH), np.float32)),
        ("output/bias", np.zeros((), np.float32)),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    tensors: dict[str, np.ndarray], name: str, value: np.ndarray
) -> None:
    with pytest.raises(ValueError):
        network_from_keras(MODEL, {**tensors, name: value})
    del tensors[name]
    with pytest.raises(ValueError, match="lacks an entry"):
        network_from_keras(MODEL, tensors)


@pytest.mark.parametrize(
    "config",
    [
        None,
        {},
        {"blocks": 2},
        {"blocks": 3, "heads": HEADS},
        {"blocks": "2", "heads": HEADS},
        {"blocks": 2, "heads": 5},
        {"blocks": 2, "heads": 0},
        {"blocks": 2, "heads": 3.0},
        {"blocks": 2, "heads": True},
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(
    tensors: dict[str, np.ndarray], config: object
) -> None:
    with pytest.raises(ValueError):
        network_from_keras({"class_name": "Transformer", "config": config}, tensors)


def test_a_model_folder_with_a_transformer_answers(
    tensors: dict[str, np.ndarray], tmp_path: Path
) -> None:
    write_transformer(tmp_path, tensors)
    classifier = load(folder=tmp_path)
    prediction = classifier.classify("As good! É 7", explain=True)
    assert prediction.unknown_words == ("7",)
    assert prediction.probabilities is not None
    ids = [1, 27, 28, 29, 5]
    logits = plain_logits(tensors, ids)
    expected = np.exp(logits) / np.exp(logits).sum()
    assert tuple(prediction.probabilities) == LABELS
    assert list(prediction.probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-5)
    assert [word.word for word in prediction.contributions] == ["As", "good", "!", "É"]
    drop = (logits - plain_logits(tensors, [1, 27, 29, 5])) @ [-1, 0, 1]
    assert prediction.contributions[1].contribution == pytest.approx(drop, abs=1e-5)
