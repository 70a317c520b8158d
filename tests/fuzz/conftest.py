"""Profiles of hypothesis, and what the properties share.

The suite runs ``ci``, which repeats a few examples. ``pytest tests/fuzz
--hypothesis-profile=long`` searches for new ones. ``soak`` is for the slow properties.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from sentiment_repl import cli, program, render

_common = settings(deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("ci", _common, max_examples=120, derandomize=True, database=None)
settings.register_profile("long", _common, max_examples=2400, print_blob=True)
settings.register_profile("soak", _common, max_examples=40_000, print_blob=True)
settings.load_profile("ci")  # pytest applies --hypothesis-profile later

if sys.platform == "win32":  # it has no pseudo-terminal, no fork and no memory limit
    collect_ignore_glob = ["test_*.py"]

RunCli = Callable[..., tuple[int, str, str]]


def share(part: int) -> settings:
    """Try one in ``part`` of the profile's number of examples, because each takes that long.

    An example that takes very long is not shrunk.
    """
    phases = [phase for phase in Phase if part <= 10 or phase not in (Phase.shrink, Phase.explain)]
    return settings(max_examples=max(1, settings().max_examples // part), phases=phases)


@contextlib.contextmanager
def memory_limit() -> Iterator[None]:
    """Raise MemoryError when the block uses 512 MB more than is in use."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_AS)
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**29, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


@pytest.fixture(autouse=True)
def _faults_of_the_program_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise what the programs turn into the sentence "unexpected …"."""

    def fail(error: Exception) -> str:
        raise error

    monkeypatch.setattr(program, "unexpected", fail)


@pytest.fixture
def run_cli(capsys: pytest.CaptureFixture[str]) -> RunCli:
    """Run the program in this process; return exit code, standard output and standard error."""

    def run(*args: object) -> tuple[int, str, str]:
        with memory_limit():
            code = cli.main(list(map(str, args)))
        out, err = capsys.readouterr()
        assert "out of memory" not in err
        return code, out, err

    return run


def assert_harmless(text: str) -> None:
    """Fail if a terminal obeys the text instead of showing it."""
    shown = text.translate(dict.fromkeys(map(ord, f"{render.JOINERS}\t\n")))
    assert shown.isprintable(), repr(text)


def assert_one_sentence(err: str) -> None:
    """Fail if standard error is not one line that a person can read."""
    assert_harmless(err)
    assert (err[:16], err.find("\n")) == ("sentiment-repl: ", len(err) - 1)
    assert len(err) < 1000
