import json
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.data import soft_targets
from sentiment_repl.data.soft_targets import load_teacher, save_soft_targets, with_soft_targets
from sentiment_repl.data.sources import Example
from sentiment_repl.data.split import is_held_out
from sentiment_repl.errors import DataError, ModelError
from tests.data.conftest import CLASSES, labelled

SEED = 5


@pytest.fixture
def teacher_folder(tiny: Path) -> Path:
    """A model folder that was trained with ``SEED``."""
    (tiny / model_folder.METRICS).write_text(json.dumps({"options": {"seed": SEED}}))
    return tiny


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Soft targets for two texts, one of them twice."""
    path = tmp_path / "teacher.npz"
    probabilities = np.array([[0.4, 0.6], [0.8, 0.2], [0.4, 0.6]])
    save_soft_targets(path, ["good", "bad", "good"], probabilities, CLASSES, SEED)
    return path


def test_a_target_is_the_mean_of_the_teachers_and_the_label(
    teacher_folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soft_targets, "_BATCH", 2)
    held_out = next(text for text in map(str, range(100)) if is_held_out(text, SEED))
    examples = [labelled("positive", text) for text in ("bad", held_out, "good")]
    examples.append(Example((1.0, 0.0), "bad", weight=3.0))
    teachers = [load_teacher(path, CLASSES, SEED) for path in (teacher_folder, file)]
    taught = list(with_soft_targets(examples, teachers, SEED))
    # The model folder gives "good" the log-odds 2, and "bad" -3.
    good, bad = (0.6 + 1 / (1 + np.exp(-2))) / 2, (0.2 + 1 / (1 + np.exp(3))) / 2
    positive = [example.probabilities[1] for example in taught]
    assert positive == pytest.approx([0.7 * bad + 0.3, 1, 0.7 * good + 0.3, 0.7 * bad])
    for before, after in zip(examples, taught):
        assert sum(after.probabilities) == pytest.approx(1)
        # Emoticon re-insertion goes by the label.
        assert after._replace(probabilities=before.probabilities) == before
    for text in ("other", "zzz"):
        with pytest.raises(DataError, match=r"teacher\.npz: it has no soft targets .* --rows"):
            list(with_soft_targets([labelled("positive", text)], teachers, SEED))


def test_a_teacher_that_may_know_held_out_texts_is_refused(
    teacher_folder: Path, file: Path, tmp_path: Path
) -> None:
    for path in (teacher_folder, file):
        with pytest.raises(DataError, match=f"{path.name}: .* --seed 6, not 5; .* held out"):
            load_teacher(path, CLASSES, seed=6)
        with pytest.raises(DataError, match=f"{path.name}: .* labels a, b, not negative, pos"):
            load_teacher(path, ("a", "b"), SEED)
    (teacher_folder / model_folder.METRICS).unlink()
    with pytest.raises(DataError, match="not None"):
        load_teacher(teacher_folder, CLASSES, SEED)
    with pytest.raises(ModelError):
        load_teacher(tmp_path / "none", CLASSES, SEED)


@pytest.mark.parametrize(
    "content",
    [None, b"", b"text", b"PK\x03\x04", {"other": [0]}, [[0.5, np.nan]], [[0.2, 0.3, 0.5]]],
)
def test_a_file_without_soft_targets_is_refused(content: object, tmp_path: Path) -> None:
    path = tmp_path / "teacher.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, dict):
        np.savez(path, **content)
    elif content is not None:
        save_soft_targets(path, ["a"], np.array(content), CLASSES, SEED)
    with pytest.raises(DataError, match=r"teacher\.npz: not a file of soft targets"):
        load_teacher(path, CLASSES, SEED)
