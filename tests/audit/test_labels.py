import random
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl.audit import data
from sentiment_repl.training.tables import Row

pytest.importorskip("cleanlab", reason="cleanlab is not here (the extra audit)")
from sentiment_repl.audit import labels  # noqa: E402


def planted() -> tuple[list[Row], np.ndarray]:
    """2,000 texts of two moods, and which of their labels were turned: one in twenty."""
    rng = random.Random(0)
    rows, flipped = [], []
    for _ in range(2000):
        mood = rng.randrange(2)
        words = [f"mood{mood}x{rng.randrange(20)}" for _ in range(3)]
        words += [f"word{rng.randrange(200)}" for _ in range(4)]
        flipped.append(rng.random() < 0.05)
        rows.append(Row(mood ^ flipped[-1], " ".join(rng.sample(words, 7))))
    return rows, np.array(flipped)


def test_turned_labels_are_found(tmp_path: Path) -> None:
    rows, flipped = planted()
    by_hand = {"by hand": (["mood1x1 word1 mood1x2", "mood0x3 word4 mood0x1"], np.array([1, 0]))}
    texts = data.read(rows, seed=1)
    figures, suspects = labels.summary(texts, by_hand)
    assert set(suspects.rows[:50]) <= set(np.flatnonzero(flipped))
    assert flipped[suspects.rows].sum() > 0.9 * flipped.sum()
    assert figures["noise"]["all"] == pytest.approx(flipped.mean(), abs=0.02)
    assert figures["flipped"]["found"] > 0.9
    assert [way["rows"] for way in figures["training"]] == [
        2000, 2000 - len(suspects.rows), 2000, 2000 - len(suspects.rows),
    ]  # fmt: skip
    assert figures["training"][1]["sets"]["by hand"]["accuracy"] == 1
    labels.write(tmp_path / "suspects.tsv", texts, suspects)
    lines = (tmp_path / "suspects.tsv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(suspects.rows) + 1
    assert lines[1].endswith(rows[suspects.rows[0]].text)


def test_the_same_text_is_never_on_both_sides() -> None:
    """A text that stands twice with both labels: either would give the other away."""
    rows = [Row(label, f"only{n} here{n}") for n in range(300) for label in (0, 1)]
    texts = data.read(rows, seed=1)
    positive = labels.out_of_fold(labels.features(texts.texts), texts.labels, texts.same)
    assert np.abs(positive - 0.5).max() < 0.4
