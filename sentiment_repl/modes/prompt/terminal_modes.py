"""The terminal around the prompt: the one place that changes and restores its modes."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from select import select
from typing import Any

if sys.platform != "win32":
    import termios
    import tty

_QUIET = 0.02  # seconds without input after which a paste has ended
_MAX_PARTS = 500  # a paste that is longer than a terminal's buffer arrives in parts


@contextmanager
def borrowed_terminal(*, echo: bool) -> Iterator[Callable[[], None] | None]:
    """Restore the terminal's modes at the end of the block, and discard what was not read.

    The shell would run the rest of a paste as commands.

    :param echo: whether the terminal itself shows and edits what is typed. Otherwise it does not
        even between two prompts, where the rest of a paste arrives.
    :return: a function that suspends the program, and meanwhile gives the terminal back to the
        shell; None on Windows, and if standard input is not a terminal.
    """
    modes = _get_modes()
    if sys.platform == "win32" or modes is None:
        yield None
        return

    def give_back() -> None:
        _discard_input()
        _set_modes(modes)

    def suspend() -> None:
        give_back()
        os.kill(0, signal.SIGTSTP)

    try:
        if not echo:
            _set_modes(_quiet_modes(modes))
        yield suspend
    finally:
        give_back()


if sys.platform == "win32":

    def _get_modes() -> None:
        return None

else:

    def _get_modes() -> list[Any] | None:
        with suppress(OSError, ValueError, termios.error):
            return termios.tcgetattr(sys.stdin)
        return None

    def _set_modes(modes: list[Any]) -> None:
        with suppress(OSError, ValueError, termios.error):  # the terminal may be gone
            if termios.tcgetattr(sys.stdin) != modes:
                termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)

    def _quiet_modes(modes: list[Any]) -> list[Any]:
        """Return modes without echo and line editing, in which only Ctrl-C does something."""
        quiet = [*modes]
        quiet[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON)
        quiet[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF)
        quiet[tty.CC] = [*modes[tty.CC]]
        disabled = bytes([os.fpathconf(sys.stdin.fileno(), "PC_VDISABLE")])
        for key in (termios.VQUIT, termios.VSUSP):
            quiet[tty.CC][key] = disabled
        return quiet

    def _discard_input() -> None:
        with suppress(OSError, ValueError, termios.error):
            for _ in range(_MAX_PARTS):
                termios.tcflush(sys.stdin, termios.TCIFLUSH)
                if not select([sys.stdin], [], [], _QUIET)[0]:
                    break
