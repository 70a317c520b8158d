import pytest

from sentiment_repl.data.crowd_ratings import RatedText
from sentiment_repl.data.labels import LabelledText
from sentiment_repl.data.sources import (
    CrowdRatedTexts,
    Example,
    SyntheticSentences,
    labelled_examples,
    sampled,
)
from tests.data.conftest import CLASSES

THREE = ("negative", "neutral", "positive")


def test_rows_with_a_label_of_the_model_become_examples() -> None:
    rows = [LabelledText(label, f"a {label} text") for label in THREE]
    negative, positive = labelled_examples(rows, CLASSES)
    assert negative == Example((1, 0), "a negative text", label=0)
    assert positive == Example((0, 1), "a positive text", label=1)
    assert [example[::3] for example in labelled_examples(rows, THREE)] == [
        ((1, 0, 0), 0), ((0, 1, 0), 1), ((0, 0, 1), 2),
    ]  # fmt: skip


def test_a_sample_is_random_in_order_and_repeatable() -> None:
    examples = [Example((1, 0), str(i), label=0) for i in range(1000)]

    def numbers(size: int | None, seed: int = 1) -> list[int]:
        return [int(example.text) for example in sampled(examples, size, seed)]

    chosen = numbers(100)
    assert chosen == sorted(set(chosen)) and len(chosen) == 100
    assert 300 < sum(chosen) / 100 < 700  # from all of them
    assert chosen == numbers(100) != numbers(100, seed=2)
    assert numbers(None) == numbers(10**9) == list(range(1000))


def test_crowd_rated_texts_count_a_quarter_of_the_labelled_rows_at_most() -> None:
    texts = [RatedText(i / 100 - 4, f"text {i}") for i in range(800)]
    source = CrowdRatedTexts(texts, CLASSES, seed=1)
    all_examples = list(source.examples(10_000))
    for example, rated in zip(all_examples, texts, strict=True):
        positive = rated.positive_probability
        assert example.probabilities == pytest.approx((1 - positive, positive))
        assert example[1:] == (rated.text, 2, None)
    some = list(source.examples(800))
    assert len(some) == 800 // 4 // 2 and set(some) < set(all_examples)
    assert some == list(source.examples(800))
    assert len(list(source.examples(3))) == 1


def test_synthetic_sentences_are_a_share_of_the_labelled_rows() -> None:
    """A neutral sentence is half of each to a model without that label."""
    two, three = (
        list(SyntheticSentences(0.05, classes, seed=1).examples(20_000))
        for classes in (CLASSES, THREE)
    )
    assert len(two) == 1000
    assert [example.text for example in two] == [example.text for example in three]
    assert {(e.probabilities, e.label, e.weight) for e in two} == {
        ((1, 0), 0, 1), ((0.5, 0.5), None, 1), ((0, 1), 1, 1),
    }  # fmt: skip
    assert {(e.probabilities, e.label) for e in three} == {
        ((1, 0, 0), 0), ((0, 1, 0), 1), ((0, 0, 1), 2),
    }  # fmt: skip
    assert not list(SyntheticSentences(0.0, CLASSES, seed=1).examples(20_000))
