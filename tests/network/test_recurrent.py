import warnings

import numpy as np
import pytest

from sentiment_repl import load
from sentiment_repl.network import from_keras
from sentiment_repl.network.recurrent import LONGEST
from sentiment_repl.text.social_tokenizer import STYLES

COLUMNS, WIDTH, UNITS = 40, 24, 8


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    return {
        "words/rows": rng.integers(-127, 128, (COLUMNS, WIDTH)).astype(np.int8),
        "words/scales": rng.uniform(0.001, 0.02, COLUMNS).astype(np.float32),
        "words/styles": normal(STYLES, WIDTH),
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
    layer("StoredWords", "words"),
    layer("LightRecurrence", "one", window=3),
    layer("LightRecurrence", "two", window=1),
    layer("MaxAndMean", "pooled"),
    layer("Dense", "out", activation="softmax"),
]


def model(layers: list[dict[str, object]] = LAYERS) -> dict[str, object]:
    return {"class_name": "Sequential", "config": {"layers": layers}}


def sentences(count: int, longest: int = 30) -> list[list[int]]:
    rng = np.random.default_rng(1)
    highest = COLUMNS * STYLES
    return [rng.integers(STYLES, highest, rng.integers(1, longest)).tolist() for _ in range(count)]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def by_the_book(tensors: dict[str, np.ndarray], tokens: list[int]) -> np.ndarray:
    """The log-odds of one sentence, word by word, in float64."""
    t = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    x = [
        t["words/rows"][n // STYLES] * t["words/scales"][n // STYLES]
        + t["words/styles"][n % STYLES]
        for n in tokens
    ]
    for name, window in ("one", 3), ("two", 1):
        none = np.zeros_like(x[0])
        around = [none, *x, none]
        seen = [np.concatenate(around[i : i + 3]) if window == 3 else x[i] for i in range(len(x))]
        projected = [row @ t[f"{name}/kernel"] + t[f"{name}/bias"] for row in seen]
        directions = []
        for first, steps in (0, range(len(x))), (UNITS, reversed(range(len(x)))):
            state = np.zeros(UNITS)
            states = {}
            for i in steps:
                candidate = projected[i][first : first + UNITS]
                forget = sigmoid(projected[i][2 * UNITS + first : 3 * UNITS + first])
                states[i] = state = forget * state + (1 - forget) * candidate
            directions.append(states)
        y = [np.concatenate([of_one[i] for of_one in directions]) for i in range(len(x))]
        x = [a + b for a, b in zip(x, y)] if x[0].shape == y[0].shape else y
    pooled = np.concatenate([np.max(x, axis=0), np.mean(x, axis=0)])
    return pooled @ t["out/kernel"] + t["out/bias"]


def softmax(logits: np.ndarray) -> np.ndarray:
    exp = np.exp(logits - logits.max())
    return exp / exp.sum()


def test_is_the_network_word_by_word(tensors: dict[str, np.ndarray]) -> None:
    some = sentences(60)
    answers = from_keras.from_keras(model(), tensors).probabilities(some)
    expected = [softmax(by_the_book(tensors, tokens)) for tokens in some]
    np.testing.assert_allclose(answers, expected, atol=1e-5)


def test_the_order_of_the_words_counts(tensors: dict[str, np.ndarray]) -> None:
    net = from_keras.from_keras(model(), tensors)
    (there,), (back,) = net.probabilities([[20, 50, 90]]), net.probabilities([[90, 50, 20]])
    assert abs(there[0] - back[0]) > 1e-3


def test_an_answer_does_not_depend_on_its_company(tensors: dict[str, np.ndarray]) -> None:
    net = from_keras.from_keras(model(), tensors)
    some = sentences(900)  # more than are worked on at a time
    together = net.probabilities(some)
    assert (together == np.concatenate([net.probabilities([tokens]) for tokens in some])).all()
    assert (together[::-1] == net.probabilities(some[::-1])).all()


def test_neither_does_it_at_the_width_of_the_model_that_ships(
    real_tweets: list[tuple[int, str]],
) -> None:
    classifier = load("default")
    texts = [text for _, text in real_tweets[:1500]]
    together = classifier.classify_batch(texts)
    assert together == [classifier.classify(text) for text in texts]
    assert together[::-1] == classifier.classify_batch(texts[::-1])


def test_a_long_text_is_the_mean_of_its_pieces(tensors: dict[str, np.ndarray]) -> None:
    tokens = [STYLES + i % (STYLES * (COLUMNS - 1)) for i in range(2 * LONGEST)]
    whole = from_keras.from_keras(model(), tensors).probabilities([tokens])[0]
    halves = [by_the_book(tensors, half) for half in (tokens[:LONGEST], tokens[LONGEST:])]
    np.testing.assert_allclose(whole, softmax(np.mean(halves, axis=0)), atol=1e-5)


def test_a_million_words_and_none_at_all(tensors: dict[str, np.ndarray]) -> None:
    net = from_keras.from_keras(model(), tensors)
    answers = net.probabilities([[], [5] * 1_000_000, [7]])
    assert answers[0].tolist() == [0.5, 0.5]
    assert (answers[2] == net.probabilities([[7]])[0]).all()
    assert net.probabilities([]).shape == (0, 2)
    assert net.probabilities([[]]).tolist() == [[0.5, 0.5]]


def test_large_weights_overflow_nowhere(tensors: dict[str, np.ndarray]) -> None:
    large = {
        name: tensor if tensor.dtype == np.int8 else 1e3 * tensor
        for name, tensor in tensors.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # NumPy's own settings do not reach other threads
        answers = from_keras.from_keras(model(), large).probabilities(sentences(100))
    assert ((answers >= 0) & (answers <= 1)).all()


@pytest.mark.parametrize(
    ("layers", "complaint"),
    [
        (LAYERS[:1] + LAYERS[2:], "LightRecurrence"),
        ([*LAYERS, LAYERS[-1]], "one name"),
        ([*LAYERS[:-1], layer("Dense", "out", activation="relu")], "softmax"),
        ([LAYERS[1]], "in this order"),
        ([*LAYERS[:3], layer("Lambda", "x"), *LAYERS[3:]], "Lambda"),
        ([*LAYERS[:4], *LAYERS[5:]], "in this order"),
        ([*LAYERS[:2], layer("LightRecurrence", "one"), *LAYERS[3:]], "window"),
        ([*LAYERS[:2], layer("LightRecurrence", "one", window=2), *LAYERS[3:]], "window of 2"),
        ([*LAYERS[:2], layer("LightRecurrence", "one", window=1), *LAYERS[3:]], "recurrence of"),
        ([*LAYERS[:2], *LAYERS[3:]], "recurrence of"),
        ([*LAYERS[:2], *LAYERS[4:]], "no recurrence"),
    ],
)
def test_refuses_layers_that_do_not_fit(
    tensors: dict[str, np.ndarray], layers: list[dict[str, object]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        from_keras.from_keras(model(layers), tensors)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("words/scales", np.zeros(3, np.float32)),
        ("words/styles", np.zeros((STYLES, WIDTH + 1), np.float32)),
        ("one/bias", np.zeros(4 * UNITS + 1, np.float32)),
        ("one/bias", np.full(4 * UNITS, np.nan, np.float32)),
        ("words/scales", np.full(COLUMNS, np.inf, np.float32)),
        ("out/kernel", np.zeros((3, 2), np.float32)),
        ("words/rows", np.zeros(COLUMNS, np.int8)),
        ("words/rows", np.zeros((COLUMNS, WIDTH), np.float32)),
        ("one/kernel", np.zeros((3 * WIDTH, 4 * UNITS), np.int8)),
    ],
)
def test_refuses_weights_that_do_not_fit(
    tensors: dict[str, np.ndarray], name: str, value: np.ndarray
) -> None:
    tensors[name] = value
    with pytest.raises(ValueError):
        from_keras.from_keras(model(), tensors)
