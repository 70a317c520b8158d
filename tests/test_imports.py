"""Only a new process shows which modules an import loads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

HEAVY = (
    *("tensorflow", "keras", "h5py", "sentiment_repl.training", "sentiment_repl.evaluation"),
    *("starlette", "uvicorn", "sentiment_repl.serve"),
    *("dask", "distributed", "fsspec", "pyarrow", "sentiment_repl.cluster"),
)


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
        ("import sentiment_repl.modes.prompt.session", (*HEAVY, "numpy")),
        ("from sentiment_repl.model_folder import *; read_model(locate())", (*HEAVY, "numpy")),
        (
            "from sentiment_repl import load; load().classify('good day')",
            (*HEAVY, "prompt_toolkit"),
        ),
    ],
)
def test_each_module_imports_only_what_it_needs(code: str, never: tuple[str, ...]) -> None:
    assert not modules_after(code).intersection(never)


TABLE_LIBRARIES = ("pyarrow", "openpyxl", "pandas", "charset_normalizer")


def test_a_library_for_tables_is_imported_only_for_its_format(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"text\ngood caf\xe9\n")
    args = ["--artifacts", str(tiny), "-q", "--output", str(tmp_path / "out.csv")]
    modules = modules_after(MAIN, *args, "--input", str(tmp_path / "in.csv"))
    assert not modules.intersection((*HEAVY, *TABLE_LIBRARIES, "prompt_toolkit", "wcwidth"))
    code = "from sentiment_repl.cli import build_parser; build_parser().format_help()"
    assert not modules_after(code).intersection((*TABLE_LIBRARIES, "numpy", "csv", "zipfile"))
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"text": ["good"]}), tmp_path / "in.parquet")
    modules = modules_after(MAIN, *args, "--input", str(tmp_path / "in.parquet"))
    assert modules.intersection(TABLE_LIBRARIES) == {"pyarrow"}


@pytest.mark.parametrize("format", ["text", "tsv", "jsonl"])
def test_stream_mode_needs_no_terminal_library(tiny: Path, format: str) -> None:
    args = ["--artifacts", str(tiny), "--format", format]
    for modules in (
        modules_after(MAIN, *args, "good"),
        modules_after(MAIN, *args, stdin=b"good\n"),
    ):
        assert not modules.intersection((*HEAVY, "prompt_toolkit"))
        assert "numpy" in modules


def test_import_contracts_hold() -> None:
    """The layers in setup.cfg: imports go down, and only training imports TensorFlow."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports as l; raise SystemExit(l())",
        ],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stdout
