from pathlib import Path

import pytest

from sentiment_repl.data.labels import LabelledText
from sentiment_repl.evaluation import baselines


@pytest.mark.slow
def test_every_baseline_learns_from_labelled_texts(
    tweets: list[tuple[int, str]], tmp_path: Path
) -> None:
    pytest.importorskip("fasttext", reason="needs the extra bench")
    rows = [LabelledText(("negative", "positive")[label], text) for label, text in tweets]
    for system in baselines.train_baselines(rows, tmp_path):
        predicted = system.predict([row.text for row in rows])
        correct = sum(label == row.label for label, row in zip(predicted, rows))
        assert correct >= len(rows) * (0.5 if system.name == "majority" else 0.6), system.name
