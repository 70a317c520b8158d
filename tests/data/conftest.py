"""Fixtures: a small corpus of labelled examples, and a way to build it."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from sentiment_repl.data.corpus import Corpus, build_corpus
from sentiment_repl.data.corpus_encoder import TokenCorpusEncoder
from sentiment_repl.data.sources import Earlier, Example, Source

CLASSES = ("negative", "positive")
THREE = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class Examples:
    """A source of given examples."""

    given: Sequence[Example]
    name: str = "given"
    weight: float = 1.0
    licence: str | None = None
    is_measured: bool = True
    asked: list[Earlier] = field(default_factory=list)
    """What it was called with."""

    def examples(self, earlier: Earlier) -> Sequence[Example]:
        self.asked.append(earlier)
        return self.given


def random_examples(labels: Sequence[str], count: int = 500, seed: int = 0) -> list[Example]:
    """Return texts of 8 random letters each. The labels take turns."""
    rng = random.Random(seed)
    texts = [" ".join(rng.choices("abcdefghijklmnop", k=8)) for _ in range(count)]
    return [Example(text, labels[i % len(labels)]) for i, text in enumerate(texts)]


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """500 texts, every other one positive."""
    return random_examples(CLASSES)


Build = Callable[..., Corpus]


@pytest.fixture
def build() -> Build:
    """Build a corpus of at most 99 words. A keyword replaces an argument."""

    def build(examples: Iterable[Example], *sources: Source, **others: object) -> Corpus:
        arguments = {"encoder": TokenCorpusEncoder(), "seed": 1, "vocabulary_size": 100}
        return build_corpus([Examples(list(examples)), *sources], **{**arguments, **others})

    return build
