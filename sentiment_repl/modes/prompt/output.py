"""Lines that the prompt prints, on terminals of any encoding."""

import sys
from asyncio import Future, ensure_future
from collections.abc import Callable

from prompt_toolkit.application import run_in_terminal

from sentiment_repl import render


def print_line(line: str) -> None:
    """Print to standard output. Characters that its encoding lacks are escaped."""
    encoding = sys.stdout.encoding
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def print_warning(sentence: str) -> None:
    """Print to standard error."""
    print(f"sentiment-repl: {render.escape(sentence)}", file=sys.stderr)


def can_encode(text: str) -> bool:
    """Return whether the encoding of standard output has these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def run_above(action: Callable[[], None]) -> None:
    """Hide the prompt, call a function that prints, and draw the prompt again.

    Called in the event loop. An error of the function goes to the loop's exception handler.
    """
    ensure_future(run_in_terminal(action)).add_done_callback(_pass_on_error)


def _pass_on_error(done: "Future[None]") -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        context = {"message": "printing above the prompt failed", "exception": error}
        done.get_loop().call_exception_handler(context)
