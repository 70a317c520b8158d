import numpy as np
import pytest

from sentiment_repl.network import from_keras


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {"a/kernel": (50, 32), "a/bias": (32,), "b/kernel": (32, 16), "b/bias": (16,)}
    shapes |= {"c/kernel": (16, 2), "c/bias": (2,)}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def model(**activations: str) -> dict[str, object]:
    layers: list[dict[str, object]] = [{"class_name": "InputLayer", "config": {"name": "in"}}]
    for name, activation in activations.items():
        layers.append({"class_name": "Dense", "config": {"name": name, "activation": activation}})
        layers.append({"class_name": "Dropout", "config": {"name": f"drop_{name}", "rate": 0.5}})
    return {"class_name": "Sequential", "config": {"layers": layers}}


ARTICLE = model(a="relu", b="sigmoid", c="softmax")


def random_bags(count: int) -> list[list[int]]:
    rng = np.random.default_rng(1)
    return [rng.choice(50, rng.integers(0, 20), replace=False).tolist() for _ in range(count)]


def test_is_the_dense_network_on_a_one_hot_matrix(tensors: dict[str, np.ndarray]) -> None:
    bags = random_bags(100)
    x = np.zeros((100, 50))
    for row, bag in zip(x, bags):
        row[bag] = 1
    x = np.maximum(x @ tensors["a/kernel"] + tensors["a/bias"], 0)
    x = 1 / (1 + np.exp(-(x @ tensors["b/kernel"] + tensors["b/bias"])))
    x = np.exp(x @ tensors["c/kernel"] + tensors["c/bias"])
    expected = x / x.sum(axis=1, keepdims=True)
    answers = from_keras.from_keras(ARTICLE, tensors).probabilities(bags)
    np.testing.assert_allclose(answers, expected, atol=1e-6)


def test_an_answer_does_not_depend_on_its_company(tensors: dict[str, np.ndarray]) -> None:
    net = from_keras.from_keras(ARTICLE, tensors)
    bags = random_bags(2500)  # more than are worked on at a time
    together = net.probabilities(bags)
    assert (together == np.concatenate([net.probabilities([bag]) for bag in bags])).all()
    assert (together[::-1] == net.probabilities(bags[::-1])).all()


def test_large_weights_overflow_nowhere(tensors: dict[str, np.ndarray]) -> None:
    large = {name: 1e4 * tensor for name, tensor in tensors.items()}
    with np.errstate(over="raise", invalid="raise"):
        answers = from_keras.from_keras(ARTICLE, large).probabilities(random_bags(100))
    assert ((answers >= 0) & (answers <= 1)).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1)


def test_no_sentence_no_answer(tensors: dict[str, np.ndarray]) -> None:
    assert from_keras.from_keras(ARTICLE, tensors).probabilities([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"class_name": "Functional", "config": {}}, "Functional"),
        ({"config": {}}, "class_name"),
        ([], "missing or misplaced"),
        (model(), "no dense layer"),
        (model(a="gelu"), "gelu"),
        (model(a="relu", c="softmax"), "32 units before one of 16"),
        (model(z="relu"), "z/kernel"),
        (
            {
                "class_name": "Sequential",
                "config": {"layers": [{"class_name": "Lambda", "config": {}}]},
            },
            "Lambda",
        ),
    ],
)
def test_refuses_other_models(
    tensors: dict[str, np.ndarray], broken: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        from_keras.from_keras(broken, tensors)


@pytest.mark.parametrize(
    "entry",
    [
        {"offset": -(2**63), "shape": [4, 24]},
        {"offset": -8, "shape": [2]},
        {"offset": 0, "shape": [-1, 2]},
        {"offset": 0, "shape": [26]},
        {"offset": 90, "shape": [3]},
        {"offset": 0, "shape": [2**62, 4]},
        {"offset": 0, "shape": 2},
        {"offset": 0.0, "shape": [2]},
        {"offset": True, "shape": [2]},
        {"offset": 0, "shape": [2], "dtype": "object"},
        {"offset": 0, "shape": [2], "dtype": ["float32"]},
        {"shape": [2]},
        [],
    ],
)
def test_refuses_weights_outside_the_file(entry: object) -> None:
    with pytest.raises(ValueError):
        from_keras.tensors(bytes(100), {"a/kernel": entry})


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_refuses_weights_that_are_no_numbers(tensors: dict[str, np.ndarray], value: float) -> None:
    tensors["b/kernel"][3, 4] = value
    with pytest.raises(ValueError, match="finite"):
        from_keras.from_keras(ARTICLE, tensors)
