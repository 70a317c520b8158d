import numpy as np
import pytest

from sentiment_repl.network.from_keras import network_from_keras, read_tensors


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


def test_equals_dense_layers_on_a_one_hot_matrix(tensors: dict[str, np.ndarray]) -> None:
    bags = random_bags(100)
    x = np.zeros((100, 50))
    for row, bag in zip(x, bags):
        row[bag] = 1
    x = np.maximum(x @ tensors["a/kernel"] + tensors["a/bias"], 0)
    x = 1 / (1 + np.exp(-(x @ tensors["b/kernel"] + tensors["b/bias"])))
    expected = x @ tensors["c/kernel"] + tensors["c/bias"]
    np.testing.assert_allclose(
        network_from_keras(ARTICLE, tensors).logits(bags), expected, atol=1e-5
    )


def test_a_text_gets_the_same_logits_alone_and_in_any_batch(tensors: dict[str, np.ndarray]) -> None:
    network = network_from_keras(ARTICLE, tensors)
    bags = random_bags(2500)  # several batches
    alone = np.concatenate([network.logits([bag]) for bag in bags])
    np.testing.assert_allclose(network.logits(bags), alone, atol=1e-5)


def test_large_weights_do_not_overflow(tensors: dict[str, np.ndarray]) -> None:
    large = {name: 1e4 * tensor for name, tensor in tensors.items()}
    with np.errstate(over="raise", invalid="raise"):
        assert np.isfinite(network_from_keras(ARTICLE, large).logits(random_bags(100))).all()


def test_an_empty_batch_has_no_logits(tensors: dict[str, np.ndarray]) -> None:
    assert network_from_keras(ARTICLE, tensors).logits([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"class_name": "Functional", "config": {}}, "Functional"),
        ({"config": {}}, "class_name"),
        ([], "lacks an entry"),
        (model(), "no dense layer"),
        (model(a="gelu", c="softmax"), "gelu"),
        (model(a="relu", c="softmax"), "32 units feed a layer of 16"),
        (model(z="softmax"), "z/kernel"),
        (model(a="relu", b="relu"), "not a softmax"),
        (
            {
                "class_name": "Sequential",
                "config": {
                    "layers": [{"class_name": "Lambda", "config": {"activation": "softmax"}}]
                },
            },
            "Lambda",
        ),
    ],
)
def test_an_unsupported_model_is_refused(
    tensors: dict[str, np.ndarray], broken: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        network_from_keras(broken, tensors)


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
def test_weights_outside_the_file_are_refused(entry: object) -> None:
    with pytest.raises(ValueError):
        read_tensors(bytes(100), {"a/kernel": entry})
