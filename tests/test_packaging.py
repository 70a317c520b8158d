"""The wheel, away from the repository, is the whole program."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--wheel-dir", folder, REPOSITORY),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_answers_in_any_working_directory(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", "--model", "article", "I love this"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )
    assert done.stdout.startswith("positive sentiment; "), done.stderr


def test_the_wheel_holds_the_program_and_its_models_only(installed: Path) -> None:
    tops = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"sentiment_repl"}
    models = {path.name for path in (installed / "sentiment_repl" / "models").iterdir()}
    assert models == {
        path.name for path in (REPOSITORY / "artifacts").iterdir() if path.name[0] != "."
    }


def test_the_wheel_holds_the_data_of_each_package(installed: Path) -> None:
    data = [path.relative_to(REPOSITORY) for path in REPOSITORY.glob("sentiment_repl/**/*.json")]
    assert Path("sentiment_repl/serve/openapi.json") in data
    assert [path for path in data if not (installed / path).exists()] == []


def test_the_prompt_needs_no_tensorflow(installed: Path) -> None:
    (metadata,) = installed.glob("*.dist-info/METADATA")
    needed = {
        line.removeprefix("Requires-Dist: ").split(">")[0].replace("_", "-")
        for line in metadata.read_text(encoding="utf-8").splitlines()
        if line.startswith("Requires-Dist: ") and "extra ==" not in line
    }
    assert needed == {"numpy", "platformdirs", "prompt-toolkit", "threadpoolctl", "wcwidth"}
