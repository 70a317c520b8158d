"""A damaged model folder is refused in one sentence, or it answers as a model does."""

import contextlib
import itertools
import json
import os
import resource
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl import model_folder
from sentiment_repl.errors import ModelError
from sentiment_repl.model_folder import MANIFEST, METRICS
from tests.conftest import bag_model
from tests.fuzz.conftest import RunCli, assert_one_sentence, memory_limit, share
from tests.fuzz.models import DAMAGES, DISK, Files, add_metrics, read_files, repair_checksums
from tests.network.tiny_transformer import random_tensors, write_transformer

TEXTS = ["good", "so bad, not a GOOD day", "", "zzzyx", "good day " * 70]
NAMES = [*model_folder.SIZE_LIMITS]
SHIPPED = model_folder.shipped_models()


def write(folder: Path, sound: Path, changed: Files) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sound, folder, copy_function=os.symlink)
    for name, content in changed.items():
        (folder / name).unlink()
        (folder / name).write_bytes(content)


def classify(run_cli: RunCli, folder: Path) -> int:
    """Classify ``TEXTS``, check all that the program writes, and return its exit code."""
    args = ["--artifacts", folder, "--format", "jsonl", "--explain"]
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


def read_record(folder: Path) -> bool:
    """Read what the training programs and the audit read; return whether that works."""
    try:
        with memory_limit():
            record = model_folder.read_training_record(folder)
    except ModelError as error:
        return len(str(error)) > 1000  # too long, as if it were read
    return type(record.split_seed) is int


@pytest.fixture(scope="module")
def sound_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("transformer")
    return SHIPPED | {"transformer": add_metrics(write_transformer(folder, random_tensors()))}


@pytest.mark.parametrize("model", ["article", "default", "transformer"])
@pytest.mark.parametrize("kind", DAMAGES)
@share(10)
@given(data=st.data(), is_repaired=st.booleans())
def test_damaged_files(run_cli, tmp_path, sound_folders, model, kind, data, is_repaired) -> None:
    sound = sound_folders[model]
    files = read_files(sound)
    damaged = dict(files)
    DAMAGES[kind](data.draw, damaged)
    if is_repaired:
        repair_checksums(damaged)
    changed = {name: damaged[name] for name in NAMES if damaged[name] != files[name]}
    write(tmp_path / "model", sound, changed)
    code = classify(run_cli, tmp_path / "model")
    record_is_read = read_record(tmp_path / "model")
    if MANIFEST not in changed:  # a checksum is wrong
        assert code == (2 if changed.keys() - {METRICS} else 0)
        assert record_is_read == (METRICS not in changed)


@pytest.mark.parametrize("name", ["", *NAMES])
@pytest.mark.parametrize("kind", DISK)
def test_something_else_in_place_of_a_file(run_cli, tmp_path, kind, name) -> None:
    folder, sound = tmp_path / "model", SHIPPED["article"]
    write(folder, sound, {})
    (folder / name).unlink() if name else shutil.rmtree(folder)
    DISK[kind](folder / name, sound / name)
    is_sound = "sound" in kind
    assert classify(run_cli, folder) == (0 if is_sound or name == METRICS else 2)
    assert read_record(folder) == (is_sound or name not in ("", MANIFEST, METRICS))


# A replacement takes some 60 operations and writes at most 700 bytes to a file.
ENDS = [*((operation, 2**20) for operation in range(1, 66)), *((99, n) for n in range(0, 700, 50))]


def test_a_replacement_that_is_killed_or_finds_no_room(tmp_path: Path) -> None:
    def kill_at_operation(event: str, _: object) -> None:
        if event.startswith(("open", "os.", "shutil.")) and next(count) == operation:
            os.kill(os.getpid(), signal.SIGKILL)

    new = bag_model(tmp_path / "another", {"good": 1})
    model = bag_model(tmp_path / "model", {"bad": -1})
    versions = [model_folder.read_model(one)._replace(folder=tmp_path) for one in (model, new)]
    for operation, room in ENDS:
        count = itertools.count(1)
        if (child := os.fork()) == 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            sys.addaudithook(kill_at_operation)
            with contextlib.suppress(OSError), model_folder.replace_atomically(model) as folder:
                shutil.copytree(new, folder, dirs_exist_ok=True)
            os._exit(0)
        os.waitpid(child, 0)
        assert model_folder.read_model(model)._replace(folder=tmp_path) in versions, operation


@pytest.mark.slow
@share(40)
@given(st.lists(st.floats(0, 0.1), min_size=1, max_size=9))
def test_readers_while_two_programs_replace_a_model_and_are_killed(
    tmp_path_factory, moments
) -> None:
    """A writer goes on for each of ``moments`` (seconds), next to a writer that is not killed."""
    folder = tmp_path_factory.mktemp("replaced")
    (folder / "new").mkdir()
    new = bag_model(folder / "new" / "model", {"good": 1})
    model = bag_model(folder / "model", {"bad": -1})
    (folder / ".model.new").mkdir()  # the user's
    versions = [model_folder.read_model(one).weights for one in (model, new)]

    def start_writer() -> int:
        if (child := os.fork()) == 0:
            with contextlib.suppress(BaseException):
                while True:
                    replace(model, new)
            os._exit(1)
        return child

    steady = start_writer()
    for moment in moments:
        writer, end = start_writer(), time.monotonic() + moment
        while time.monotonic() < end:
            assert model_folder.read_model(model).weights in versions
        os.kill(writer, signal.SIGKILL)
        assert os.waitpid(writer, 0)[1] == signal.SIGKILL
    os.kill(steady, signal.SIGKILL)
    assert os.waitpid(steady, 0)[1] == signal.SIGKILL
    replace(model, new)  # and remove what the killed ones have left
    assert model_folder.read_model(model).weights == versions[1]
    assert sorted(os.listdir(folder)) == [".model.new", "model", "new"]


def replace(model: Path, new: Path) -> None:
    with model_folder.replace_atomically(model) as folder:
        shutil.copytree(new, folder, dirs_exist_ok=True)
