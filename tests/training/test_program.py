"""The training programs as a user runs them: arguments, output, signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment_repl import load, model_folder
from sentiment_repl.training import __main__ as program
from sentiment_repl.training import finetune
from tests.conftest import REPOSITORY, Run
from tests.training.conftest import BATCH_SIZES, EPOCHS, Trained, weights_hash

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def arguments(data: Path, output: Path, *others: object) -> list[str]:
    """Return the arguments of the small training of ``article``."""
    options = ["--batch-size", BATCH_SIZES["article"], "--epochs", EPOCHS, "--vocabulary-size", 400]
    options += ["--architecture", "article", "--data", data, "--output", output, *others]
    return list(map(str, options))


def start(*args: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "sentiment_repl.training", *args],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_a_log_gets_a_line_an_epoch_and_the_same_weights(
    script: Run, data: Path, train_once: Callable[[str], Trained], tmp_path: Path
) -> None:
    done = script("train.py", *arguments(data, tmp_path / "model"))
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""  # TensorFlow's messages are hidden
    lines = done.stdout.decode().splitlines()
    assert [line for line in lines if line.startswith("Epoch")] == ["Epoch 1/2", "Epoch 2/2"]
    assert lines[0] == f"Reading {data} …"
    assert lines[-1] == f"Try it: sentiment-repl --artifacts {tmp_path / 'model'}"
    assert len(lines) < 12
    assert weights_hash(tmp_path / "model") == weights_hash(train_once("article").folder)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_training_is_reported_and_resumed(
    data: Path, train_once: Callable[[str], Trained], tmp_path: Path
) -> None:
    output = tmp_path / "model"
    with start(*arguments(data, output)) as killed:
        while not model_folder.checkpoint_path(output).exists():
            assert killed.poll() is None
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        _, complaint = killed.communicate()  # of a process that outlives it
    assert not output.exists()
    assert (
        complaint.count(b"\n") == 1 and f"{output} was not changed; continue" in complaint.decode()
    )
    with start(*arguments(data, output, "--resume")) as resumed:
        printed, complaint = resumed.communicate()
    assert (resumed.returncode, complaint) == (0, b"")
    assert b"Epoch 1/2" not in printed
    assert weights_hash(output) == weights_hash(train_once("article").folder)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_an_interrupted_training_leaves_the_old_model(data: Path, tiny: Path) -> None:
    with start(*arguments(data, tiny, "--epochs", 1000)) as program:
        assert program.stdout and program.stderr
        while b"Epoch 2" not in program.stdout.readline():
            assert program.poll() is None
        program.send_signal(signal.SIGINT)
        complaint = program.stderr.read().decode()
        assert program.wait(30) == 130
    assert "interrupted; " in complaint and "--resume" in complaint
    assert complaint.count("\n") == 1
    assert load(folder=tiny).classify("good").label == "positive"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows can't fork")
def test_with_standard_input_closed_a_failure_is_reported_once(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' scripts/train.py --data '{tmp_path}/none.csv' <&-"],
        cwd=REPOSITORY,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
    )
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1
    assert f"{tmp_path}/none.csv: " in done.stderr.decode() and b"killed" not in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        "--epochs 0",
        "--rows -1",
        "--vocabulary-size 1",
        "--seed -1",
        "--architecture article --teacher .",
        "--architecture article --rated x",
        "--init-from . --output x --vocabulary-size 100",
        "--init-from .",
    ],
)
def test_wrong_usage_of_the_training_is_2(args: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", *args.split()])
    with pytest.raises(SystemExit) as exit:
        program.main()
    assert exit.value.code == 2


@pytest.mark.parametrize(
    "args", ["", "--output x.csv", "--output x.npz --passes 0", "--output x.npz --rated x.npz"]
)
def test_wrong_usage_of_the_fine_tuning_is_2(args: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["finetune.py", *args.split()])
    with pytest.raises(SystemExit) as exit:
        finetune.main()
    assert exit.value.code == 2


@pytest.mark.parametrize(
    ("name", "library", "extra"),
    [("train.py", "keras", "train"), ("finetune.py --output x.npz", "torch", "encoder")],
)
def test_a_missing_library_is_named_with_its_extra(
    name: str, library: str, extra: str, tmp_path: Path
) -> None:
    code = f"""
import runpy, sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *args: None if name == {library!r} else find(name, *args)
sys.argv = [{str(REPOSITORY / "scripts")!r} + "/{name.split()[0]}", *{name.split()[1:]!r}]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=ENVIRONMENT, capture_output=True
    )
    assert done.returncode == 1
    complaint = done.stderr.decode()
    assert f"{library} is not installed; run: " in complaint and f"[{extra}]'" in complaint


def test_the_default_output_is_beside_the_package_only_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program._default_output("article") == REPOSITORY / "artifacts" / "article"
    installed = tmp_path / "site-packages" / "sentiment_repl" / "training" / "__main__.py"
    monkeypatch.setattr(program, "__file__", str(installed))
    assert program._default_output("article") == Path("article")
