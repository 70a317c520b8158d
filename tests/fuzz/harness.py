"""Run the program in this process, and check what it writes."""

import contextlib
import io
from collections.abc import Callable

from hypothesis import settings

from sentiment_repl import cli, render


def share(part: int) -> Callable[..., Callable[..., None]]:
    """Try one in ``part`` of the profile's number of examples, because each takes that long."""
    return settings(max_examples=max(1, settings().max_examples // part))


def run_cli(*args: str) -> tuple[int, str, str]:
    """Run the program; return its exit code, standard output and standard error."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(args)
        out.flush()
        err.flush()
    return code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()


def assert_harmless(text: str) -> None:
    """Fail if a terminal obeys the text instead of showing it."""
    shown = text.translate(dict.fromkeys(map(ord, f"{render.JOINERS}\t\n")))
    assert shown.isprintable(), repr(text)


def assert_one_sentence(err: str) -> None:
    """Fail if it is not one line that a person can read."""
    assert err.startswith("sentiment-repl: ")
    assert err.count("\n") == 1
    assert len(err) < 1000
    assert_harmless(err)
