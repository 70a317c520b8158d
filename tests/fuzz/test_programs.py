"""The training and evaluation programs with hostile options, file names, texts and models."""

import shutil
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl import program
from sentiment_repl.evaluation.__main__ import main as evaluate
from sentiment_repl.evaluation.audit.__main__ import main as audit
from sentiment_repl.model_folder import MANIFEST
from sentiment_repl.training.__main__ import main as train
from tests.conftest import bag_model
from tests.fuzz.conftest import assert_harmless, memory_limit, share
from tests.fuzz.models import DAMAGES, add_metrics, read_files, repair_checksums
from tests.fuzz.strategies import CELLS, TEXTS

OPTIONS = [
    "--artifacts", "--model", "--init-from", "--output", "--seed", "--epochs", "--labels", "--json",
    "--label-column", "--text-column", "--no-neutral", "--reliability", "--only", "bias", "--",
]  # fmt: skip
WORDS = TEXTS.filter(lambda text: "\0" not in text)
# A name has at most 255 bytes; escape sequences are short.
NAMES = WORDS.map(lambda text: text.replace("/", "")[:60]).filter(lambda name: name.strip("."))
ROWS = st.lists(st.tuples(st.sampled_from(["neg", "pos", "neutral"]), CELLS), max_size=9)


@pytest.fixture
def run_main(monkeypatch, capsys) -> Callable[..., tuple[int, str]]:
    """Run a program in this process. Return its exit code and all that it prints."""

    def run_main(main: Callable[[], int], *args: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["program", *map(str, args)])
        try:
            with memory_limit():
                code = program.run_safely(main, "program")
        except SystemExit as end:
            code = int(end.code or 0)
        printed = "".join(capsys.readouterr())
        assert_harmless(printed)
        return code, printed

    return run_main


@pytest.mark.parametrize("main", [evaluate, audit, train])
@share(4)
@given(st.lists(st.sampled_from(OPTIONS) | WORDS, max_size=5))
def test_any_arguments(run_main, tmp_path, monkeypatch, main, arguments) -> None:
    monkeypatch.chdir(tmp_path)
    # An option that no program has. Otherwise a training could start.
    code, _ = run_main(main, "--nonsense", *arguments)
    assert code == 2


@share(4)
@given(st.lists(NAMES, min_size=1, max_size=3, unique=True), NAMES, ROWS, st.booleans())
def test_any_names_of_files_and_any_texts(
    run_main, tmp_path_factory, names, model, rows, as_json
) -> None:
    folder = tmp_path_factory.mktemp("names")
    files = [folder / f"{name}.tsv" for name in names]
    lines = (f"{label}\t{' '.join(text.split())}" for label, text in rows)
    content = "\n".join(["label\ttext", *lines]).encode()
    try:
        for file in files:
            file.write_bytes(content)
        artifacts = bag_model(folder / model, {"good": 1, "bad": -1})
    except (OSError, UnicodeError):  # the system has no such names
        return
    options = ["--json"] if as_json else ["--reliability"]
    code, printed = run_main(evaluate, "--artifacts", artifacts, *options, *files)
    assert code in (0, 1)
    assert code == 0 or printed.splitlines()[-1].startswith("program: ")


@pytest.mark.parametrize("kind", DAMAGES)
@share(10)
@given(data=st.data(), is_repaired=st.booleans())
def test_a_damaged_model(run_main, tmp_path, kind, data, is_repaired) -> None:
    folder, texts = tmp_path / "model", tmp_path / "texts.tsv"
    shutil.rmtree(folder, ignore_errors=True)
    sound = read_files(add_metrics(bag_model(folder, {"good": 1, "bad": -1})))
    files = dict(sound)
    DAMAGES[kind](data.draw, files)
    if is_repaired:
        repair_checksums(files)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    texts.write_text("label\ttext\n" + "".join(f"pos\tgood {n}\nneg\tbad\n" for n in range(40)))
    code, _ = run_main(evaluate, texts, "--artifacts", folder)
    assert code in (0, 1, 2)
    code, _ = run_main(audit, texts, "--only", "model", "--json", "--artifacts", folder)
    assert code in ((0, 1, 2) if is_repaired or files[MANIFEST] != sound[MANIFEST] else (0, 2))
    assert files != sound or code == 0
