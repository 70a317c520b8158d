"""Twice as much input takes twice as many steps, and not more memory than the limit of a test."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl import Classifier, load
from sentiment_repl.prediction import LONGEST_TEXT
from tests.fuzz.conftest import RunCli, memory_limit, share
from tests.fuzz.strategies import CHARACTERS, ENTITIES, LONG, PARTS, SYMBOLS

pytestmark = pytest.mark.slow

SIZE = 2000  # characters
QUOTING = st.text('",;\t\n\\ a', min_size=1, max_size=6)
SHORT = st.text(CHARACTERS, min_size=1, max_size=3)
UNITS = (QUOTING | SHORT | ENTITIES | SYMBOLS | LONG | PARTS).filter(
    lambda unit: 0 < len(unit) <= 200
)
SHAPES: dict[str, Callable[[str, int], str]] = {
    "rows": lambda unit, times: "id,text\n" + f"1,{unit}\n" * times,
    "a cell": lambda unit, times: f'id,text\n1,"{unit * times}"\n2,good\n',
    "fields": lambda unit, times: f"text,id{f',{unit}' * times}\ngood,1{',x' * times}\n",
    "equal names": lambda unit, times: f"text{',x' * times}\ngood{f',{unit}' * times}\n",
}
"""Each repeats a unit in a table."""


def count_steps(run: Callable[[], object]) -> int:
    """Return how many functions are called."""
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        with memory_limit():
            run()
    finally:
        sys.setprofile(None)
    return steps


def assert_linear(run: Callable[[int], object], times: int) -> None:
    run(times)  # what is loaded once is not counted
    one, four = (count_steps(lambda n=n: run(n)) for n in (times, 4 * times))
    assert four < 5 * one + 1000  # quadratic: 16


@pytest.fixture(scope="module", params=["article", "default"])
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return load(request.param)


@share(20)
@given(UNITS, st.booleans())
def test_a_text(classifier, unit, explain) -> None:
    assert_linear(
        lambda times: classifier.classify(unit * times, explain=explain), SIZE // len(unit)
    )


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
@pytest.mark.parametrize("shape", SHAPES)
@share(20)
@given(unit=UNITS)
def test_a_table(run_cli: RunCli, tmp_path: Path, shape, target, unit) -> None:
    def classify(times: int) -> None:
        content = SHAPES[shape](unit, times)
        (tmp_path / "in.csv").write_text(content, "utf-8", "surrogatepass", newline="")
        args = ["--input", tmp_path / "in.csv", "--output", tmp_path / target]
        run_cli("--model", "article", *args)

    assert_linear(classify, SIZE // len(unit))


@share(120)
@given(UNITS | st.sampled_from(["\N{FIRE}", ",", "\ufdfa", "good ", "\0"]), st.booleans())
def test_the_longest_text(classifier, unit, explain) -> None:
    with memory_limit():
        classifier.classify((unit * LONGEST_TEXT)[:LONGEST_TEXT], explain=explain)
