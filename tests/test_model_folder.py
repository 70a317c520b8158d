import json
import os
import shutil
import struct
from pathlib import Path

import pytest

from sentiment_repl import ModelError, load, model_folder


def answers(folder: Path) -> bool:
    return load(folder=folder).classify("good").label == "positive"


def test_options_take_precedence_over_the_environment_variable(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert model_folder.locate() == model_folder.shipped_models()[model_folder.DEFAULT_MODEL]
    monkeypatch.setenv(model_folder.ENVIRONMENT_VARIABLE, str(tiny))
    assert model_folder.locate() == tiny
    assert model_folder.locate("article") == model_folder.shipped_models()["article"]
    assert model_folder.locate(folder="elsewhere") == Path("elsewhere")
    monkeypatch.setenv(model_folder.ENVIRONMENT_VARIABLE, "")
    assert model_folder.locate() == model_folder.shipped_models()[model_folder.DEFAULT_MODEL]


def test_a_missing_folder_and_a_folder_without_a_model_get_their_own_sentence(
    tmp_path: Path,
) -> None:
    with pytest.raises(ModelError, match="there is no such folder"):
        load(folder=tmp_path / "nowhere")
    with pytest.raises(ModelError, match="not a model folder"):
        load(folder=tmp_path)


@pytest.mark.parametrize("name", ["model.json", "model.weights.h5", "dictionary.json"])
@pytest.mark.parametrize("harm", ["flip", "cut", "grow", "remove"])
def test_a_damaged_file_is_named(tiny: Path, name: str, harm: str) -> None:
    path = tiny / name
    content = bytearray(path.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    elif harm == "cut":
        del content[-1]
    elif harm == "grow":
        content.append(0)
    path.unlink()
    if harm != "remove":
        path.write_bytes(content)
    with pytest.raises(ModelError, match=f"{name}: "):
        load(folder=tiny)


def rewrite_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_manifest_that_points_outside_its_file_is_refused(tiny: Path) -> None:
    entry = {"offset": 10**9, "shape": [4, 2]}  # more examples: network/test_dense.py
    rewrite_manifest(tiny, tensors={"output/kernel": entry, "output/bias": entry})
    with pytest.raises(ModelError):
        load(folder=tiny)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 1},
        {"labels": ["negative"]},
        {"labels": ["negative", "positive", "positive"]},
        {"format": None},
        {"files": {}},
        {"files": []},
        {"tensors": 3},
    ],
)
def test_another_manifest_is_refused(tiny: Path, changes: dict[str, object]) -> None:
    rewrite_manifest(tiny, **changes)
    with pytest.raises(ModelError, match="manifest.json|labels"):
        load(folder=tiny)


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", "[" * 100_000])
def test_a_file_that_is_not_a_manifest_is_refused(tiny: Path, text: str) -> None:
    (tiny / "manifest.json").write_text(text)
    with pytest.raises(ModelError, match="manifest.json"):
        load(folder=tiny)


@pytest.mark.parametrize("name", list(model_folder.SIZE_LIMITS))
def test_a_file_too_large_is_refused_before_it_is_read(tiny: Path, name: str) -> None:
    with open(tiny / name, "r+b") as file:
        file.truncate(model_folder.SIZE_LIMITS[name] + 1)
    with pytest.raises(ModelError, match=f"{name}: larger than"):
        load(folder=tiny)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("name", ["manifest.json", "model.json", "model.weights.h5"])
def test_a_named_pipe_instead_of_a_file_does_not_block(tiny: Path, name: str) -> None:
    (tiny / name).unlink()
    os.mkfifo(tiny / name)
    with pytest.raises(ModelError, match=f"{name}: not a regular file"):
        load(folder=tiny)


def test_an_error_message_stays_short_for_any_file(tiny: Path) -> None:
    rewrite_manifest(tiny, format="9" * 100_000)
    with pytest.raises(ModelError) as caught:
        load(folder=tiny)
    assert len(str(caught.value)) < 500


def update_manifest(folder: Path) -> None:
    """Make the manifest match the files of a folder again."""
    manifest = model_folder.read_manifest(folder)
    model_folder.write_manifest(folder, manifest["tensors"], manifest["labels"])


def test_abstention_thresholds_come_back_as_written(tiny: Path) -> None:
    def thresholds() -> tuple[object, object]:
        files = model_folder.read_model(tiny)
        return files.uncertain_below, files.uncertain_below_without_neutral

    assert thresholds() == (0, 0)
    manifest = model_folder.read_manifest(tiny)
    model_folder.write_manifest(
        tiny,
        manifest["tensors"],
        manifest["labels"],
        uncertain_below=0.5,
        uncertain_below_without_neutral=0.6,
    )
    assert thresholds() == (0.5, 0.6)


def rewrite_model(folder: Path, old: str, new: str) -> None:
    path = folder / "model.json"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    update_manifest(folder)


def test_a_model_without_a_softmax_is_refused(tiny: Path) -> None:
    rewrite_model(tiny, '"softmax"', '"linear"')
    with pytest.raises(ModelError, match="softmax"):
        load(folder=tiny)


@pytest.mark.parametrize("number", [3e38, -1e31, float("nan"), float("inf")])
def test_weights_that_could_overflow_are_refused(tiny: Path, number: float) -> None:
    path = tiny / "model.weights.h5"
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<f", number)
    path.write_bytes(content)
    update_manifest(tiny)
    with pytest.raises(ModelError, match="weight"):
        load(folder=tiny)


@pytest.mark.parametrize(
    "bias",
    [{"offset": 32, "shape": [2]}, {"offset": 36, "shape": [0]}, {"offset": 4, "shape": [2]}],
)
def test_overlapping_weights_are_refused(tiny: Path, bias: object) -> None:
    rewrite_manifest(
        tiny, tensors={"output/kernel": {"offset": 4, "shape": [4, 2]}, "output/bias": bias}
    )
    with pytest.raises(ModelError, match="overlap"):
        load(folder=tiny)


def test_parts_that_do_not_belong_together_are_refused(tiny: Path) -> None:
    (tiny / "dictionary.json").write_text('{"good": 1}')
    update_manifest(tiny)
    with pytest.raises(ModelError, match="does not fit"):
        load(folder=tiny)


def test_replacing_shows_the_old_model_until_the_new_one_is_complete(tiny: Path) -> None:
    with model_folder.replace_atomically(tiny) as new:
        shutil.copytree(tiny, new, dirs_exist_ok=True)
        (new / "marker").touch()
        assert answers(tiny)
        assert not (tiny / "marker").exists()
    assert answers(tiny)
    assert (tiny / "marker").exists()
    assert os.listdir(tiny.parent) == [tiny.name]


def test_a_failed_replacement_leaves_the_old_model(tiny: Path) -> None:
    with pytest.raises(RuntimeError), model_folder.replace_atomically(tiny) as new:
        (new / "model.json").touch()
        raise RuntimeError
    assert answers(tiny)
    assert os.listdir(tiny.parent) == [tiny.name]


def test_death_between_the_two_renames_leaves_the_old_model(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def die(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", die)
    with pytest.raises(KeyboardInterrupt), model_folder.replace_atomically(tiny):
        pass
    monkeypatch.undo()
    assert not tiny.exists()
    assert answers(tiny)
    with (
        pytest.raises(RuntimeError),
        model_folder.replace_atomically(tiny),
    ):  # the next run cleans up
        raise RuntimeError
    assert tiny.exists() and answers(tiny)


def test_a_shipped_model_survives_that_death_too(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_folder, "__file__", str(tmp_path / "package" / "model_folder.py"))
    home = tmp_path / "artifacts"
    home.mkdir()
    tiny.rename(home / ".default.previous")
    shutil.copytree(home / ".default.previous", home / ".default.new")
    assert list(model_folder.shipped_models()) == [model_folder.DEFAULT_MODEL]
    assert load().classify("good").label == "positive"


@pytest.mark.parametrize("with_manifest", [True, False])
def test_replacing_deletes_nothing_but_a_model(tiny: Path, with_manifest: bool) -> None:
    (tiny / "diary.txt").write_text("dear diary")
    if not with_manifest:
        (tiny / "manifest.json").unlink()
    with pytest.raises(FileExistsError, match="diary|tiny"), model_folder.replace_atomically(tiny):
        pass
    assert (tiny / "diary.txt").read_text() == "dear diary"


def test_a_folder_in_a_read_only_parent_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_folder.check_replaceable(tmp_path / "models" / "mine")
    # Tests may run as root, which can write to any folder.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(PermissionError, match=tmp_path.name):
        model_folder.check_replaceable(tmp_path / "models" / "mine")


def test_the_root_of_the_system_is_not_replaced() -> None:
    with pytest.raises(OSError, match="name another folder"):
        model_folder.check_replaceable(Path("/"))
