import warnings

import numpy as np
import pytest

from sentiment_repl import load
from sentiment_repl.network.from_keras import network_from_keras
from sentiment_repl.network.recurrent import LONGEST_SEGMENT, MinGRU, QuantizedEmbedding
from sentiment_repl.network.reference import plain_logits
from sentiment_repl.text.vocabulary import FEATURE_SETS

VOCABULARY_SIZE, WIDTH, UNITS = 40, 24, 8


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    return {
        "embedding/rows": rng.integers(-127, 128, (VOCABULARY_SIZE, WIDTH)).astype(np.int8),
        "embedding/scales": rng.uniform(0.001, 0.02, VOCABULARY_SIZE).astype(np.float32),
        "embedding/features": normal(FEATURE_SETS, WIDTH),
        "one/kernel": normal(3 * WIDTH, 4 * UNITS) / 5,
        "one/bias": normal(4 * UNITS),
        "two/kernel": normal(2 * UNITS, 4 * UNITS) / 5,
        "two/bias": normal(4 * UNITS),
        "out/kernel": normal(4 * UNITS, 2),
        "out/bias": normal(2),
    }


def layer(kind: str, name: str, **config: object) -> dict[str, object]:
    return {"class_name": kind, "config": {"name": name, **config}}


LAYERS = [
    layer("InputLayer", "tokens"),
    layer("QuantizedEmbedding", "embedding"),
    layer("BidirectionalMinGRU", "one", window=3),
    layer("BidirectionalMinGRU", "two", window=1),
    layer("MaxMeanPooling", "pooled"),
    layer("Dense", "out", activation="softmax"),
]


def model(layers: list[dict[str, object]] = LAYERS) -> dict[str, object]:
    return {"class_name": "Sequential", "config": {"layers": layers}}


def random_texts(count: int, longest: int = 30) -> list[list[int]]:
    rng = np.random.default_rng(1)
    highest = VOCABULARY_SIZE * FEATURE_SETS
    return [
        rng.integers(FEATURE_SETS, highest, rng.integers(1, longest)).tolist() for _ in range(count)
    ]


def plain(tensors: dict[str, np.ndarray], token_ids: list[int]) -> np.ndarray:
    """The logits of one text by the plain reference, in float64."""
    t = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    embedding = QuantizedEmbedding(*(t[f"embedding/{x}"] for x in ("rows", "scales", "features")))
    layers = [MinGRU(t[f"{x}/kernel"], t[f"{x}/bias"], n) for x, n in (("one", 3), ("two", 1))]
    return plain_logits(token_ids, embedding, layers, t["out/kernel"], t["out/bias"])


def test_the_fast_forward_pass_agrees_with_the_plain_one(tensors: dict[str, np.ndarray]) -> None:
    texts = random_texts(60)
    logits = network_from_keras(model(), tensors).logits(texts)
    np.testing.assert_allclose(logits, [plain(tensors, ids) for ids in texts], atol=1e-5)


def test_the_order_of_the_words_matters(tensors: dict[str, np.ndarray]) -> None:
    forth, back = network_from_keras(model(), tensors).logits([[20, 50, 90], [90, 50, 20]])
    assert abs(forth - back).max() > 1e-3


def test_a_text_gets_the_same_logits_alone_and_in_any_batch(tensors: dict[str, np.ndarray]) -> None:
    network = network_from_keras(model(), tensors)
    texts = random_texts(900)  # several batches
    together = network.logits(texts)
    alone = np.concatenate([network.logits([ids]) for ids in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(network.logits(texts[::-1])[::-1], alone, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["default", "article"])
def test_real_tweets_get_the_same_label_alone_and_in_a_batch(
    name: str, real_tweets: list[tuple[int, str]]
) -> None:
    classifier = load(name)
    texts = [text for _, text in real_tweets]
    for together, alone in zip(classifier.classify_batch(texts), map(classifier.classify, texts)):
        assert together.label == alone.label
        assert together.uncertain == alone.uncertain
        assert together.probabilities == pytest.approx(alone.probabilities, abs=1e-6)


def test_the_logits_of_a_long_text_are_the_mean_over_its_segments(
    tensors: dict[str, np.ndarray],
) -> None:
    ids = [FEATURE_SETS + i % (FEATURE_SETS * (VOCABULARY_SIZE - 1)) for i in range(128)]
    (logits,) = network_from_keras(model(), tensors).logits([ids])
    halves = [plain(tensors, half) for half in (ids[:LONGEST_SEGMENT], ids[LONGEST_SEGMENT:])]
    np.testing.assert_allclose(logits, np.mean(halves, axis=0), atol=1e-5)


def test_a_million_words_and_no_word_at_all(tensors: dict[str, np.ndarray]) -> None:
    network = network_from_keras(model(), tensors)
    logits = network.logits([[], [5] * 1_000_000, [7]])
    assert logits[0].tolist() == [0, 0]
    np.testing.assert_allclose(logits[2:], network.logits([[7]]), atol=1e-5)
    assert network.logits([]).shape == (0, 2)
    assert network.logits([[]]).tolist() == [[0, 0]]


def test_large_weights_do_not_overflow(tensors: dict[str, np.ndarray]) -> None:
    large = {
        name: tensor if tensor.dtype == np.int8 else 1e3 * tensor
        for name, tensor in tensors.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # np.errstate does not reach other threads
        logits = network_from_keras(model(), large).logits(random_texts(100))
    assert np.isfinite(logits).all()


@pytest.mark.parametrize(
    ("layers", "complaint"),
    [
        (LAYERS[:1] + LAYERS[2:], "BidirectionalMinGRU"),
        ([*LAYERS, LAYERS[-1]], "same name"),
        ([*LAYERS[:-1], layer("Dense", "out", activation="relu")], "softmax"),
        ([LAYERS[1], LAYERS[-1]], "unsupported order"),
        ([*LAYERS[:3], layer("Lambda", "x"), *LAYERS[3:]], "Lambda"),
        ([*LAYERS[:4], *LAYERS[5:]], "unsupported order"),
        ([*LAYERS[:2], layer("BidirectionalMinGRU", "one"), *LAYERS[3:]], "window"),
        ([*LAYERS[:2], layer("BidirectionalMinGRU", "one", window=2), *LAYERS[3:]], "window of 2"),
        (
            [*LAYERS[:2], layer("BidirectionalMinGRU", "one", window=1), *LAYERS[3:]],
            "recurrent kernel of",
        ),
        ([*LAYERS[:2], *LAYERS[3:]], "recurrent kernel of"),
        ([*LAYERS[:2], *LAYERS[4:]], "no recurrent layer"),
    ],
)
def test_layers_that_do_not_fit_are_refused(
    tensors: dict[str, np.ndarray], layers: list[dict[str, object]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        network_from_keras(model(layers), tensors)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("embedding/scales", np.zeros(3, np.float32)),
        ("embedding/features", np.zeros((FEATURE_SETS, WIDTH + 1), np.float32)),
        ("one/bias", np.zeros(4 * UNITS + 1, np.float32)),
        ("one/bias", np.full(4 * UNITS, np.nan, np.float32)),
        ("out/kernel", np.zeros((3, 2), np.float32)),
        ("embedding/rows", np.zeros(VOCABULARY_SIZE, np.int8)),
        ("embedding/rows", np.zeros((VOCABULARY_SIZE, WIDTH), np.float32)),
        ("one/kernel", np.zeros((3 * WIDTH, 4 * UNITS), np.int8)),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    tensors: dict[str, np.ndarray], name: str, value: np.ndarray
) -> None:
    tensors[name] = value
    with pytest.raises(ValueError):
        network_from_keras(model(), tensors)
