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
    return [
        labelled(CLASSES[i % 2], " ".join(rng.choices("abcdefghijklmnop", k=8)))
        for i in range(500)
    ]


Build = Callable[..., Corpus]


@pytest.fixture
def build() -> Build:
    """Build a corpus with few words."""

    def build(
        examples: Iterable[Example], *sources: Source, seed: int = 1, **options: object
    ) -> Corpus:
        defaults = {
            "classes": CLASSES,
            "encoder": TokenCorpusEncoder(),
            "seed": seed,
            "vocabulary_size": 100,
        }
        return build_corpus(examples, sources, **{**defaults, **options})

    return build
