import json
import warnings
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.classifier import load
from sentiment_repl.errors import ModelError
from sentiment_repl.network.from_keras import network_from_keras
from sentiment_repl.network.transformer import TransformerNetwork

VOCABULARY_SIZE, WIDTH, HIDDEN, HEADS, LONGEST = 30, 12, 20, 3, 8
MODEL = {"class_name": "Transformer", "config": {"blocks": 2, "heads": HEADS}}


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    def norm(name: str) -> dict[str, np.ndarray]:
        return {f"{name}/gain": 1 + normal(WIDTH) / 5, f"{name}/bias": normal(WIDTH)}

    def dense(name: str, inputs: int, units: int) -> dict[str, np.ndarray]:
        return {
            f"{name}/kernel": rng.integers(-127, 128, (inputs, units)).astype(np.int8),
            f"{name}/scales": rng.uniform(0.001, 0.01, units).astype(np.float32),
            f"{name}/bias": normal(units),
        }

    found = {
        "embedding/rows": rng.integers(-127, 128, (VOCABULARY_SIZE, WIDTH)).astype(np.int8),
        "embedding/scales": rng.uniform(0.001, 0.02, VOCABULARY_SIZE).astype(np.float32),
        "embedding/edges": normal(2, WIDTH),
        "embedding/positions": normal(LONGEST + 2, WIDTH),
        **norm("embedding/norm"),
        "output/kernel": normal(WIDTH, 3),
        "output/bias": normal(3),
    }
    for name in ("block_0", "block_1"):
        found |= dense(f"{name}/query_key_value", WIDTH, 3 * WIDTH)
        found |= dense(f"{name}/attended", WIDTH, WIDTH) | norm(f"{name}/attention_norm")
        found |= dense(f"{name}/up", WIDTH, HIDDEN) | dense(f"{name}/down", HIDDEN, WIDTH)
        found |= norm(f"{name}/output_norm")
    return found


@pytest.fixture
def network(tensors: dict[str, np.ndarray]) -> TransformerNetwork:
    network = network_from_keras(MODEL, tensors)
    assert isinstance(network, TransformerNetwork)
    return network


def random_texts(count: int) -> list[list[int]]:
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, LONGEST + 1, count)
    return [rng.integers(1, VOCABULARY_SIZE, length).tolist() for length in lengths]


def plain_logits(tensors: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """The logits of one segment, token by token and head by head, in float64."""
    t = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}

    def dense(name: str, vector: np.ndarray) -> np.ndarray:
        kernel = t[f"{name}/kernel"] * t[f"{name}/scales"]
        return vector @ kernel + t[f"{name}/bias"]

    def norm(name: str, vector: np.ndarray) -> np.ndarray:
        centred = vector - vector.mean()
        return centred / np.sqrt(vector.var() + 1e-12) * t[f"{name}/gain"] + t[f"{name}/bias"]

    def gelu(x: np.ndarray) -> np.ndarray:
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))

    first, last = t["embedding/edges"]
    words = [t["embedding/rows"][i] * t["embedding/scales"][i] for i in ids]
    x = [
        norm("embedding/norm", vector + position)
        for vector, position in zip([first, *words, last], t["embedding/positions"])
    ]
    size = WIDTH // HEADS
    for name in ("block_0", "block_1"):
        split = [np.split(dense(f"{name}/query_key_value", vector), 3) for vector in x]
        after = []
        for vector, (query, _, _) in zip(x, split):
            heads = []
            for head in (slice(i * size, (i + 1) * size) for i in range(HEADS)):
                scores = np.array([query[head] @ key[head] / np.sqrt(size) for _, key, _ in split])
                weights = np.exp(scores) / np.exp(scores).sum()
                heads.append(sum(w * value[head] for w, (_, _, value) in zip(weights, split)))
            attended = dense(f"{name}/attended", np.concatenate(heads))
            vector = norm(f"{name}/attention_norm", vector + attended)
            fed = dense(f"{name}/down", gelu(dense(f"{name}/up", vector)))
            after.append(norm(f"{name}/output_norm", vector + fed))
        x = after
    return np.mean(x, axis=0) @ t["output/kernel"] + t["output/bias"]


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
    content, index = b"HEAD", {}
    for name, tensor in tensors.items():
        index[name] = {"offset": len(content), "shape": tensor.shape, "dtype": tensor.dtype.name}
        content += tensor.tobytes()
    (tmp_path / model_folder.WEIGHTS).write_bytes(content)
    (tmp_path / model_folder.MODEL).write_text(json.dumps(MODEL))
    words = {chr(ord("a") + i): i + 1 for i in range(26)} | {"##s": 27, "##t": 28, "!": 29}
    (tmp_path / model_folder.VOCABULARY).write_text(json.dumps(words))
    labels = ["negative", "neutral", "positive"]
    model_folder.write_manifest(tmp_path, index, labels)
    classifier = load(folder=tmp_path)
    prediction = classifier.classify("As st! É 7", explain=True)
    assert prediction.unknown_words == ("7",)
    assert prediction.probabilities is not None
    ids = [1, 27, 19, 28, 29, 5]
    logits = plain_logits(tensors, ids)
    expected = np.exp(logits) / np.exp(logits).sum()
    assert list(prediction.probabilities) == labels
    assert list(prediction.probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-5)
    assert [word.word for word in prediction.contributions] == ["As", "st", "!", "É"]
    drop = (logits - plain_logits(tensors, [1, 27, 29, 5])) @ [-1, 0, 1]
    assert prediction.contributions[1].contribution == pytest.approx(drop, abs=1e-5)
    (tmp_path / model_folder.MODEL).write_text(json.dumps({"class_name": "Transformer"}))
    model_folder.write_manifest(tmp_path, index, labels)
    with pytest.raises(ModelError, match="the model can't be used: .* lacks an entry: 'config'"):
        load(folder=tmp_path)
