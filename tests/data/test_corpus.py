from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from sentiment_repl.data.corpus import NO_LABEL, split_examples
from sentiment_repl.data.corpus_encoder import BagOfWordsCorpusEncoder
from sentiment_repl.data.sources import Example
from sentiment_repl.data.split import is_held_out
from sentiment_repl.errors import DataError
from sentiment_repl.text.article_tokenizer import tokenize
from tests.data.conftest import CLASSES, Build, labelled


def test_vocabulary_and_bags_follow_from_the_training_texts(
    examples: list[Example], build: Build
) -> None:
    corpus = build(examples, encoder=BagOfWordsCorpusEncoder(), vocabulary_size=10)
    sides = split_examples(examples, CLASSES, seed=1)
    # The words of held-out texts are not counted.
    counts = Counter(word for example in sides[0] for word in tokenize(example.text))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    assert corpus.vocabulary == {word: i for i, word in enumerate(ranked[:9], start=1)}
    for side, texts in zip(sides, (corpus.training, corpus.held_out)):
        ids = [{corpus.vocabulary.get(w, 0) for w in tokenize(e.text)} - {0} for e in side]
        assert texts.lists() == [sorted(bag) for bag in ids]
        assert texts.lengths.tolist() == [len(bag) for bag in ids]
        assert texts.labels.tolist() == [example.label for example in side]
        assert texts.targets.tolist() == [list(example.probabilities) for example in side]
        assert set(texts.weights.tolist()) == {1.0}
    assert corpus.labelled_training_rows == len(sides[0])


def test_a_given_vocabulary_is_kept(examples: list[Example], build: Build) -> None:
    vocabulary = {"c": 1, "unseen": 2, "a": 3}
    corpus = build(examples, vocabulary=vocabulary)
    assert corpus.vocabulary == vocabulary
    assert set(corpus.training.ids.tolist()) == {4, 12}


def test_a_source_adds_to_the_training_texts_alone(examples: list[Example], build: Build) -> None:
    plain = build(examples)
    # A held-out text is trained on from no source.
    held_out = [Example((0, 1), e.text.upper()) for e in examples if is_held_out(e.text, 1)]
    added = Example((0.25, 0.75), "a b", weight=2.0), labelled("negative", "zyx a")
    rows: list[int] = []

    def examples_of_source(labelled_rows: int) -> Iterator[Example]:
        rows.append(labelled_rows)
        return iter([*held_out, *added])

    more = build(examples, SimpleNamespace(name="fixed", examples=examples_of_source))
    assert rows == [len(examples)]
    assert more.added == {"fixed": 2} and len(held_out) == len(plain.held_out) > 0
    assert more.labelled_training_rows == len(plain.training)
    ids = [4 * more.vocabulary[word] for word in "ab"]
    assert more.training.lists() == [*plain.training.lists(), ids, ids[:1]]
    assert more.training.targets[-2:].tolist() == [[0.25, 0.75], [1, 0]]
    assert more.training.weights[-2:].tolist() == [2, 1]
    assert more.training.labels[-2:].tolist() == [NO_LABEL, 0]
    assert more.held_out.lists() == plain.held_out.lists()
    # A source does not change what the model is measured on, or which words it knows.
    assert (more.vocabulary, more.fingerprint) == (plain.vocabulary, plain.fingerprint)


def test_the_fingerprint_is_of_labels_texts_and_order(
    examples: list[Example], build: Build
) -> None:
    first, *others = examples
    fingerprint = build(examples).fingerprint
    assert build(iter(examples), encoder=BagOfWordsCorpusEncoder()).fingerprint == fingerprint
    assert build([first._replace(probabilities=(0.5, 0.5)), *others]).fingerprint == fingerprint
    changed = labelled("positive", first.text), first._replace(text=first.text + "!")
    for different in ([changed[0], *others], [changed[1], *others], [*others, first], others):
        assert build(different).fingerprint != fingerprint


@pytest.mark.parametrize(
    ("examples", "complaint"),
    [
        ([], "no usable row; rows with the labels negative, positive are needed"),
        ([labelled("positive", str(i)) for i in range(100)], "no row has the label negative"),
        ([labelled("negative", "a"), labelled("positive", "b")], "2 rows are too few"),
    ],
)
def test_data_that_cannot_train_is_refused(
    examples: list[Example], complaint: str, build: Build
) -> None:
    with pytest.raises(DataError, match=complaint):
        build(examples)
    with pytest.raises(DataError, match=complaint):
        split_examples(examples, CLASSES, seed=1)


def test_three_classes_need_no_other_code(examples: list[Example], build: Build) -> None:
    three = [Example(tuple(np.eye(3)[i % 3]), e.text, label=i % 3) for i, e in enumerate(examples)]
    training = build(three, classes=("negative", "neutral", "positive")).training
    assert training.targets.shape == (len(training), 3)
    assert (training.targets.argmax(axis=1) == training.labels).all()
