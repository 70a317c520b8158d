"""Two profiles of hypothesis, and what the properties share.

The suite runs the profile ``ci``: a few examples, the same each time. With
``pytest tests/fuzz --hypothesis-profile=long`` hypothesis searches for new ones.
"""

import faulthandler
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sentiment_repl import cli, render

# A slow machine is not a fault: there is no deadline.
_common = settings(deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("ci", _common, max_examples=200, derandomize=True, database=None)
settings.register_profile("long", _common, max_examples=6000, print_blob=True)
settings.load_profile("ci")  # pytest applies --hypothesis-profile later

if sys.platform == "win32":  # it has no pseudo-terminal, no fork and no memory limit
    collect_ignore_glob = ["test_*.py"]

RunCli = Callable[..., tuple[int, str, str]]


def share(part: int) -> settings:
    """Try one in ``part`` of the profile's number of examples, because each takes that long."""
    return settings(max_examples=max(1, settings().max_examples // part))


@pytest.fixture(autouse=True)
def _bounds() -> Iterator[None]:
    """Raise MemoryError after 512 MB more, and end a run that hangs for an hour."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_AS)
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**29, limits[1]))
    faulthandler.dump_traceback_later(3600, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
    resource.setrlimit(resource.RLIMIT_AS, limits)


@pytest.fixture
def run_cli(capsys: pytest.CaptureFixture[str]) -> RunCli:
    """Run the program in this process; return exit code, standard output and standard error."""
    return lambda *args: (cli.main(list(map(str, args))), *capsys.readouterr())


def assert_harmless(text: str) -> None:
    """Fail if a terminal obeys the text instead of showing it."""
    shown = text.translate(dict.fromkeys(map(ord, f"{render.JOINERS}\t\n")))
    assert shown.isprintable(), repr(text)


def assert_one_sentence(err: str) -> None:
    """Fail if standard error is not one line that a person can read."""
    assert err.startswith("sentiment-repl: ")
    assert (err.count("\n"), err[-1], len(err) < 1000) == (1, "\n", True)
    assert_harmless(err)
