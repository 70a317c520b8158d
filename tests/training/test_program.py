"""The training programs as a user runs them: arguments, output, signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sentiment_repl import load, model_folder
from sentiment_repl.data import download
from sentiment_repl.training import __main__ as program
from sentiment_repl.training import finetune
from sentiment_repl.training.data_files import SENTIMENT140, data_files
from tests.conftest import REPOSITORY, Run
from tests.training.conftest import BATCH_SIZES, EPOCHS, TrainOnce, weights_hash

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def arguments(data: Path, output: Path) -> list[str]:
    """Return the arguments of the small training of ``article``."""
    options = f"--architecture article --batch-size {BATCH_SIZES['article']} --epochs {EPOCHS}"
    return [*options.split(), "--vocabulary-size=400", "--data", str(data), "--output", str(output)]


@pytest.mark.slow
def test_a_log_gets_a_line_an_epoch_and_the_same_weights(
    script: Run, data: Path, train_once: TrainOnce, tmp_path: Path
) -> None:
    output = tmp_path / "model"
    done = script("train.py", *arguments(data, output))
    assert (done.returncode, done.stderr) == (0, b"")  # TensorFlow's messages are hidden
    lines = done.stdout.decode().splitlines()
    assert [line for line in lines if line.startswith("Epoch")] == ["Epoch 1/2", "Epoch 2/2"]
    assert lines[0] == f"Reading {data.name} …"
    assert lines[-1] == f"Try it: sentiment-repl --artifacts {output}"
    assert len(lines) < 12
    assert weights_hash(output) == weights_hash(train_once("article").folder)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("number", "code", "sentence"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 130, "interrupted"),
        (signal.SIGKILL, -9, "killed, or crashed"),
    ],
)
def test_a_training_that_is_stopped_leaves_the_old_model(
    data: Path, tiny: Path, number: int, code: int, sentence: str
) -> None:
    command = [sys.executable, "-m", "sentiment_repl.training", *arguments(data, tiny)]
    with subprocess.Popen(
        [*command, "--epochs", "1000"],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as stopped:
        while not model_folder.checkpoint_path(tiny).exists():
            assert stopped.poll() is None
            time.sleep(0.01)
        stopped.send_signal(number)
        complaint = stopped.communicate()[1].decode()  # after SIGKILL, of a process that is left
    assert stopped.returncode == code
    assert complaint.startswith(f"python -m sentiment_repl.training: {sentence}")
    assert complaint.count("\n") == 1 and f"{tiny} was not changed; continue" in complaint
    assert load(folder=tiny).classify("good").label == "positive"


USAGE_ERRORS = """
train --epochs 0
train --rows -1
train --vocabulary-size 1
train --seed -1
train --architecture article --teacher .
train --init-from . --output x --vocabulary-size 100
train --init-from .
finetune
finetune --output x --passes 0
finetune --output x --rows 0
"""


@pytest.mark.parametrize("command", USAGE_ERRORS.strip().splitlines())
def test_wrong_usage_is_2(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", command.split())
    with pytest.raises(SystemExit) as exit:
        (program if sys.argv[0] == "train" else finetune).main()
    assert exit.value.code == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such shell")
@pytest.mark.parametrize(
    ("script", "library", "extra"),
    [("train.py", "keras", "train"), ("finetune.py --output x", "torch", "encoder")],
)
def test_a_missing_library_is_named_with_its_extra(
    script: str, library: str, extra: str, tmp_path: Path
) -> None:
    code = f"""
import runpy, sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *args: None if name == {library!r} else find(name, *args)
sys.argv = {script.split()!r}
runpy.run_path({str(REPOSITORY / "scripts")!r} + "/" + sys.argv[0], run_name="__main__")
"""
    # With standard input closed, as by some schedulers, no crash is reported.
    command = ["sh", "-c", '"$@" <&-', "sh", sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    complaint = done.stderr.decode()
    assert f"{library} is not installed; run: " in complaint and f"[{extra}]'" in complaint


def test_what_labels_mean_is_said_of_the_users_own_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "cached", lambda what: tmp_path / "tweets.zip")
    public, own = data_files([SENTIMENT140, tmp_path / "own.csv"], meanings={"0": "neutral"})
    assert (public.meanings, own.meanings) == (None, {"0": "neutral"})


@pytest.mark.parametrize("name", ["train.py", "finetune.py"])
def test_meanings_of_labels_are_checked_at_once(script: Run, name: str, tmp_path: Path) -> None:
    done = script(name, "--output", tmp_path / "model", "--labels", "1=bad")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(f"{name}: --labels: '1=bad' is not a list".encode())


def test_only_in_a_checkout_the_default_output_is_in_artifacts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program._default_output("article") == REPOSITORY / "artifacts" / "article"
    installed = tmp_path / "site-packages" / "sentiment_repl" / "training" / "__main__.py"
    monkeypatch.setattr(program, "__file__", str(installed))
    assert program._default_output("article") == Path("article")
