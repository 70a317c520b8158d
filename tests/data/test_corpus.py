from collections import Counter

import numpy as np
import pytest

from sentiment_repl.data.corpus import Corpus
from sentiment_repl.data.corpus_encoder import BagOfWordsCorpusEncoder
from sentiment_repl.data.sources import Earlier, Example
from sentiment_repl.data.split import is_held_out
from sentiment_repl.data.targets import NO_LABEL
from sentiment_repl.errors import DataError
from sentiment_repl.text.article_tokenizer import tokenize
from tests.data.conftest import CLASSES, THREE, Build, Examples, random_examples


def sides(examples: list[Example]) -> tuple[list[Example], list[Example]]:
    return tuple([e for e in examples if is_held_out(e.text, 1) is held] for held in (False, True))  # type: ignore[return-value]


def ids_of(corpus: Corpus, words: str) -> list[int]:
    return [4 * corpus.vocabulary[word] for word in words.split()]


def test_vocabulary_and_bags_follow_from_the_training_texts(
    examples: list[Example], build: Build
) -> None:
    corpus = build(examples, encoder=BagOfWordsCorpusEncoder(), vocabulary_size=10)
    # The words of held-out texts are not counted.
    counts = Counter(word for example in sides(examples)[0] for word in tokenize(example.text))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    assert corpus.vocabulary == {word: i for i, word in enumerate(ranked[:9], start=1)}
    for side, texts in zip(sides(examples), (corpus.training, corpus.held_out)):
        ids = [{corpus.vocabulary.get(w, 0) for w in tokenize(e.text)} - {0} for e in side]
        assert texts.lists() == [sorted(bag) for bag in ids]
        assert texts.lengths.tolist() == [len(bag) for bag in ids]
        assert texts.labels.tolist() == [CLASSES.index(example.label) for example in side]
        assert texts.targets.tolist() == np.eye(2)[texts.labels].tolist()
        assert set(texts.weights.tolist()) == {1.0} and texts.is_judged.all()


def test_a_given_vocabulary_is_kept(examples: list[Example], build: Build) -> None:
    vocabulary = {"c": 1, "unseen": 2, "a": 3}
    corpus = build(examples, vocabulary=vocabulary)
    assert corpus.vocabulary == vocabulary
    assert set(corpus.training.ids.tolist()) == {4, 12}


def test_a_source_that_is_not_measured_adds_to_the_training_texts_alone(
    examples: list[Example], build: Build
) -> None:
    plain = build(examples)
    # A held-out text is trained on from no source.
    held_out = [Example(e.text.upper(), "positive") for e in sides(examples)[1]]
    added = [Example("a b", "neutral"), Example("zyx a", "negative")]
    source = Examples([*held_out, *added], "added", weight=2.0, is_measured=False)
    more = build(examples, source)
    assert len(held_out) == len(plain.held_out) > 0
    training = [example.text for example in sides(examples)[0]]
    assert source.asked == [Earlier(len(training), training)]
    assert [(rows.name, rows.training, rows.held_out) for rows in more.sources] == [
        ("given", len(plain.training), len(plain.held_out)), ("added", 2, 0),
    ]  # fmt: skip
    assert more.training.lists()[-2:] == [ids_of(more, "a b"), ids_of(more, "a")]
    # A neutral text is half of each to a model without that label.
    assert more.classes == CLASSES
    assert more.training.targets[-2:].tolist() == [[0.5, 0.5], [1, 0]]
    assert more.training.labels[-2:].tolist() == [NO_LABEL, 0]
    assert more.training.weights[-2:].tolist() == [2, 2]
    assert more.training.sources[-3:].tolist() == [0, 1, 1]
    assert more.held_out.lists() == plain.held_out.lists()
    # It does not change which words the model knows.
    assert (more.vocabulary, more.fingerprint) == (plain.vocabulary, plain.fingerprint)


def test_the_data_decides_whether_there_is_a_neutral_class(
    examples: list[Example], build: Build
) -> None:
    human = Examples(random_examples(THREE, 300, seed=9), "human")
    corpus = build(examples, human)
    assert corpus.classes == THREE
    for texts in corpus.training, corpus.held_out:
        is_human = texts.sources == 1
        assert (texts.is_judged == is_human).all() and is_human.any()
        # An emoticon says nothing about the neutral class.
        assert np.isnan(texts.targets[~is_human, 1]).all()
        assert (texts.targets[~is_human, 2] == (texts.labels[~is_human] == 2)).all()
        assert (texts.targets[is_human].argmax(axis=1) == texts.labels[is_human]).all()
    two = build(examples, human, classes=CLASSES)
    assert two.classes == CLASSES and not np.isnan(two.training.targets).any()
    assert two.sources[1].labels["neutral"] == 100
    assert two.sources[1].training + two.sources[1].held_out == 200


def test_the_neutral_texts_of_both_sides_decide_about_a_source(
    examples: list[Example], build: Build
) -> None:
    neutral = [Example(f"n {i}", "neutral") for i in range(100)]
    for side in sides(neutral):
        human = Examples([*random_examples(CLASSES, 300, seed=9), side[0]])
        corpus = build(examples, human)
        for texts in corpus.training, corpus.held_out:
            assert (texts.is_judged == (texts.sources == 1)).all()


def test_a_corpus_may_have_hundreds_of_sources(examples: list[Example], build: Build) -> None:
    corpus = build([], *(Examples([example]) for example in examples))
    assert corpus.training.sources.max() > 255
    assert len(corpus.sources) == len(examples) + 1


def test_a_word_counts_as_often_as_an_epoch_reads_it(build: Build) -> None:
    def with_word(word: str, count: int) -> list[Example]:
        examples = random_examples(CLASSES, count, seed=count)
        return [e._replace(text=f"{word} {word} {word} {word} {e.text}") for e in examples]

    many, few = with_word("many", 1000), Examples(with_word("few", 400))
    assert list(build(many, few).vocabulary)[:2] == ["many", "few"]
    assert list(build(many, few, epoch_rows=500).vocabulary)[:2] == ["many", "few"]
    third = Examples(with_word("few", 300))
    assert list(build(many, few, third, epoch_rows=500).vocabulary)[:2] == ["few", "many"]


def test_a_teacher_answers_the_training_texts_of_measured_sources(
    examples: list[Example], build: Build
) -> None:
    def teach(taught: list[Example]) -> list[Example]:
        return [example._replace(soft=(0.2, 0.3, 0.5)) for example in taught]

    human, added = Examples(random_examples(THREE, 300, seed=9)), random_examples(THREE, 30, seed=5)
    source = Examples(added, is_measured=False)
    corpus = build(examples, human, source, classes=THREE, teach=teach)
    plain = build(examples, human, source, classes=THREE)
    targets, labels = corpus.training.targets, corpus.training.labels
    taught = corpus.training.sources == 1
    hard = plain.training.targets[taught]
    np.testing.assert_allclose(targets[taught], 0.7 * np.array([0.2, 0.3, 0.5]) + 0.3 * hard)
    # The teacher decides how neutral a tweet is, and its emoticon shares out the rest.
    positive = targets[(corpus.training.sources == 0) & (labels == 2)]
    np.testing.assert_allclose(positive, len(positive) * [[0.14, 0.3, 0.35 + 0.3 * 0.7]], rtol=1e-6)
    assert (targets[corpus.training.sources == 2] == np.eye(3)[labels[-len(added) :]]).all()
    np.testing.assert_array_equal(corpus.held_out.targets, plain.held_out.targets)
    assert corpus.fingerprint == plain.fingerprint


def test_the_fingerprint_is_of_labels_texts_and_order(
    examples: list[Example], build: Build
) -> None:
    first, *others = examples
    fingerprint = build(examples).fingerprint
    assert build(iter(examples), encoder=BagOfWordsCorpusEncoder()).fingerprint == fingerprint
    changed = first._replace(label="positive"), first._replace(text=first.text + "!")
    for different in ([changed[0], *others], [changed[1], *others], [*others, first], others):
        assert build(different).fingerprint != fingerprint


@pytest.mark.parametrize(
    ("examples", "complaint"),
    [
        ([], "no usable row; rows with the labels negative, positive are needed"),
        ([Example(str(i), "positive") for i in range(100)], "no row has the label negative"),
        ([Example("a", "negative"), Example("b", "positive")], "2 rows are too few"),
    ],
)
def test_data_that_cannot_train_is_refused(
    examples: list[Example], complaint: str, build: Build
) -> None:
    with pytest.raises(DataError, match=complaint):
        build(examples)


def test_a_model_with_neutral_texts_says_where_to_find_some(
    examples: list[Example], build: Build
) -> None:
    with pytest.raises(DataError, match=r"label neutral; .*; --data human FILE adds public ones"):
        build(examples, classes=THREE)
