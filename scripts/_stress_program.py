"""The program itself, for stress.py: on streams or in a terminal of ours, and what it must say.

Needs pseudo-terminals.
"""

import fcntl
import os
import pty
import random
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Any

from _stress import REPOSITORY, check

from sentiment_repl import load, render

MODEL = "article"  # the quicker one; streams and terminals are the same to both


class Program:
    """Starts the program, and knows what it must answer to ``texts``.

    :param folder: for its files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._classifier = load(MODEL)
        words = sorted(filter(str.isalpha, self._classifier.words))
        rng = random.Random(0)
        self.texts = [" ".join(rng.choices(words, k=rng.randint(1, 8))) for _ in range(15_000)]
        self.texts[7] = "zzzyx"  # which gets no answer
        self.asked = "".join(f"{text}\n" for text in self.texts).encode()
        self.input = folder / "input.txt"
        self.input.write_bytes(self.asked)
        predictions = self._classifier.classify_batch(self.texts)
        self.answered = "".join(f"{render.tsv(one)}\n" for one in predictions).encode()

    def answer(self, text: str) -> str:
        """What stands at the prompt below a text."""
        return render.text(self._classifier.classify(text))

    def start(self, rng: random.Random, *args: str, **kwargs: Any) -> "subprocess.Popen[bytes]":
        """Start it on streams; ``kwargs`` are those of Popen."""
        more = {"PYTHONUNBUFFERED": "1"} if rng.random() < 0.3 else {}
        return subprocess.Popen(
            [sys.executable, "-m", "sentiment_repl", "--model", MODEL, *args],
            env=environment(self.folder, **more),
            stderr=subprocess.PIPE,
            **kwargs,
        )

    def home(self) -> Path:
        """A home of its own for a prompt."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def prompt(self, home: Path, **more: str) -> "Prompt":
        """Start it in a terminal."""
        return Prompt(environment(home, **more))

    def talk(self, prompt: "Prompt", rng: random.Random, count: int) -> list[str]:
        """Ask some of the texts, and wait for their answers."""
        texts = rng.sample(self.texts, count)
        for text in texts:
            prompt.ask(text, self.answer(text))
        return texts


def environment(home: Path, **more: str) -> dict[str, str]:
    """What the program finds set, as one whose home is a folder of ours."""
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


class Prompt:
    """The program in a pseudo-terminal of which this process keeps both ends."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._mine, self._its = pty.openpty()
        self.resize(24, 100)
        self._modes = termios.tcgetattr(self._its)
        self._unread = ""
        self.said = ""
        self._program = subprocess.Popen(
            [sys.executable, "-m", "sentiment_repl", "--model", MODEL],
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

    def __enter__(self) -> "Prompt":
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

    def settle(self) -> None:
        """Read until the program has been silent for a while."""
        end = time.monotonic() + 60
        said = None
        while said != self.said:
            check(time.monotonic() < end, f"it does not fall silent: {self.said[-500:]!r}")
            said = self.said
            self._unread = ""
            self.read(0.3)

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
