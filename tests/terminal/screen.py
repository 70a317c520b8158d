"""The program in a pseudo-terminal whose screen can be read."""

import os
import sys
import termios
from collections.abc import Callable

import pexpect
import pyte
from wcwidth import wcswidth

from tests.conftest import REPOSITORY

PROMPT = "Input a sentence to be evaluated, or Enter to quit: "
CONTROL_C, CONTROL_D, UP, RIGHT = "\x03", "\x04", "\x1b[A", "\x1b[C"
F1, F2, F3, F4 = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS"


PROGRAM = (sys.executable, "-m", "sentiment_repl")


class Terminal:
    """A terminal of 100 columns and 40 lines with the program in it, or another one."""

    def __init__(self, *args: str, program: tuple[str, ...] = PROGRAM, **environment: str) -> None:
        self.output = ""  # every character that the program has written
        self._screen = pyte.Screen(100, 40)
        self._stream = pyte.Stream(self._screen)
        self._program = pexpect.spawn(
            program[0],
            [*program[1:], *args],
            env={**os.environ, "TERM": "xterm-256color", **environment},
            cwd=REPOSITORY,
            dimensions=(40, 100),
            encoding="utf-8",
            timeout=20,
        )
        self._modes = termios.tcgetattr(self._program.child_fd)

    @property
    def lines(self) -> list[str]:
        """What a person sees above the last line, without the empty lines."""
        return [line.rstrip() for line in self._screen.display[:-1] if line.strip()]

    @property
    def toolbar(self) -> str:
        """The last line."""
        return self._screen.display[-1].rstrip()

    def style(self, word: str) -> pyte.screens.Char:
        """How a word is written where it stands last; plainly if it is not there."""
        for number in reversed(range(self._screen.lines - 1)):
            before, found, _ = self._screen.display[number].rpartition(word)
            if found:
                return self._screen.buffer[number][wcswidth(before)]
        return self._screen.default_char

    def resize(self, columns: int, rows: int | None = None) -> None:
        """Make the window as wide, and as high, as that."""
        self._screen.resize(rows, columns)
        self._program.setwinsize(self._screen.lines, columns)

    def signal(self, number: int) -> None:
        """Send a signal to the program alone."""
        self._program.kill(number)

    def hang_up(self) -> None:
        """Close the terminal; an error unless the program ends."""
        self._program.close(force=False)

    def until(self, condition: Callable[[], bool]) -> None:
        """Read what the program writes until a condition holds of the screen."""
        while not condition():
            try:
                self._feed(self._program.read_nonblocking(4096, timeout=20))
            except (pexpect.EOF, pexpect.TIMEOUT) as error:
                raise AssertionError("\n".join(["the screen is:", *self.lines])) from error

    def _feed(self, output: str) -> None:
        self.output += output
        self._stream.feed(output)
        if "\x1b[6n" in output:  # prompt_toolkit asks where the cursor is
            self._program.send(f"\x1b[{self._screen.cursor.y + 1};1R")

    def until_prompt(self) -> None:
        """Wait for a prompt with nothing typed at it."""
        self.until(lambda: bool(self.lines) and self.lines[-1] == PROMPT.rstrip())

    def send(self, keys: str) -> None:
        """Type."""
        self._program.send(keys)

    def send_bytes(self, keys: bytes) -> None:
        """Type what is no text."""
        os.write(self._program.child_fd, keys)

    def enter(self, sentence: str) -> list[str]:
        """Type a sentence, and return the lines of its answer."""
        before = len(self.lines)
        self.send(sentence)
        self.until(lambda: self.lines[-1].endswith(sentence[-10:]))
        self.send("\r")
        self.until(lambda: len(self.lines) > before and self.lines[-1] == PROMPT.rstrip())
        return self.lines[before:-1]

    def ends(self) -> int:
        """Wait for the end, and return the exit code."""
        while True:
            try:
                self._feed(self._program.read_nonblocking(4096, timeout=20))
            except pexpect.EOF:
                break
        self._sane = termios.tcgetattr(self._program.child_fd) == self._modes
        self._program.close()
        return int(self._program.exitstatus)

    def is_sane(self) -> bool:
        """Whether the program, which has ended, left the terminal as it was."""
        return self._sane

    def stop(self) -> None:
        """Kill the program, if it is still there."""
        self._program.close(force=True)


Open = Callable[..., Terminal]
