#!/usr/bin/env python3
"""Faults for stress.py: training that is killed, streams and terminals that break, a soak.

    python scripts/_stress_faults.py training --count 50 --seed 1    # about 10 minutes
    python scripts/_stress_faults.py streams --count 200 --seed 1    # about 5 minutes
    python scripts/_stress_faults.py soak --lines 10000000 --minutes 60

Each prints what it tried, how many cases survived, and how to repeat the others. Needs a
system with fork and pseudo-terminals, and Linux for the soak's memory.
"""

import argparse
import csv
import fcntl
import hashlib
import json
import os
import pty
import random
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from sentiment_repl import load, render  # noqa: E402

_MODEL = "article"  # the quicker one; streams and terminals are the same to both


class Wrong(Exception):
    """A fault that cost more than it may."""


def check(holds: object, what: object) -> None:
    """Fail the case unless something holds."""
    if not holds:
        raise Wrong(what)


class _Report:
    """Counts the cases, and remembers how to repeat those that failed."""

    def __init__(self, name: str, seed: int) -> None:
        self._name, self._seed = name, seed
        self._kinds: Counter[str] = Counter()
        self._failures: list[str] = []

    def run(self, kind: str, number: int, case: Callable[[], object]) -> None:
        """Try a case, and go on whatever becomes of it."""
        self._kinds[kind] += 1
        began = time.monotonic()
        try:
            case()
            print(f"{number} {kind}: survived, {time.monotonic() - began:.0f} s", flush=True)
        except (Wrong, OSError, subprocess.SubprocessError) as error:
            self._failures.append(
                f"{kind}: {type(error).__name__}: {error} (repeat it: {self._name} "
                f"--seed {self._seed} --start {number} --count 1)"
            )
            print(self._failures[-1], file=sys.stderr, flush=True)

    def figures(self) -> dict[str, Any]:
        """Counts, and a line for each case that failed."""
        tried = self._kinds.total()
        return {
            "tried": tried,
            "survived": tried - len(self._failures),
            "kinds": dict(sorted(self._kinds.items())),
            "failures": self._failures,
        }


# --- training ---------------------------------------------------------------------------


def training(count: int, seed: int, start: int = 0) -> dict[str, Any]:
    """Trainings that are killed at a moment or at a file operation, or that find no room.

    After each the old model must load; resumed, it must end with the weights of a training
    that nothing has disturbed.
    """
    report = _Report("training", seed)
    with tempfile.TemporaryDirectory() as folder:
        trainings = _Trainings(Path(folder))
        for number in range(start, start + count):
            rng = random.Random(f"{seed} {number}")
            kind = rng.choice(("killed at a moment", "killed at an operation", "no room"))
            architecture = ("article", "article", "default")[number % 3]
            report.run(
                f"{architecture} {kind}",
                number,
                lambda rng=rng, kind=kind, name=architecture: trainings.disturb(rng, kind, name),
            )
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
        shutil.copytree(REPOSITORY / "artifacts" / _MODEL, output)
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
                [
                    sys.executable,
                    "-c",
                    "import sys, _stress_faults as faults; faults.train(sys.argv[1])",
                ]
                + [json.dumps([argv, str(folder), disturbance])],
                cwd=REPOSITORY / "scripts",
                env={**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'scripts'}"},
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        while program.poll() is None and not counted.exists():
            time.sleep(0.01)
        return program


def train(task: str) -> None:
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


# --- streams ----------------------------------------------------------------------------


def streams(count: int, seed: int, start: int = 0) -> dict[str, Any]:
    """Pipes, files and terminals that break while the program answers."""
    report = _Report("streams", seed)
    with tempfile.TemporaryDirectory() as folder:
        tries = _Streams(Path(folder))
        for number in range(start, start + count):
            rng = random.Random(f"{seed} {number}")
            kind = rng.choice(list(tries.faults))
            report.run(kind, number, lambda kind=kind, rng=rng: tries.faults[kind](rng))
    return report.figures()


class _Streams:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._classifier = load(_MODEL)
        words = sorted(filter(str.isalpha, self._classifier.words))
        rng = random.Random(0)
        self._texts = [" ".join(rng.choices(words, k=rng.randint(1, 8))) for _ in range(15_000)]
        self._texts[7] = "zzzyx"  # which gets no answer
        self._asked = "".join(f"{text}\n" for text in self._texts).encode()
        self._input = folder / "input.txt"
        self._input.write_bytes(self._asked)
        predictions = self._classifier.classify_batch(self._texts)
        self._answered = "".join(f"{render.tsv(one)}\n" for one in predictions).encode()
        self.faults: dict[str, Callable[[random.Random], None]] = {
            "pipe: signal": self._signal,
            "pipe: reader leaves": self._reader_leaves,
            "pipe: no room": self._no_room,
            "pipe: non-blocking": self._non_blocking,
            "pipe: closed or full": self._closed_or_full,
            "file: signal": self._file,
            "prompt: signal": self._prompt_signal,
            "prompt: terminal closed": self._prompt_closed,
            "prompt: resized": self._prompt_resized,
            "prompt: environment": self._prompt_environment,
            "prompt: home": self._prompt_home,
            "prompt: ten at once": self._prompt_crowd,
        }

    def _start(self, rng: random.Random, *args: str, **kwargs: Any) -> "subprocess.Popen[bytes]":
        more = {"PYTHONUNBUFFERED": "1"} if rng.random() < 0.3 else {}
        return subprocess.Popen(
            [sys.executable, "-m", "sentiment_repl", "--model", _MODEL, *args],
            env=_environment(self._folder, **more),
            stderr=subprocess.PIPE,
            **kwargs,
        )

    def _signal(self, rng: random.Random) -> None:
        name = rng.choice(("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"))
        number = getattr(signal, name)
        with open(self._input, "rb") as file:
            program = self._start(
                rng, "--format=tsv", stdin=file, stdout=subprocess.PIPE, bufsize=0
            )
        assert program.stdout
        out = program.stdout.read(1)  # it is at work
        timer = threading.Timer(rng.uniform(0, 0.8), program.send_signal, [number])
        timer.start()
        rest, err = program.communicate(timeout=60)
        timer.cancel()
        out += rest
        done = program.returncode == 0 and out == self._answered
        expected = 130 if name == "SIGINT" else -number
        check(done or program.returncode == expected, f"{name}: exit {program.returncode}")
        check(self._answered.startswith(out), f"{name}: wrong answers")
        check(err == b"", f"{name}: {err!r}")

    def _reader_leaves(self, rng: random.Random) -> None:
        with open(self._input, "rb") as file:
            program = self._start(rng, "--format=tsv", stdin=file, stdout=subprocess.PIPE)
        assert program.stdout and program.stderr
        out = program.stdout.read(rng.randrange(1_000_000))
        program.stdout.close()
        err = program.stderr.read()
        check(program.wait(60) == 0 and err == b"", f"exit {program.returncode}, {err!r}")
        check(self._answered.startswith(out), "wrong answers")

    def _no_room(self, rng: random.Random) -> None:
        room = rng.randrange(len(self._answered))
        target = self._folder / "out"
        with open(self._input, "rb") as file, open(target, "wb") as out:
            program = self._start(
                rng,
                "--format=tsv",
                stdin=file,
                stdout=out,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
            )
        err = program.communicate(timeout=60)[1]
        check(program.returncode == 1 and err.count(b"\n") == 1, f"{program.returncode}, {err!r}")
        check(target.read_bytes() == self._answered[:room], "wrong answers")

    def _non_blocking(self, rng: random.Random) -> None:
        in_read, in_write = os.pipe()
        out_read, out_write = os.pipe()
        os.set_blocking(in_read, False)
        os.set_blocking(out_write, False)
        program = self._start(rng, "--format=tsv", stdin=in_read, stdout=out_write)
        os.close(in_read)
        os.close(out_write)

        def feed() -> None:
            with open(in_write, "wb") as pipe:
                for at in range(0, len(self._asked), 100_000):
                    pipe.write(self._asked[at : at + 100_000])
                    if rng.random() < 0.3:
                        time.sleep(0.1)

        feeder = threading.Thread(target=feed)
        feeder.start()
        out = b""
        with open(out_read, "rb") as pipe:
            while chunk := pipe.read(500_000):
                out += chunk
                time.sleep(0.05)
        feeder.join()
        err = program.communicate(timeout=60)[1]
        check(program.returncode == 0 and err == b"", f"exit {program.returncode}, {err!r}")
        check(out == self._answered, f"{out.count(10)} answers")

    def _closed_or_full(self, rng: random.Random) -> None:
        states = [rng.choice(("open", "closed", "full")) for _ in range(3)]
        if states[0] == "full":
            states[0] = "open"

        def prepare() -> None:
            for descriptor, state in enumerate(states):
                if state == "closed":
                    os.close(descriptor)
                elif state == "full":
                    os.dup2(os.open("/dev/full", os.O_WRONLY), descriptor)

        program = self._start(
            rng, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=prepare
        )
        assert program.stdin
        out, err = program.communicate(b"what a lovely day\nzzzyx \xff\n", timeout=60)
        fine = states[:2] == ["open", "open"]
        check(program.returncode == (0 if fine else 1), f"{states}: exit {program.returncode}")
        check(out.count(b"\n") == (2 if fine else 0), f"{states}: {out!r}")
        check(b"Traceback" not in err and b"Exception" not in err, f"{states}: {err!r}")

    def _file(self, rng: random.Random) -> None:
        target = self._folder / "answered.tsv"
        target.write_text("old")
        name = rng.choice(("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"))
        number = getattr(signal, name)
        program = self._start(
            rng, "-q", "--input", str(self._input), "--output", str(target), stdout=subprocess.PIPE
        )
        while program.poll() is None and not list(self._folder.glob(".*.part")):
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 1.2))
        program.send_signal(number)
        err = program.communicate(timeout=60)[1]
        whole = target.read_text().count("\n") == len(self._texts) + 1
        expected = -number if name == "SIGKILL" else 130
        check(
            program.returncode == 0 if whole else target.read_text() == "old",
            f"{name}: neither the old file nor the new",
        )
        check(whole or program.returncode == expected, f"{name}: exit {program.returncode}")
        check(err == b"", f"{name}: {err!r}")
        for part in self._folder.glob(".*.part"):
            check(name == "SIGKILL", f"{name}: left {part.name}")
            part.unlink()

    # The prompt.

    def _open(self, home: Path, **environment: str) -> "_Prompt":
        return _Prompt(_environment(home, **environment))

    def _home(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._folder))

    def _answer(self, text: str) -> str:
        return render.text(self._classifier.classify(text))

    def _talk(self, prompt: "_Prompt", rng: random.Random, count: int) -> list[str]:
        texts = rng.sample(self._texts, count)
        for text in texts:
            prompt.ask(text, self._answer(text))
        return texts

    def _prompt_signal(self, rng: random.Random) -> None:
        name = rng.choice(("SIGTERM", "SIGHUP", "SIGINT", "SIGTSTP", "SIGSTOP"))
        home = self._home()
        dumb = {"TERM": "dumb"} if rng.random() < 0.2 else {}
        with self._open(home, **dumb) as prompt:
            texts = self._talk(prompt, rng, rng.randint(0, 3))
            prompt.send("half a sent")
            prompt.read(rng.uniform(0, 0.3))
            os.kill(prompt.pid, getattr(signal, name))
            if name in ("SIGTERM", "SIGHUP"):
                prompt.ends(130)
            else:
                if name != "SIGINT":
                    prompt.read(0.1)
                    os.kill(prompt.pid, signal.SIGCONT)
                prompt.read(0.3)
                prompt.send("\x03")
                prompt.read(0.3)
                texts += self._talk(prompt, rng, 2)
                prompt.quit()
        _check_history(home, texts)

    def _prompt_closed(self, rng: random.Random) -> None:
        home = self._home()
        with self._open(home) as prompt:
            texts = self._talk(prompt, rng, rng.randint(1, 3))
            prompt.send("half a sent")
            prompt.read(rng.uniform(0, 0.2))
            prompt.hang_up()
        _check_history(home, texts)

    def _prompt_resized(self, rng: random.Random) -> None:
        home = self._home()
        with self._open(home) as prompt:
            texts = rng.sample(self._texts, 3)
            for text in texts:
                for letter in text:
                    prompt.send(letter)
                    if rng.random() < 0.3:
                        prompt.resize(rng.randint(1, 60), rng.randint(1, 200))
                        prompt.read(0.02)
                prompt.resize(24, 100)
                prompt.read(0.2)
                prompt.ask("", self._answer(text))
            prompt.quit()
        _check_history(home, texts)

    def _prompt_environment(self, rng: random.Random) -> None:
        home = self._home()
        environment = rng.choice(
            [
                {"LANG": "C", "LC_ALL": "C"},
                {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
                {"PYTHONIOENCODING": "ascii"},
                {"PYTHONIOENCODING": "ascii:strict"},
                {"PYTHONIOENCODING": "latin-1"},
                {"TERM": "dumb"},
                {"TERM": ""},
                {"TERM": "nonsense"},
                {"PYTHONWARNINGS": "error"},
                {"PYTHONUNBUFFERED": "1"},
                {"COLUMNS": "x", "LINES": "-1"},
                {"NO_COLOR": "1"},
            ]
        )
        with self._open(home, **environment) as prompt:
            texts = self._talk(prompt, rng, 2)
            # The letters of another language, and bytes that are of none.
            prompt.ask("caf\u00e9 \u2603 \U0001f600 \udcff good", "% confidence")
            prompt.quit()
        _check_history(home, texts)

    def _prompt_home(self, rng: random.Random) -> None:
        home = self._home()
        kind = rng.choice(("folder", "pipe", "null", "loop", "garbage", "file above", "nobody's"))
        for path in (home / "state/sentiment-repl/history", home / "data/sentiment-repl"):
            path = path / "corrections.csv" if path.name == "sentiment-repl" else path
            if kind == "file above":
                path.parent.parent.touch()
                continue
            if kind == "nobody's":
                continue
            path.parent.mkdir(parents=True)
            if kind == "folder":
                path.mkdir()
            elif kind == "pipe":
                os.mkfifo(path)
            elif kind == "garbage":
                path.write_bytes(
                    b"\n+good\x00\x1b]0;x\x07\n" + rng.randbytes(50_000) + b"\n+\xff\n"
                )
            else:
                path.symlink_to("/dev/null" if kind == "null" else path)
        null = os.stat("/dev/null").st_mode
        environment = _environment(home)
        if kind == "nobody's":
            for name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
                environment[name] = "/proc/nowhere"
        with _Prompt(environment) as prompt:
            self._talk(prompt, rng, 2)
            prompt.send("\x1bOS")  # F4: that was wrong
            prompt.until("oted")
            self._talk(prompt, rng, 1)
            prompt.quit()
        check(os.stat("/dev/null").st_mode == null, "/dev/null has other permissions")

    def _prompt_crowd(self, rng: random.Random) -> None:
        home = self._home()
        prompts = [self._open(home) for _ in range(10)]
        texts = []
        try:
            for _ in range(3):
                for prompt in prompts:
                    # Longer than what one write of a buffered file takes.
                    text = " ".join(rng.choices(self._texts, k=rng.choice((1, 1, 500))))
                    texts.append(text)
                    prompt.send(f"\x1b[200~{text}\x1b[201~\r")
                for prompt, text in zip(prompts, texts[-10:]):
                    prompt.until(self._answer(text))
            for prompt in prompts:
                prompt.quit()
        finally:
            for prompt in prompts:
                prompt.close()
        _check_history(home, texts)

    # The soak.

    def soak_pipe(self, lines: int) -> dict[str, Any]:
        """The same lines again and again; the same answers, and no more memory."""
        rounds = -(-lines // len(self._texts))
        program = self._start(
            random.Random(), "--format=tsv", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert program.stdin and program.stdout and program.stderr

        def feed() -> None:
            with program.stdin as pipe:
                for _ in range(rounds):
                    pipe.write(self._asked)

        feeder = threading.Thread(target=feed, daemon=True)
        began = time.monotonic()
        feeder.start()
        memory = []
        try:
            for number in range(rounds):
                out = program.stdout.read(len(self._answered))
                check(out == self._answered, f"other answers in round {number} of {rounds}")
                memory.append(_resident(program.pid))
            feeder.join()
            err = program.stderr.read()
            check(program.wait(60) == 0 and err == b"", f"{program.returncode}, {err!r}")
        finally:
            program.kill()
        warm = max(memory[: max(1, rounds // 10)])
        check(max(memory) - warm < _GROWTH, f"memory grew from {warm} to {max(memory)} bytes")
        return {
            "pipe_lines": rounds * len(self._texts),
            "pipe_seconds": round(time.monotonic() - began),
            "pipe_memory_bytes": {"first tenth": warm, "most": max(memory), "last": memory[-1]},
        }

    def soak_prompt(self, minutes: float) -> dict[str, Any]:
        """Typing, letter by letter, with keys of every sort between the sentences."""
        rng = random.Random(0)
        texts = self._texts[:50]
        memory = []
        asked = 0
        end = time.monotonic() + 60 * minutes
        with self._open(self._home()) as prompt:
            while time.monotonic() < end:
                text = texts[asked % len(texts)]
                for letter in text:
                    prompt.send(letter)
                    prompt.read(0.002)
                if asked % 7 == 3:  # change one's mind
                    prompt.send(rng.choice(("\x1bOP", "\x1bOQ", "\x1b[A", "\t")))
                    prompt.read(0.1)
                    prompt.send("\x03")
                    prompt.until("quit:")
                    prompt.send(text)
                prompt.ask("", self._answer(text))
                memory.append(_resident(prompt.pid))
                asked += 1
            prompt.quit()
        # All texts have been seen twice by then; the history keeps what is typed.
        warm = max(memory[: max(100, asked // 10)])
        check(max(memory) - warm < _GROWTH, f"memory grew from {warm} to {max(memory)} bytes")
        return {
            "prompt_sentences": asked,
            "prompt_minutes": minutes,
            "prompt_memory_bytes": {"first tenth": warm, "most": max(memory), "last": memory[-1]},
        }


def _environment(home: Path, **more: str) -> dict[str, str]:
    unset = {"PYTHONUNBUFFERED", "PYTHONIOENCODING", "NO_COLOR", "SENTIMENT_REPL_ARTIFACTS"}
    return {
        **{name: value for name, value in os.environ.items() if name not in unset},
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_DATA_HOME": str(home / "data"),
        "PYTHONPATH": str(REPOSITORY),
        "TERM": "xterm-256color",
        **more,
    }


def _check_history(home: Path, texts: Sequence[str]) -> None:
    """What was answered is in the history, once each, whole and private."""
    from prompt_toolkit.history import FileHistory

    path = home / "state/sentiment-repl/history"
    kept = Counter(FileHistory(path).load_history_strings())
    check(not Counter(texts) - kept, f"{len(texts)} sentences, {kept.total()} in the history")
    check(path.stat().st_mode & 0o777 == 0o600, "the history is open to others")
    check(path.parent.stat().st_mode & 0o777 == 0o700, "its folder is open to others")


class _Prompt:
    """The program in a pseudo-terminal of which this process keeps both ends."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._mine, self._its = pty.openpty()
        self.resize(24, 100)
        self._modes = termios.tcgetattr(self._its)
        self._unread = ""
        self.said = ""
        self._program = subprocess.Popen(
            [sys.executable, "-m", "sentiment_repl", "--model", _MODEL],
            stdin=self._its,
            stdout=self._its,
            stderr=self._its,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self.pid = self._program.pid
        self.until("quit:")
        self.read(0.2)

    def __enter__(self) -> "_Prompt":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._mine, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, keys: str) -> None:
        content = keys.encode(errors="surrogateescape")
        while content:  # a terminal takes 4 KiB at once
            self.read(0)
            if select.select([], [self._mine], [], 10)[1]:
                content = content[os.write(self._mine, content[:1000]) :]

    def read(self, seconds: float) -> None:
        """Read for so long what the program writes, and answer where the cursor is."""
        end = time.monotonic() + seconds
        while select.select([self._mine], [], [], max(0, end - time.monotonic()))[0]:
            text = os.read(self._mine, 1 << 16).decode(errors="replace")
            self._unread += text
            self.said = (self.said + text)[-5000:]
            if "\x1b[6n" in text:
                os.write(self._mine, b"\x1b[1;1R")

    def until(self, text: str, seconds: float = 60) -> None:
        """Read until the program has written something."""
        end = time.monotonic() + seconds
        while text not in self._unread:
            check(time.monotonic() < end, f"no {text!r} in {self._unread[-500:]!r}")
            self.read(0.05)
        self._unread = self._unread.partition(text)[2]

    def ask(self, text: str, answer: str) -> None:
        """Enter a sentence, and wait for its answer and the next prompt."""
        self.send(text)
        self.read(0.05)  # a key in one read with those before it may be taken for a paste
        self.send("\r")
        self.until(answer)
        self.until("quit:")
        self.read(0.05)

    def quit(self) -> None:
        """An empty line."""
        self.send("\r")
        self.ends(0)

    def ends(self, code: int) -> None:
        """See that it ends with that code, without a traceback, the terminal as it was."""
        end = time.monotonic() + 30
        while self._program.poll() is None:
            self.read(0.05)
            check(time.monotonic() < end, f"it does not end: {self.said[-500:]!r}")
        self.read(0)
        check(self._program.returncode == code, f"exit {self._program.returncode}, not {code}")
        check("Traceback" not in self.said, self.said)
        check(termios.tcgetattr(self._its) == self._modes, "the terminal is not as it was")

    def hang_up(self) -> None:
        """Close the terminal, and see that the program ends."""
        for descriptor in (self._mine, self._its):
            os.close(descriptor)
        self._mine = self._its = -1
        self._program.wait(30)

    def close(self) -> None:
        """Let nothing of it remain."""
        if self._program.poll() is None:
            self._program.kill()
            self._program.wait()
        for descriptor in (self._mine, self._its):
            if descriptor >= 0:
                os.close(descriptor)


# --- soak -------------------------------------------------------------------------------

_GROWTH = 16 * 2**20  # bytes; what a program may take more after it has warmed up


def soak(lines: int, minutes: float) -> dict[str, Any]:
    """Many lines through one pipe, then typing at one prompt for long.

    Failed is memory that grows, or an answer that is not the one before.
    """
    report = _Report("soak", 0)
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        streams = _Streams(Path(folder))
        report.run("pipe", 0, lambda: measured.update(streams.soak_pipe(lines)))
        report.run("prompt", 0, lambda: measured.update(streams.soak_prompt(minutes)))
    return {**report.figures(), **measured}


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> int:
    """Run one of the three, and print its counts; the return value is the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("training", "streams", "soak"))
    parser.add_argument("--count", type=int, default=50, help="cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="number of the first case")
    parser.add_argument("--lines", type=int, default=10_000_000, help="of the soak")
    parser.add_argument("--minutes", type=float, default=60, help="of typing, in the soak")
    args = parser.parse_args()
    if args.what == "soak":
        figures = soak(args.lines, args.minutes)
    else:
        work = {"training": training, "streams": streams}[args.what]
        figures = work(args.count, args.seed, args.start)
    print(json.dumps(figures, indent=1))
    return 1 if figures["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
