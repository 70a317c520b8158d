"""The terminal's modes, such as echo, as they were before the prompt."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def restored_terminal_modes() -> Iterator[None]:
    """Restore the terminal's modes at the end of the block.

    prompt_toolkit does so, too. But a signal may arrive after it has changed the modes and
    before it remembers that it has to restore them.
    """
    try:
        import termios
    except ImportError:  # Windows
        yield
        return
    modes = None
    with suppress(OSError, ValueError, termios.error):  # standard input is not a terminal
        modes = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        with suppress(OSError, ValueError, termios.error):  # the terminal may be gone
            if modes and termios.tcgetattr(sys.stdin) != modes:
                termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)
