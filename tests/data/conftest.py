"""Fixtures: a small corpus of labelled examples, and a way to build it."""

import random
from collections.abc import Callable, Iterable

import pytest

from sentiment_repl.data.corpus import Corpus, build_corpus
from sentiment_repl.data.corpus_encoder import TokenCorpusEncoder
from sentiment_repl.data.sources import Example, Source, label_probabilities

CLASSES = ("negative", "positive")


def labelled(label: str, text: str) -> Example:
    return Example(label_probabilities(label, CLASSES), text, label=CLASSES.index(label))


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """500 texts of 8 random letters each, every other one positive."""
    rng = random.Random(0)
    texts = [" ".join(rng.choices("abcdefghijklmnop", k=8)) for _ in range(500)]
    return [labelled(CLASSES[i % 2], text) for i, text in enumerate(texts)]


Build = Callable[..., Corpus]


@pytest.fixture
def build() -> Build:
    """Build a corpus of at most 99 words. A keyword replaces an argument."""

    def build(examples: Iterable[Example], *sources: Source, **others: object) -> Corpus:
        arguments = {"encoder": TokenCorpusEncoder(), "seed": 1, "vocabulary_size": 100}
        return build_corpus(examples, sources, **{"classes": CLASSES, **arguments, **others})

    return build
