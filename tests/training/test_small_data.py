"""Small trainings say what their figures are worth."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from sentiment_repl.data.split import is_held_out
from sentiment_repl.errors import DataError
from sentiment_repl.training import train as train_module
from sentiment_repl.training.small_data import describe_guessing
from sentiment_repl.training.train import Options, train
from tests.conftest import REPOSITORY
from tests.training.conftest import MakeOptions

ReportBefore = Callable[[Options], list[str]]
TEXTS = [str(number) for number in range(500)]
HELD_OUT = [text for text in TEXTS if is_held_out(text, 1)]
TRAINING = [text for text in TEXTS if not is_held_out(text, 1)]


@pytest.fixture
def report_before(monkeypatch: pytest.MonkeyPatch) -> ReportBefore:
    """Return what a training reports before the network is fitted."""

    def fit(*args: object, **options: object) -> NoReturn:
        raise InterruptedError

    def report_before(options: Options) -> list[str]:
        sentences: list[str] = []
        monkeypatch.setattr(train_module, "fit", fit)
        with pytest.raises(InterruptedError):
            train(options, report=sentences.append)
        return sentences[3:]

    return report_before


def table(path: Path, **texts: list[str]) -> Path:
    rows = [f"{label},{text}" for label, of_label in texts.items() for text in of_label]
    path.write_text("\n".join(["label,text", *rows]) + "\n")
    return path


@pytest.mark.parametrize("name", ["default", "article"])
def test_few_rows_recommend_to_fine_tune_the_shipped_model(
    make_options: MakeOptions, report_before: ReportBefore, tmp_path: Path, name: str
) -> None:
    three = table(tmp_path / "a.csv", neg=TEXTS[:150], neutral=TEXTS[150:300], pos=TEXTS[300:])
    (advice, *_) = report_before(make_options(name, tmp_path / "model", data=[three]))
    assert f"--init-from {REPOSITORY / 'artifacts' / name} --output " in advice
    assert "human" not in advice


def test_few_rows_without_neutral_texts_need_those_of_others(
    make_options: MakeOptions, report_before: ReportBefore, data: Path, tmp_path: Path
) -> None:
    (advice,) = report_before(make_options("default", tmp_path / "model"))
    assert advice.startswith("3,000 rows are few ") and "human" in advice
    (advice,) = report_before(make_options("article", tmp_path / "model"))
    assert "human" not in advice  # its model has no neutral label


def test_many_rows_and_a_fine_tuning_need_no_advice(
    make_options: MakeOptions, report_before: ReportBefore, data: Path, tmp_path: Path
) -> None:
    many = tmp_path / "many.csv"
    header, *rows = data.read_text().splitlines()
    many.write_text("\n".join([header, *(f"{row} {i}" for i in range(4) for row in rows)]))
    assert not report_before(make_options("article", tmp_path / "model", data=[many]))
    article = REPOSITORY / "artifacts" / "article"
    assert not report_before(make_options("article", tmp_path / "model", init_from=article))


def test_a_class_without_held_out_texts_is_named(
    make_options: MakeOptions, report_before: ReportBefore, tmp_path: Path
) -> None:
    path = table(tmp_path / "a.csv", neg=TRAINING[:99], neutral=HELD_OUT[:9], pos=TRAINING[99:])
    _, *sentences = report_before(make_options("default", tmp_path / "model", data=[path]))
    assert [sentence.partition(":")[0] for sentence in sentences] == [
        "None of the 9 held-out texts is negative",
        "None of the 9 held-out texts is positive",
    ]


def test_three_labels_without_a_neutral_held_out_text_are_refused_before_the_training(
    make_options: MakeOptions, data: Path, tmp_path: Path
) -> None:
    path = table(tmp_path / "a.csv", neg=TRAINING[:9], neutral=TRAINING[9:18], pos=TRAINING[18:27])
    options = make_options("default", tmp_path / "model", data=[data, path])
    with pytest.raises(DataError, match="none of the .* held-out texts is neutral.*neutral=skip"):
        train(options)


@pytest.mark.parametrize(
    ("confusion", "guesses"),
    [
        ([[10, 10], [10, 10]], True),
        ([[0, 30], [0, 70]], True),  # always the same answer
        ([[9, 6], [6, 9]], True),  # 60 % of 30 texts
        ([[600, 400], [400, 600]], False),  # 60 % of 2,000 texts
        ([[5, 5], [0, 90]], False),  # 95 % where always positive gives 90 %
        ([[38, 31, 31], [31, 38, 31], [31, 31, 38]], True),
        ([[80, 10, 10], [10, 80, 10], [10, 10, 80]], False),
        ([[0, 0], [50, 50]], False),  # one class says nothing
    ],
)
def test_a_model_at_chance(confusion: list[list[int]], guesses: bool) -> None:
    sentence = describe_guessing(confusion, fine_tuned=False)
    assert (sentence is not None) is guesses
    if sentence:
        rows = sum(map(sum, confusion))
        assert f"{rows} held-out texts" in sentence and "--init-from" in sentence
        assert "--init-from" not in str(describe_guessing(confusion, fine_tuned=True))


@pytest.mark.slow
def test_a_training_on_random_labels_says_so(make_options: MakeOptions, tmp_path: Path) -> None:
    rng = random.Random(0)
    texts = [" ".join(rng.choices("abcdefghijklmnop", k=8)) for _ in range(300)]
    path = table(tmp_path / "a.csv", neg=texts[::2], pos=texts[1::2])
    sentences: list[str] = []
    train(make_options("article", tmp_path / "model", data=[path]), report=sentences.append)
    assert sentences[-1].startswith("The model is no better than guessing")
