import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from sentiment_repl import model_folder
from sentiment_repl.classifier import Classifier
from sentiment_repl.data import soft_targets
from sentiment_repl.data.soft_targets import SavedAnswers, Teacher, add_soft_targets, load_teacher
from sentiment_repl.data.sources import Example
from sentiment_repl.errors import DataError, ModelError
from tests.data.conftest import CLASSES, THREE

SEED = 5


class Undecided:
    """Gives every text the probabilities 0.4 and 0.6, and counts the texts."""

    asked = 0

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        self.asked += len(texts)
        return np.log([[0.4, 0.6]] * len(texts))

    def as_teacher(self, sha256: str = "undecided") -> Teacher:
        return Teacher(cast(Classifier, self), sha256)


@pytest.fixture
def teacher_folder(tiny: Path) -> Path:
    """A model folder that was trained with ``SEED``."""
    (tiny / model_folder.METRICS).write_text(json.dumps({"options": {"seed": SEED}}))
    manifest = model_folder.read_manifest(tiny)
    model_folder.write_manifest(tiny, manifest["tensors"], manifest["labels"])
    return tiny


def test_a_soft_target_is_the_mean_of_the_teachers(
    teacher_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soft_targets, "_BATCH", 2)
    saved = SavedAnswers(tmp_path / "answers.npz", resume=False)
    examples = [Example(text, "positive") for text in ("bad", "good", "bad")]
    teacher = load_teacher(teacher_folder, CLASSES, SEED)
    teachers = [teacher, Undecided().as_teacher()]
    taught = add_soft_targets(examples, teachers, saved, most=10, seed=1)
    # The model folder gives "good" the log-odds 2, and "bad" -3.
    good, bad = (0.6 + 1 / (1 + np.exp(-2))) / 2, (0.6 + 1 / (1 + np.exp(3))) / 2
    assert [example.soft[1] for example in taught if example.soft] == pytest.approx(
        [bad, good, bad]
    )
    assert [example._replace(soft=None) for example in taught] == examples
    some = add_soft_targets(examples, teachers, saved, most=2, seed=1)
    assert sum(example.soft is not None for example in some) == 2


def test_a_resumed_training_asks_for_new_answers_alone(tmp_path: Path) -> None:
    path, teacher = tmp_path / "answers.npz", Undecided()

    def ask(*texts: str, sha256: str = "a", resume: bool = True) -> int:
        """Return how many texts the teacher is asked about."""
        before = teacher.asked
        saved = SavedAnswers(path, resume=resume)
        assert saved.ask([teacher.as_teacher(sha256)], texts) == pytest.approx(
            np.array([[0.4, 0.6]] * len(texts))
        )
        return teacher.asked - before

    assert ask("good", "bad") == 2
    assert ask("good", "bad") == 0
    assert ask("bad", "good") == 2  # the order counts
    assert ask("good", "bad", sha256="b") == 2
    assert ask("good", "bad", resume=False) == 2
    path.write_bytes(path.read_bytes()[:-10])
    assert ask("good", "bad") == 2  # a damaged file holds nothing


def test_a_teacher_that_may_know_held_out_texts_is_refused(
    teacher_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"tiny: .* --seed 6, not 5; .* held out"):
        load_teacher(teacher_folder, CLASSES, seed=6)
    with pytest.raises(DataError, match="labels negative, neutral, positive, not negative, posit"):
        load_teacher(teacher_folder, THREE, SEED)
    with pytest.raises(ModelError):
        load_teacher(tmp_path, CLASSES, SEED)
