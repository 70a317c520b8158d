"""Drive a program in a pseudo-terminal: type keys, and see the screen as a person sees it.

This is the project's only terminal driver. The terminal tests, the fuzzer, the benchmark and
``scripts/record_prompt.py`` use it. It needs a Unix system and pyte, a terminal emulator.

    with Terminal("--model", "article") as prompt:
        prompt.until_prompt()
        prompt.enter("what a lovely day")   # ["positive sentiment; …% confidence"]
        prompt.send(ENTER)
        assert prompt.exit_code() == 0 and prompt.modes_are_restored()

Every wait raises ``AssertionError`` with the screen in its message when it takes too long.
"""

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pyte
from wcwidth import wcswidth

PROMPT = "Input a sentence to be evaluated, or Enter to quit: "
PROGRAM = (sys.executable, "-m", "sentiment_repl")

ENTER, TAB, UP, RIGHT = "\r", "\t", "\x1b[A", "\x1b[C"
CONTROL_C, CONTROL_D, CONTROL_R, CONTROL_Z = "\x03", "\x04", "\x12", "\x1a"
F1, F2, F3, F4 = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS"

_REPOSITORY = Path(__file__).resolve().parents[2]
_TIMEOUT = 120.0  # seconds; a busy machine needs many
_WRITE_SIZE = 4000  # bytes; a terminal's input buffer holds 4095
# Variables that change what the program prints, or which model it loads.
_UNSET = {"NO_COLOR", "PYTHONIOENCODING", "PYTHONUNBUFFERED"}
_UNSET |= {f"SENTIMENT_REPL_{name}" for name in ("ARTIFACTS", "KEYS", "PREVIEW")}


def paste(text: str) -> str:
    """Return the keys that a terminal sends for a pasted text."""
    return f"\x1b[200~{text}\x1b[201~"


class Terminal(AbstractContextManager["Terminal"]):
    """A terminal window with a program in it.

    :param args: arguments of the program.
    :param program: the command; by default this project's program.
    :param environment: variables to set, on top of the environment of this process.
    """

    def __init__(
        self,
        *args: str,
        program: tuple[str, ...] = PROGRAM,
        columns: int = 100,
        rows: int = 40,
        **environment: str,
    ) -> None:
        self._unsent = bytearray()  # keys, and the terminal's answers to the program
        self.screen = pyte.Screen(columns, rows)
        """What the window shows, cell by cell."""
        self.screen.write_process_input = lambda data: self._unsent.extend(data.encode())
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.output = ""
        """What the program has written, escape sequences included; at most the last megabyte."""
        self._unmatched = ""  # output since the last match of until_output
        # This process keeps both ends open: the modes can be read after the program's end.
        self._ours, self._its = (os.fdopen(end, "rb+", buffering=0) for end in pty.openpty())
        self.resize(columns, rows)
        self._modes = termios.tcgetattr(self._its)
        inherited = {name: value for name, value in os.environ.items() if name not in _UNSET}
        self._process = subprocess.Popen(
            [*program, *args],
            stdin=self._its,
            stdout=self._its,
            stderr=self._its,
            env={**inherited, "TERM": "xterm-256color", **environment},
            cwd=_REPOSITORY,
            start_new_session=True,
            # For Ctrl-Z, resizes and hang-ups the terminal has to control the program.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self.pid = self._process.pid

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def lines(self) -> list[str]:
        """The lines on the screen, without empty ones and without the toolbar."""
        return [line.rstrip() for line in self.screen.display[:-1] if line.strip()]

    @property
    def last_line(self) -> str:
        """The last of ``lines``; empty if there is none."""
        return (self.lines or [""])[-1]

    @property
    def toolbar(self) -> str:
        """The last line of the screen."""
        return self.screen.display[-1].rstrip()

    def style(self, word: str) -> pyte.screens.Char:
        """Return how the last occurrence of a word looks; the default style if there is none."""
        for row in reversed(range(self.screen.lines - 1)):
            before, found, _ = self.screen.display[row].rpartition(word)
            if found:
                return self.screen.buffer[row][wcswidth(before)]
        return self.screen.default_char

    def send(self, keys: str | bytes) -> None:
        """Type keys. A string may hold surrogate escapes for bytes that are not UTF-8."""
        self._unsent += keys if isinstance(keys, bytes) else keys.encode(errors="surrogateescape")
        self._flush()

    def enter(self, sentence: str) -> list[str]:
        """Type a sentence and Enter, and return the lines of the answer."""
        self.send(sentence)
        self.until(lambda: self._typed().endswith(sentence[-10:]))
        rows = self.screen.cursor.y - self._prompt_row()
        self.send(ENTER)
        self.until_prompt()
        below = self._prompt_row(before=self._prompt_row()) + rows + 1
        return [line.rstrip() for line in self.screen.display[below:-1] if line.strip()][:-1]

    def resize(self, columns: int, rows: int | None = None) -> None:
        """Change the size of the window."""
        removed = self.screen.lines - (rows or self.screen.lines)
        self.screen.resize(rows, columns)
        self.screen.cursor.y = max(0, self.screen.cursor.y - max(0, removed))  # pyte forgets it
        size = struct.pack("HHHH", self.screen.lines, columns, 0, 0)
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, size)

    def signal(self, number: int) -> None:
        """Send a signal to the program, and to no child process of it."""
        self._process.send_signal(number)

    def until(self, condition: Callable[[], bool], timeout: float = _TIMEOUT) -> None:
        """Read output until a condition holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            ended = self._process.poll() is not None
            if not self._wait(0 if ended else 0.2) and (ended or time.monotonic() > deadline):
                raise self._failure("the program has ended" if ended else "timeout")

    def until_prompt(self) -> None:
        """Wait for an empty prompt."""
        self.until(lambda: self.last_line == PROMPT.rstrip())

    def until_shown(self, text: str) -> None:
        """Wait until a text is on the screen, within a line or the toolbar."""
        self.until(lambda: any(text in line for line in self.screen.display))

    def until_output(self, text: str, timeout: float = _TIMEOUT) -> None:
        """Wait until the program writes a text. Each call searches after the last match.

        This works without a usable screen, as on a dumb or a tiny terminal.
        """
        self.until(lambda: text in self._unmatched, timeout)
        self._unmatched = self._unmatched.partition(text)[2]

    def settle(self, seconds: float = 0.3) -> None:
        """Read output until there is none for that long."""
        while self._wait(seconds):
            pass

    def exit_code(self, timeout: float = _TIMEOUT) -> int:
        """Wait for the program's end, read the rest of its output, and return its exit code."""
        self.until(lambda: self._process.poll() is not None, timeout)
        self.settle(0)
        return int(self._process.wait())

    def modes_are_restored(self) -> bool:
        """Return whether the terminal's modes are those from before the program's start."""
        return termios.tcgetattr(self._its) == self._modes

    def shows_what_is_typed(self) -> bool:
        """Return whether the terminal itself shows what is typed, or lets a line be edited."""
        return bool(termios.tcgetattr(self._its)[tty.LFLAG] & (termios.ECHO | termios.ICANON))

    def hang_up(self) -> int:
        """Close the window, and return the program's exit code."""
        self._ours.close()
        self._its.close()
        return self._process.wait(_TIMEOUT)

    def close(self) -> None:
        """Kill the program if it still runs, and close the window."""
        self._process.send_signal(signal.SIGKILL)  # nothing happens if it has ended
        self.hang_up()

    def _wait(self, seconds: float) -> bool:
        """Wait for output, and read it. Return whether there was any."""
        ready = bool(select.select([self._ours], [], [], seconds)[0])
        if ready:
            self._feed()
            self._flush()
        return ready

    def _flush(self) -> None:
        deadline = time.monotonic() + _TIMEOUT
        while self._unsent and self._process.poll() is None:
            # A program that waits for its output to be read does not read its input.
            readable, writable, _ = select.select([self._ours], [self._ours], [], 1)
            if readable:
                self._feed()
            if writable:
                del self._unsent[: self._ours.write(self._unsent[:_WRITE_SIZE])]
            elif time.monotonic() > deadline:
                raise self._failure("the program does not read its input")

    def _feed(self) -> None:
        text = self._decoder.decode(self._ours.read(1 << 16))
        self.output = (self.output + text)[-(1 << 20) :]
        self._unmatched += text
        self._stream.feed(text)

    def _prompt_row(self, before: int | None = None) -> int:
        """Return the row of the last prompt above a row, or -1."""
        rows = self.screen.display[:before]
        return max((row for row, line in enumerate(rows) if line.startswith(PROMPT)), default=-1)

    def _typed(self) -> str:
        """Return what stands between the last prompt and the cursor."""
        cursor, cells = self.screen.cursor, self.screen.buffer
        above = "".join(self.screen.display[max(self._prompt_row(), 0) : cursor.y])
        return above + "".join(cells[cursor.y][column].data for column in range(cursor.x))

    def _failure(self, reason: str) -> AssertionError:
        return AssertionError("\n".join([f"{reason}; the screen is:", *self.lines, self.toolbar]))
