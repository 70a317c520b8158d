"""Trainings that are killed, or that find no room, for stress.py.

After each the old model must load; resumed, it must end with the weights of a training that
nothing has disturbed.
"""

import csv
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from _stress import REPOSITORY, Report, check

from sentiment_repl import load


def training(count: int, seed: int, start: int = 0) -> dict[str, Any]:
    """Kill trainings at a moment or at a file operation, or leave them no room."""
    report = Report("training", seed, start, apart=False)
    with tempfile.TemporaryDirectory() as folder:
        trainings = _Trainings(Path(folder))
        for _ in range(count):
            rng = report.random()
            kind = rng.choice(("killed at a moment", "killed at an operation", "no room"))
            name = ("article", "article", "default")[report.number % 3]
            report.run(f"{name} {kind}", lambda r=rng, k=kind, n=name: trainings.disturb(r, k, n))
    return report.figures()


class _Trainings:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data.csv"
        rng = random.Random(0)
        with open(self._data, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["label", "text"])
            for _ in range(1200):
                label = rng.randrange(2)
                words = [f"mood{label}{rng.randrange(20)}"]
                words += [f"word{rng.randrange(150)}" for _ in range(6)]
                rows.writerow([label, " ".join(words)])
        self._unbroken: dict[str, tuple[str, float, int]] = {}

    def disturb(self, rng: random.Random, kind: str, architecture: str) -> None:
        """Let a training come to grief once or twice, and end it."""
        weights, seconds, operations = self._reference(architecture)
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        output = folder / "model"
        shutil.copytree(REPOSITORY / "artifacts" / "article", output)
        old = load(folder=output).classify("what a lovely day")
        resume: list[str] = []
        for _ in range(rng.choice((1, 1, 2))):
            if kind == "killed at a moment":
                program = self._start(architecture, folder, resume)
                time.sleep(rng.uniform(0, 1.1 * seconds))
                program.kill()
            elif kind == "killed at an operation":
                at = rng.randint(1, operations)
                program = self._start(architecture, folder, resume, die_at=at)
            else:
                program = self._start(architecture, folder, resume, room=10 ** rng.uniform(3, 6.5))
            code = program.wait()
            said = (folder / "errors").read_text()
            allowed = (0, 1) if kind == "no room" else (0, -signal.SIGKILL)
            check(code in allowed, f"exit {code}: {said}")
            check(code != 1 or said.count("\n") == 1, f"no clear sentence: {said}")
            there = load(folder=output)
            if (output / "model.json").exists() and _digest(output) != weights:
                check(there.classify("what a lovely day") == old, "the old model answers otherwise")
            resume = ["--resume"]
        code = self._start(architecture, folder, resume).wait()
        check(code == 0, f"resumed: exit {code}: {(folder / 'errors').read_text()}")
        check(_digest(output) == weights, "other weights than unbroken")
        left = sorted(path.name for path in folder.iterdir())
        check(left == ["errors", "model", "operations"], f"left over: {left}")
        shutil.rmtree(folder)

    def _reference(self, architecture: str) -> tuple[str, float, int]:
        """Weights, seconds and file operations of a training that nothing disturbs."""
        if architecture not in self._unbroken:
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            program = self._start(architecture, folder, [])
            began = time.monotonic()
            check(program.wait() == 0, (folder / "errors").read_text())
            seconds = time.monotonic() - began
            operations = (folder / "operations").stat().st_size
            self._unbroken[architecture] = _digest(folder / "model"), seconds, operations
        return self._unbroken[architecture]

    def _start(
        self, architecture: str, folder: Path, more: Sequence[str], **disturbance: float
    ) -> "subprocess.Popen[bytes]":
        """Start a training, and wait until its libraries are there."""
        counted = folder / "operations"
        counted.unlink(missing_ok=True)
        argv = ["train.py", "--data", str(self._data), "--output", str(folder / "model")]
        argv += ["--architecture", architecture, "--epochs", "4", "--batch-size", "128"]
        argv += ["--vocabulary-size", "120", *more]
        with open(folder / "errors", "wb") as errors:
            program = subprocess.Popen(
                [sys.executable, __file__, json.dumps([argv, str(folder), disturbance])],
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        while program.poll() is None and not counted.exists():
            time.sleep(0.01)
        return program


def _train(task: str) -> None:
    """In a process of its own: scripts/train.py, and what happens to it there."""
    argv, folder, disturbance = json.loads(task)
    import _console
    import train

    import sentiment_repl.training.run  # noqa: F401

    limit = int(disturbance.get("room", -1))
    if limit >= 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    counted = os.open(Path(folder) / "operations", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    operations = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree")
    done = 0

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal done
        if event in operations and folder in str(args[0]):
            done += 1
            os.write(counted, b".")
            if done == disturbance.get("die_at"):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    sys.argv = argv
    _console.run(train.main)


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model.weights.h5").read_bytes()).hexdigest()


if __name__ == "__main__":
    _train(sys.argv[1])
