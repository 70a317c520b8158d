"""Streams and terminals that break while the program answers, for stress.py.

What was answered must be right, what was typed must be kept, and the terminal as it was.
"""

import os
import random
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from _stress import Report, check
from _stress_program import Program


def streams(count: int, seed: int, start: int = 0) -> dict[str, Any]:
    """Break pipes, files and terminals."""
    report = Report("streams", seed, start, apart=False)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder))
        for _ in range(count):
            rng = report.random()
            kind = rng.choice(list(_FAULTS))
            report.run(kind, lambda k=kind, r=rng: _FAULTS[k](program, r))
    return report.figures()


# --- pipes and files --------------------------------------------------------------------


def _signal(program: Program, rng: random.Random) -> None:
    name = rng.choice(("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"))
    number = getattr(signal, name)
    with open(program.input, "rb") as file:
        process = program.start(rng, "--format=tsv", stdin=file, stdout=subprocess.PIPE, bufsize=0)
    assert process.stdout
    out = process.stdout.read(1)  # it is at work
    timer = threading.Timer(rng.uniform(0, 0.8), process.send_signal, [number])
    timer.start()
    rest, err = process.communicate(timeout=60)
    timer.cancel()
    out += rest
    done = process.returncode == 0 and out == program.answered
    expected = 130 if name == "SIGINT" else -number
    check(done or process.returncode == expected, f"{name}: exit {process.returncode}")
    check(program.answered.startswith(out), f"{name}: wrong answers")
    check(err == b"", f"{name}: {err!r}")


def _reader_leaves(program: Program, rng: random.Random) -> None:
    with open(program.input, "rb") as file:
        process = program.start(rng, "--format=tsv", stdin=file, stdout=subprocess.PIPE)
    assert process.stdout and process.stderr
    out = process.stdout.read(rng.randrange(1_000_000))
    process.stdout.close()
    err = process.stderr.read()
    check(process.wait(60) == 0 and err == b"", f"exit {process.returncode}, {err!r}")
    check(program.answered.startswith(out), "wrong answers")


def _no_room(program: Program, rng: random.Random) -> None:
    room = rng.randrange(len(program.answered))
    target = program.folder / "out"
    with open(program.input, "rb") as file, open(target, "wb") as out:
        process = program.start(
            rng,
            "--format=tsv",
            stdin=file,
            stdout=out,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        )
    err = process.communicate(timeout=60)[1]
    check(process.returncode == 1 and err.count(b"\n") == 1, f"{process.returncode}, {err!r}")
    check(target.read_bytes() == program.answered[:room], "wrong answers")


def _non_blocking(program: Program, rng: random.Random) -> None:
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    os.set_blocking(in_read, False)
    os.set_blocking(out_write, False)
    process = program.start(rng, "--format=tsv", stdin=in_read, stdout=out_write)
    os.close(in_read)
    os.close(out_write)

    def feed() -> None:
        with open(in_write, "wb") as pipe:
            for at in range(0, len(program.asked), 100_000):
                pipe.write(program.asked[at : at + 100_000])
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
    err = process.communicate(timeout=60)[1]
    check(process.returncode == 0 and err == b"", f"exit {process.returncode}, {err!r}")
    check(out == program.answered, f"{out.count(10)} answers")


def _closed_or_full(program: Program, rng: random.Random) -> None:
    states = [rng.choice(("open", "closed", "full")) for _ in range(3)]
    if states[0] == "full":
        states[0] = "open"

    def prepare() -> None:
        for descriptor, state in enumerate(states):
            if state == "closed":
                os.close(descriptor)
            elif state == "full":
                os.dup2(os.open("/dev/full", os.O_WRONLY), descriptor)

    process = program.start(rng, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=prepare)
    assert process.stdin
    out, err = process.communicate(b"what a lovely day\nzzzyx \xff\n", timeout=60)
    fine = states[:2] == ["open", "open"]
    check(process.returncode == (0 if fine else 1), f"{states}: exit {process.returncode}")
    check(out.count(b"\n") == (2 if fine else 0), f"{states}: {out!r}")
    check(b"Traceback" not in err and b"Exception" not in err, f"{states}: {err!r}")


def _file(program: Program, rng: random.Random) -> None:
    target = program.folder / "answered.tsv"
    target.write_text("old")
    name = rng.choice(("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"))
    number = getattr(signal, name)
    process = program.start(
        rng, "-q", "--input", str(program.input), "--output", str(target), stdout=subprocess.PIPE
    )
    while process.poll() is None and not list(program.folder.glob(".*.part")):
        time.sleep(0.005)
    time.sleep(rng.uniform(0, 1.2))
    process.send_signal(number)
    err = process.communicate(timeout=60)[1]
    whole = target.read_text().count("\n") == len(program.texts) + 1
    expected = -number if name == "SIGKILL" else 130
    check(
        process.returncode == 0 if whole else target.read_text() == "old",
        f"{name}: neither the old file nor the new",
    )
    check(whole or process.returncode == expected, f"{name}: exit {process.returncode}")
    check(err == b"", f"{name}: {err!r}")
    for part in program.folder.glob(".*.part"):
        check(name == "SIGKILL", f"{name}: left {part.name}")
        part.unlink()


# --- the prompt --------------------------------------------------------------------------


def _prompt_signal(program: Program, rng: random.Random) -> None:
    name = rng.choice(("SIGTERM", "SIGHUP", "SIGINT", "SIGTSTP", "SIGSTOP"))
    home = program.home()
    dumb = {"TERM": "dumb"} if rng.random() < 0.2 else {}
    with program.prompt(home, **dumb) as prompt:
        texts = program.talk(prompt, rng, rng.randint(0, 3))
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
            texts += program.talk(prompt, rng, 2)
            prompt.quit()
    _check_history(home, texts)


def _prompt_closed(program: Program, rng: random.Random) -> None:
    home = program.home()
    with program.prompt(home) as prompt:
        texts = program.talk(prompt, rng, rng.randint(1, 3))
        prompt.send("half a sent")
        prompt.read(rng.uniform(0, 0.2))
        prompt.hang_up()
    _check_history(home, texts)


def _prompt_resized(program: Program, rng: random.Random) -> None:
    home = program.home()
    with program.prompt(home) as prompt:
        texts = rng.sample(program.texts, 3)
        for text in texts:
            for letter in text:
                prompt.send(letter)
                if rng.random() < 0.3:
                    prompt.resize(rng.randint(1, 60), rng.randint(1, 200))
                    prompt.read(0.02)
            prompt.resize(24, 100)
            prompt.read(0.2)
            prompt.ask("", program.answer(text))
        prompt.quit()
    _check_history(home, texts)


def _prompt_environment(program: Program, rng: random.Random) -> None:
    home = program.home()
    more = rng.choice(
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
    with program.prompt(home, **more) as prompt:
        texts = program.talk(prompt, rng, 2)
        # The letters of another language, and bytes that are of none.
        prompt.ask("caf\u00e9 \u2603 \U0001f600 \udcff good", "% confidence")
        prompt.quit()
    _check_history(home, texts)


def _prompt_home(program: Program, rng: random.Random) -> None:
    home = program.home()
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
            path.write_bytes(b"\n+good\x00\x1b]0;x\x07\n" + rng.randbytes(50_000) + b"\n+\xff\n")
        else:
            path.symlink_to("/dev/null" if kind == "null" else path)
    null = os.stat("/dev/null").st_mode
    names = ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME") if kind == "nobody's" else ()
    with program.prompt(home, **dict.fromkeys(names, "/proc/nowhere")) as prompt:
        program.talk(prompt, rng, 2)
        prompt.send("\x1bOS")  # F4: that was wrong
        prompt.until("oted")
        program.talk(prompt, rng, 1)
        prompt.quit()
    check(os.stat("/dev/null").st_mode == null, "/dev/null has other permissions")


def _prompt_crowd(program: Program, rng: random.Random) -> None:
    home = program.home()
    prompts = [program.prompt(home) for _ in range(10)]
    texts = []
    try:
        for _ in range(3):
            for prompt in prompts:
                # Longer than what one write of a buffered file takes.
                text = " ".join(rng.choices(program.texts, k=rng.choice((1, 1, 500))))
                texts.append(text)
                prompt.send(f"\x1b[200~{text}\x1b[201~\r")
            for prompt, text in zip(prompts, texts[-10:]):
                prompt.until(program.answer(text))
        for prompt in prompts:
            prompt.quit()
    finally:
        for prompt in prompts:
            prompt.close()
    _check_history(home, texts)


def _check_history(home: Path, texts: Sequence[str]) -> None:
    """What was answered is in the history, whole, and private."""
    from prompt_toolkit.history import FileHistory

    path = home / "state/sentiment-repl/history"
    kept = Counter(FileHistory(path).load_history_strings())
    check(not Counter(texts) - kept, f"{len(texts)} sentences, {kept.total()} in the history")
    check(path.stat().st_mode & 0o777 == 0o600, "the history is open to others")
    check(path.parent.stat().st_mode & 0o777 == 0o700, "its folder is open to others")


_FAULTS: dict[str, Callable[[Program, random.Random], None]] = {
    "pipe: signal": _signal,
    "pipe: reader leaves": _reader_leaves,
    "pipe: no room": _no_room,
    "pipe: non-blocking": _non_blocking,
    "pipe: closed or full": _closed_or_full,
    "file: signal": _file,
    "prompt: signal": _prompt_signal,
    "prompt: terminal closed": _prompt_closed,
    "prompt: resized": _prompt_resized,
    "prompt: environment": _prompt_environment,
    "prompt: home": _prompt_home,
    "prompt: ten at once": _prompt_crowd,
}
