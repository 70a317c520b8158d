import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.errors import DataError
from sentiment_repl.data import soft_targets
from sentiment_repl.training.batches import SequenceBatches
from sentiment_repl.data.corpus import Corpus, Sequences

WORDS = {"good": 1, "bad": 2}


@pytest.fixture
def corpus() -> Corpus:
    """Three texts and a sentence made by rule."""
    rows = Sequences(
        np.array([6, 3, 3, 6], np.int32), np.arange(5), np.array([0, 1, 0, 0.5], np.float32)
    )
    return Corpus(WORDS, rows, rows, "these texts", added=1)


def teacher(
    folder: Path, positive: dict[int, float], monkeypatch: pytest.MonkeyPatch, **learned: object
) -> Path:
    """A model folder whose network goes by the one token of a text."""
    learned = {"words": WORDS, "fingerprint": "these texts", "seed": 1} | learned
    folder.mkdir()
    report = {
        "data": {"fingerprint": learned["fingerprint"]},
        "options": {"seed": learned["seed"]},
    }
    (folder / model_folder.METRICS).write_text(json.dumps(report))
    network = SimpleNamespace(
        sequences=True,
        probabilities=lambda texts: np.array([[1 - positive[t], positive[t]] for [t] in texts]),
    )
    others = soft_targets.load

    def load(folder: Path, wanted: Path = folder) -> object:
        if folder == wanted:
            return SimpleNamespace(words=learned["words"], network=network)
        return others(folder=folder)

    monkeypatch.setattr(teachers, "load", load)
    return folder


def test_labels_move_to_the_mean_of_the_teachers(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [
        teacher(tmp_path / "a", {6: 0.9, 3: 0.4}, monkeypatch),
        teacher(tmp_path / "b", {6: 0.5, 3: 0.2}, monkeypatch),
    ]
    monkeypatch.setattr(teachers, "_AT_ONCE", 2)
    answers = soft_targets.answers(folders, corpus, seed=1)
    assert answers.dtype == np.float32
    assert answers == pytest.approx([0.7 * 0.7, 0.7 * 0.3 + 0.3, 0.7 * 0.3, 0.5])
    assert corpus.training.positive.tolist() == [0, 1, 0, 0.5]  # which decide on emoticons


@pytest.mark.parametrize(
    "learned",
    [{"fingerprint": "other texts"}, {"seed": 2}, {"words": {"bad": 1, "good": 2}}],
    ids=lambda learned: next(iter(learned)),
)
def test_a_teacher_that_may_have_seen_what_is_held_back_is_refused(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, learned: dict[str, object]
) -> None:
    folder = teacher(tmp_path / "a", {6: 0.9, 3: 0.4}, monkeypatch, **learned)
    with pytest.raises(DataError, match="the same rows with the same --seed"):
        soft_targets.answers([folder], corpus, seed=1)


def test_answers_that_were_kept_teach_beside_a_model(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = teacher(tmp_path / "a", {6: 0.9, 3: 0.3}, monkeypatch)
    kept = tmp_path / "b.npz"
    soft_targets.keep(kept, np.array([0.1, 0.5, 0.9], np.float32), "these texts", seed=1)
    monkeypatch.setattr(teachers, "_AT_ONCE", 2)
    for path in model, kept:
        with pytest.raises(DataError, match="the same rows with the same --seed"):
            soft_targets.answers([path], corpus._replace(fingerprint="others"), seed=1)
        with pytest.raises(DataError, match="the same rows with the same --seed"):
            soft_targets.answers([path], corpus, seed=2)
    assert soft_targets.answers([model, kept], corpus, seed=1) == pytest.approx(
        [0.7 * 0.5, 0.7 * 0.4 + 0.3, 0.7 * 0.6, 0.5]
    )


@pytest.mark.parametrize("content", [None, b"", b"text", b"PK\x03\x04", "array", "other", "none"])
def test_a_file_without_answers_is_refused_at_once(
    content: bytes | str | None, tmp_path: Path
) -> None:
    path = tmp_path / "answers.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "array":
        with open(path, "wb") as file:
            np.save(file, np.zeros(3))
    elif content == "other":
        np.savez(path, answers=np.zeros(3))
    elif content == "none":
        soft_targets.keep(path, np.array([0.5, np.nan], np.float32), "", seed=1)
    with pytest.raises(DataError, match=r"answers\.npz.*finetune"):
        soft_targets.check(path)


def test_what_is_taught_reaches_its_text_but_an_emoticon_decides() -> None:
    rows = Sequences(
        np.arange(100, 400, dtype=np.int32), np.arange(301), np.arange(300, dtype=np.float32) % 2
    )
    taught = np.linspace(0.1, 0.9, 300, dtype=np.float32)
    batches = SequenceBatches(rows, 16, ([1], [2]), seed=1, positive=taught.copy())
    decided = 0
    for epoch in range(5):
        for tokens, labels in batches.epoch(epoch):
            assert labels.sum(axis=1) == pytest.approx(1)
            for row, positive in zip(tokens, labels[:, 1]):
                emoticons, words = row[(row > 0) & (row < 100)], row[row >= 100]
                if len(emoticons):
                    decided += 1
                    assert positive == emoticons[0] - 1
                elif len(words):
                    assert positive == taught[words[0] - 100]
    assert decided > 30
