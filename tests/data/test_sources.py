from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from sentiment_repl.data.sources import (
    DataFile,
    Earlier,
    Example,
    LabelledFile,
    RewrittenTexts,
    SyntheticSentences,
    sampled,
)
from sentiment_repl.data.split import is_held_out
from sentiment_repl.files.tally import Tally
from tests.data.conftest import THREE


def test_a_sample_is_random_in_order_and_repeatable() -> None:
    def numbers(size: int | None, seed: int = 1) -> list[int]:
        return sampled(range(1000), size, seed)

    chosen = numbers(100)
    assert chosen == sorted(set(chosen)) and len(chosen) == 100
    assert 300 < sum(chosen) / 100 < 700  # from all of them
    assert chosen == numbers(100) != numbers(100, seed=2)
    assert numbers(None) == numbers(10**9) == list(range(1000))


def test_a_file_of_labelled_texts_is_a_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.csv"
    path.write_text("label,text\npos,a\nneutral,b\n,ever\nneg,c\n")
    expected = [Example("a", "positive"), Example("b", "neutral"), Example("c", "negative")]
    with Tally() as tally:
        assert LabelledFile(DataFile(path, "own"), tally, seed=1).examples() == expected
    assert f"{path}:4: no label" in capsys.readouterr().err
    limited = DataFile(path, "own", limit=2)
    assert len(LabelledFile(limited, Tally(), seed=1).examples()) == 2
    assert len(LabelledFile(limited, Tally(), seed=1, rows=1).examples()) == 1


def test_a_file_that_repeats_a_few_texts_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.csv"

    def read(*texts: str) -> str:
        path.write_text("label,text\n" + "".join(f"pos,{text}\nneg,not {text}\n" for text in texts))
        LabelledFile(DataFile(path, "own"), Tally(), seed=1).examples()
        return capsys.readouterr().err

    # The split counts them as one text.
    repeated = read(*["Good day!", "good day"] * 50)
    assert repeated.startswith(f"{path}: its 200 rows hold 2 different texts; ")
    assert not read(*map(str, range(100)), *map(str, range(100)))
    assert not read("a", "a", "b")


def test_synthetic_sentences_are_a_share_of_the_other_rows() -> None:
    source = SyntheticSentences(0.05, seed=1)
    sentences = list(source.examples(Earlier(20_000)))
    assert len(sentences) == 1000 and sentences == list(source.examples(Earlier(20_000)))
    assert min(Counter(example.label for example in sentences)[label] for label in THREE) > 100
    assert not list(SyntheticSentences(0.0, seed=1).examples(Earlier(20_000)))


def test_rewritten_texts_have_the_label_of_the_teacher() -> None:
    asked: list[str] = []

    def teach(examples: Sequence[Example]) -> list[Example]:
        asked.extend(example.text for example in examples)
        answers = [(0.7, 0.1, 0.2) if "not" in text.split() else (0.1, 0.4, 0.5) for text in asked]
        return [example._replace(soft=soft) for example, soft in zip(examples[:-1], answers)]

    source = RewrittenTexts(500, seed=1, classes=THREE, teach=teach)
    texts = [f"the {number} is good , we loved it" for number in range(100)]
    examples = list(source.examples(Earlier(100, texts)))
    # The last text has no answer, so it is left out.
    assert [example.text for example in examples] == asked[:-1] and 50 < len(asked) <= 200
    assert {(example.label, "not" in example.text.split()) for example in examples} == {
        ("negative", True), ("positive", False)
    }  # fmt: skip
    # A text of the held-out side of the split is not even asked about, and no text twice.
    assert not any(is_held_out(text, 1) for text in asked)
    assert len({text.lower() for text in asked}) == len(asked)
    assert list(source.examples(Earlier())) == []
