import gzip
from pathlib import Path

import pytest

from sentiment_repl.data.labels import LabelledText
from sentiment_repl.evaluation import baselines
from sentiment_repl.evaluation.baselines import Answer, System

EXAMPLES = {"negative": "I hate it", "neutral": "the table", "positive": "I love it"}


def test_a_score_counts_each_label_the_same_and_texts_without_an_answer_as_errors() -> None:
    system = System("", lambda texts: [Answer("neutral", "positive")] * (len(texts) - 1) + [
        Answer("neutral", None)])  # fmt: skip
    labels = ["neutral", "neutral", "negative", "positive", "positive"]
    score = baselines.score(system, [LabelledText(label, "text") for label in labels])
    assert score == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert baselines.score(system, [LabelledText("neutral", "text")]) == (1, None)


def test_training_rows_are_those_of_the_prepared_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gzip.open(tmp_path / "train_restaurants.tsv.gz", "wt") as file:
        file.writelines(f"neutral\ttable {number}\n" for number in range(9))
    one = baselines.PUBLIC_SETS["restaurants"]
    monkeypatch.setattr(baselines, "PUBLIC_SETS", {"restaurants": one})
    rows = baselines.training_rows(tmp_path)
    assert sorted(row.text for row in rows) == [f"table {number}" for number in range(9)]
    assert {row.label for row in rows} == {"neutral"}


@pytest.mark.slow
def test_every_system_tells_three_labels_apart(tmp_path: Path) -> None:
    for library in ("fasttext", "sklearn", "textblob", "vaderSentiment"):
        pytest.importorskip(library, reason="needs the extra bench")
    rows = [LabelledText(*example) for example in EXAMPLES.items()] * 200
    for system in baselines.train_baselines(rows, tmp_path):
        score = baselines.score(system, rows[:3])
        assert score.two_way_accuracy == 1, system.name
        assert score.macro_recall >= 2 / 3, system.name
