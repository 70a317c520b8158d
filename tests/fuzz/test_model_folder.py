"""A damaged model folder is refused in one sentence, or it answers as a model does."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl.model_folder import MANIFEST, MODEL, VOCABULARY, WEIGHTS, shipped_models
from tests.fuzz import models
from tests.fuzz.conftest import assert_one_sentence, run_cli, share

TEXTS = ["good", "so bad, not a GOOD day", "", "zzzyx", "good day " * 70]
NAMES = (MANIFEST, MODEL, VOCABULARY, WEIGHTS)


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models") / "model"


def write(folder: Path, files: models.Files, sound: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in NAMES:
        if name in files:
            (folder / name).write_bytes(files[name])
        else:
            (folder / name).symlink_to(sound / name)


def classify(folder: Path) -> int:
    """Classify ``TEXTS``, check all that the program writes, and return its exit code."""
    args = ["--artifacts", str(folder), "--format", "jsonl", "--explain"]
    code, out, err = run_cli(*args, *TEXTS)
    if code:
        assert (code, out) == (2, "")
        assert_one_sentence(err)
        return code
    answers = [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]
    assert ([answer["text"] for answer in answers], err) == (TEXTS, "")
    for answer in answers:
        if answer["label"] is not None:
            assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-6)
            assert answer["confidence"] == max(answer["probabilities"].values())
        for word in answer["contributions"]:
            assert answer["text"][word["start"] : word["end"]] == word["word"]
    return code


@pytest.mark.parametrize("model", ["article", "default"])
@pytest.mark.parametrize("kind", models.DAMAGES)
@share(20)
@given(data=st.data(), is_repaired=st.booleans())
def test_damaged_files(folder, model, kind, data, is_repaired) -> None:
    sound = shipped_models()[model]
    files = {name: (sound / name).read_bytes() for name in NAMES}
    changed = dict(files)
    models.DAMAGES[kind](data.draw, changed)
    if is_repaired:
        models.repair_checksums(changed)
    changed = {name: content for name, content in changed.items() if content != files[name]}
    write(folder, changed, sound)
    code = classify(folder)
    if not changed:
        assert code == 0
    elif MANIFEST not in changed:
        assert code == 2, "a checksum is wrong"


@pytest.mark.parametrize("name", ["", *NAMES])
@pytest.mark.parametrize("kind", models.DISK)
def test_something_else_in_place_of_a_file(folder: Path, kind: str, name: str) -> None:
    sound = shipped_models()["article"]
    write(folder, {}, sound)
    (folder / name).unlink() if name else shutil.rmtree(folder)
    models.DISK[kind](folder / name, sound / name)
    assert classify(folder) == (0 if "sound" in kind else 2)
