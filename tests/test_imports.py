"""Only a process of its own proves that an import is really put off."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

HEAVY = ("tensorflow", "keras", "h5py", "sentiment_repl.training")


def modules_after(code: str, *args: str, stdin: bytes = b"") -> set[str]:
    report = "; import sys, json; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code + report, *args],
        input=stdin,
        capture_output=True,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr.decode()
    return set(json.loads(done.stderr.splitlines()[-1]))


MAIN = "import sys; from sentiment_repl.cli import main; assert main(sys.argv[1:]) == 0"


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("import sentiment_repl, sentiment_repl.cli", (*HEAVY, "numpy", "prompt_toolkit")),
        ("import sentiment_repl.interactive.session", (*HEAVY, "numpy")),
        ("from sentiment_repl.artifacts import *; read(locate())", (*HEAVY, "numpy")),
        (
            "from sentiment_repl import load; load().classify('good day')",
            (*HEAVY, "prompt_toolkit"),
        ),
    ],
)
def test_importing(code: str, never: tuple[str, ...]) -> None:
    assert not modules_after(code).intersection(never)


@pytest.mark.parametrize("format", ["text", "tsv", "jsonl"])
def test_batch_mode(tiny: Path, format: str) -> None:
    args = ["--artifacts", str(tiny), "--format", format]
    for modules in (
        modules_after(MAIN, *args, "good"),
        modules_after(MAIN, *args, stdin=b"good\n"),
    ):
        assert not modules.intersection((*HEAVY, "prompt_toolkit"))
        assert "numpy" in modules
