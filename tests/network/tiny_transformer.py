"""A transformer of random weights, small enough to compute in plain loops."""

import json
from pathlib import Path

import numpy as np

from sentiment_repl import model_folder

VOCABULARY_SIZE, WIDTH, HIDDEN, HEADS, LONGEST = 30, 12, 20, 3, 8
MODEL = {"class_name": "Transformer", "config": {"blocks": 2, "heads": HEADS}}
WORDS = {chr(ord("a") + i): i + 1 for i in range(26)} | {"##s": 27, "good": 28, "!": 29}
LABELS = ("negative", "neutral", "positive")


def random_tensors() -> dict[str, np.ndarray]:
    """Return weights by name."""
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


def plain_logits(tensors: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """Return the logits of one segment, token by token and head by head, in float64."""
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


def write_transformer(folder: Path, tensors: dict[str, np.ndarray]) -> Path:
    """Write a model folder."""
    content, index = b"HEAD", {}
    for name, tensor in tensors.items():
        index[name] = {"offset": len(content), "shape": tensor.shape, "dtype": tensor.dtype.name}
        content += tensor.tobytes()
    (folder / model_folder.WEIGHTS).write_bytes(content)
    (folder / model_folder.MODEL).write_text(json.dumps(MODEL))
    (folder / model_folder.VOCABULARY).write_text(json.dumps(WORDS))
    model_folder.write_manifest(folder, index, LABELS)
    return folder
