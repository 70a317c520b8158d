import json
import os
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment_repl import ModelError, load, model_folder
from tests.conftest import REPOSITORY, bag_model

METRICS = {"architecture": "default", "options": {"seed": 5}, "data": {"fingerprint": "f"}}


def answers(folder: Path) -> bool:
    return load(folder=folder).classify("good").label == "positive"


@pytest.fixture
def with_metrics(tiny: Path) -> Path:
    """A model folder with the figures of its training."""
    (tiny / model_folder.METRICS).write_text(json.dumps(METRICS))
    update_manifest(tiny)
    return tiny


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


def read_all(folder: Path) -> None:
    """Read every file of a model folder that any program reads."""
    load(folder=folder)
    model_folder.read_training_record(folder)


@pytest.mark.parametrize("name", list(model_folder.SIZE_LIMITS))
def test_a_file_too_large_is_refused_before_it_is_read(with_metrics: Path, name: str) -> None:
    with open(with_metrics / name, "r+b") as file:
        file.truncate(model_folder.SIZE_LIMITS[name] + 1)
    with pytest.raises(ModelError, match=f"{name}: larger than"):
        read_all(with_metrics)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("name", list(model_folder.SIZE_LIMITS))
@pytest.mark.parametrize("kind", ["named pipe", "device"])
def test_a_pipe_or_device_instead_of_a_file_does_not_block(
    with_metrics: Path, name: str, kind: str
) -> None:
    (with_metrics / name).unlink()
    if kind == "device":
        (with_metrics / name).symlink_to("/dev/zero")
    else:
        os.mkfifo(with_metrics / name)
    with pytest.raises(ModelError, match=f"{name}: not a regular file"):
        read_all(with_metrics)


def test_a_training_record_is_what_the_manifest_describes(tiny: Path) -> None:
    (tiny / model_folder.METRICS).write_text("[" * 100_000)
    assert model_folder.read_training_record(tiny) == (None, None, None)  # not part of the model
    assert model_folder.read_training_record(tiny).split_seed == 1
    update_manifest(tiny)
    with pytest.raises(ModelError, match="metrics.json: it is not JSON"):
        model_folder.read_training_record(tiny)
    (tiny / model_folder.METRICS).write_text(json.dumps(METRICS))
    with pytest.raises(ModelError, match="metrics.json: damaged"):
        model_folder.read_training_record(tiny)
    update_manifest(tiny)
    assert model_folder.read_training_record(tiny) == ("default", 5, "f")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of the address space")
def test_reading_takes_no_more_memory_than_the_files(tiny: Path) -> None:
    code = f"""
import resource
from pathlib import Path
from sentiment_repl.model_folder import read_model
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**23, resource.RLIM_INFINITY))
read_model(Path({str(tiny)!r}))
"""
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


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


def replace(folder: Path, content: Path) -> None:
    with model_folder.replace_atomically(folder) as new:
        shutil.copytree(content, new, dirs_exist_ok=True)


@pytest.fixture
def another(tmp_path: Path) -> Path:
    """Another model."""
    (tmp_path / "elsewhere").mkdir()
    return bag_model(tmp_path / "elsewhere" / "another", {"good": 1})


def test_a_replacement_deletes_no_folder_of_the_user(tiny: Path, another: Path) -> None:
    own = [".tiny.new", ".tiny.previous", ".tiny.sentiment-repl-mine", ".tiny.sentiment-repl"]
    for name in own:
        (tiny.parent / name / "new").mkdir(parents=True)
        (tiny.parent / name / "diary.txt").write_text("dear diary")
    before = sorted(tiny.parent.rglob("*diary*"))
    replace(tiny, another)
    shutil.rmtree(tiny)
    replace(tiny, another)
    assert sorted(tiny.parent.rglob("*diary*")) == before
    assert sorted(os.listdir(tiny.parent)) == sorted([*own, "elsewhere", "tiny"])


@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_a_reader_finds_a_whole_model_at_each_moment_of_a_replacement(
    tiny: Path, another: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Each file that the reader opens may be of another version than the one before."""
    expected = model_folder.read_model(another).weights
    opened = 0
    open_file: Callable[[str, int], int] = model_folder._open_nonblocking

    def replace_then_open(path: str, flags: int) -> int:
        nonlocal opened
        opened += 1
        if opened == moment:
            replace(tiny, another)
        return open_file(path, flags)

    monkeypatch.setattr(model_folder, "_open_nonblocking", replace_then_open)
    assert model_folder.read_model(tiny).weights == expected


def test_a_reader_finds_a_whole_model_between_the_steps_of_a_replacement(
    tiny: Path, another: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read before and after each rename, and while the old version is deleted."""
    versions = {model_folder.read_model(one).weights: one.name for one in (tiny, another)}
    found = []

    def read_around(step: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **kwargs: object) -> object:
            found.append(versions[model_folder.read_model(tiny).weights])
            result = step(*args, **kwargs)
            found.append(versions[model_folder.read_model(tiny).weights])
            return result

        return wrapped

    monkeypatch.setattr(Path, "rename", read_around(Path.rename))
    monkeypatch.setattr(shutil, "rmtree", read_around(shutil.rmtree))
    replace(tiny, another)
    assert found == ["tiny"] * 3 + ["another"] * 5


def test_two_replacements_at_once_leave_one_whole_model(tiny: Path, another: Path) -> None:
    failures = []

    def replace_often() -> None:
        try:
            for _ in range(20):
                replace(tiny, another)
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=replace_often) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert answers(tiny)
    assert not failures
    assert sorted(os.listdir(tiny.parent)) == ["elsewhere", "tiny"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_death_between_the_two_renames_leaves_the_old_model(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def die(self: Path, target: Path) -> Path:
        return os._exit(7) if self.name == "new" else rename(self, target)

    if (child := os.fork()) == 0:
        Path.rename = die
        with model_folder.replace_atomically(tiny):
            pass
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert not tiny.exists()
    assert answers(tiny)
    # So does a shipped model.
    monkeypatch.setattr(model_folder, "__file__", str(tmp_path / "package" / "model_folder.py"))
    tmp_path.rename(tmp_path.with_name("artifacts"))
    tmp_path.mkdir()
    tmp_path.with_name("artifacts").rename(tmp_path / "artifacts")
    assert list(model_folder.shipped_models()) == ["tiny"]
    assert load("tiny").classify("good").label == "positive"
    tiny = tmp_path / "artifacts" / "tiny"
    # The next run cleans up.
    with pytest.raises(RuntimeError), model_folder.replace_atomically(tiny):
        raise RuntimeError
    assert answers(tiny)
    assert os.listdir(tiny.parent) == ["tiny"]


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
