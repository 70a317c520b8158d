"""Many lines through one pipe, then typing at one prompt for long, for stress.py.

Failed is memory that grows, or an answer that is not the one before. Needs Linux.
"""

import random
import resource
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from _stress import Report, check
from _stress_program import Program

_GROWTH = 16 * 2**20  # bytes; what a program may take more after it has warmed up


def soak(lines: int, minutes: float) -> dict[str, Any]:
    """Do both, and say what memory they took."""
    report = Report(f"soak --lines {lines} --minutes {minutes}", seed=0, apart=False)
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder))
        report.run("pipe", lambda: measured.update(_pipe(program, lines)))
        report.run("prompt", lambda: measured.update(_prompt(program, minutes)))
    return {**report.figures(), **measured}


def _pipe(program: Program, lines: int) -> dict[str, Any]:
    """The same lines again and again; the same answers, and no more memory."""
    rounds = -(-lines // len(program.texts))
    process = program.start(
        random.Random(0), "--format=tsv", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout and process.stderr

    def feed() -> None:
        with process.stdin as pipe:
            for _ in range(rounds):
                pipe.write(program.asked)

    feeder = threading.Thread(target=feed, daemon=True)
    began = time.monotonic()
    feeder.start()
    memory = []
    try:
        for number in range(rounds):
            out = process.stdout.read(len(program.answered))
            check(out == program.answered, f"other answers in round {number} of {rounds}")
            memory.append(_resident(process.pid))
        feeder.join()
        err = process.stderr.read()
        check(process.wait(60) == 0 and err == b"", f"{process.returncode}, {err!r}")
    finally:
        process.kill()
    warm = max(memory[: max(1, rounds // 10)])
    check(max(memory) - warm < _GROWTH, f"memory grew from {warm} to {max(memory)} bytes")
    return {
        "pipe_lines": rounds * len(program.texts),
        "pipe_seconds": round(time.monotonic() - began),
        "pipe_memory_bytes": {"first tenth": warm, "most": max(memory), "last": memory[-1]},
    }


def _prompt(program: Program, minutes: float) -> dict[str, Any]:
    """Typing, letter by letter, with keys of every sort between the sentences."""
    rng = random.Random(0)
    texts = program.texts[:50]
    memory = []
    asked = 0
    end = time.monotonic() + 60 * minutes
    with program.prompt(program.home()) as prompt:
        while time.monotonic() < end:
            text = texts[asked % len(texts)]
            for letter in text:
                prompt.send(letter)
                prompt.read(0.002)
            if asked % 7 == 3:  # change one's mind
                prompt.send(rng.choice(("\x1bOP", "\x1bOQ", "\x1b[A", "\t")))
                # To write below the prompt the program hands the terminal back for a moment, in
                # which a Ctrl-C would also drop what is typed after it.
                prompt.settle()
                prompt.send("\x03")
                prompt.until("quit:")
                prompt.settle()
                prompt.send(text)
            prompt.ask("", program.answer(text))
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


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
