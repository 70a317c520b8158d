import random
import re
from itertools import islice, permutations

import numpy as np
import pytest

from sentiment_repl.errors import DataError
from sentiment_repl.text.article_tokenizer import tokenize
from sentiment_repl.data.corpus import RATED, STATED, Bags, Corpus, held_back, prepare, split_key, texts
from sentiment_repl.data.crowd_ratings import Rated
from sentiment_repl.data.labels import Row
from sentiment_repl.text.social_tokenizer import STYLES

RNG = random.Random(0)
ROWS = [Row(i % 2, " ".join(RNG.choices("abcdefghijklmnop", k=8))) for i in range(500)]


def make(rows: list[Row], **options: object) -> Corpus:
    return prepare(rows, **{"vocabulary_size": 10, "seed": 1, "sample": None, **options})


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Good  Morning", "good morning!"),
        ("@anna hi http://a.b/c", "USER hi URL"),
        ("@anna hi www.a.b/c", "@bob hi https://x.y"),
        ("fish &amp; chips", "fish & chips"),
        ("&quot;so&quot;", '"so"'),
        ("see HTTP://A.b/c", "see http://x.y"),
        ("awww...", "awww!"),
        ("so happy \u2665", "So happy."),
        ("don't", "dont"),
    ],
)
def test_the_same_text_for_the_split(a: str, b: str) -> None:
    assert split_key(a) == split_key(b)
    assert split_key(a + " not") != split_key(b)


def test_the_split_depends_on_text_and_seed_alone() -> None:
    texts = [text for _, text in ROWS]
    assert any(held_back(text, 1) != held_back(text, 2) for text in texts)
    assert all(held_back(text, 1) == held_back(text.upper() + "!", 1) for text in texts)
    assert 0.05 < np.mean([held_back(text, 1) for text in texts]) < 0.15


def test_no_text_on_both_sides(real_tweets: list[tuple[int, str]]) -> None:
    """By a rule of this test's own for what is the same text."""

    def plain(text: str) -> str:
        words = re.sub(r"&\w+;|'", "", text.lower()).split()
        words = ["url" if w.startswith(("http://", "https://")) else w for w in words]
        words = ["user" if w[0] == "@" and w[1:].isalnum() else w for w in words]
        return " ".join("".join(c if c.isalnum() else " " for c in w) for w in words).strip()

    sides: dict[str, set[bool]] = {}
    for _, text in real_tweets:
        sides.setdefault(plain(text), set()).add(held_back(text, 1))
    sides.pop("", None)
    assert len(sides) < len(real_tweets) - 100  # there are repeats to be told
    assert sum(len(side) == 2 for side in sides.values()) == 0


def test_bags_and_dictionary_are_those_of_a_plain_reckoning() -> None:
    corpus = make(ROWS)
    training = [row for row in ROWS if not held_back(row.text, 1)]
    validation = [row for row in ROWS if held_back(row.text, 1)]
    counts: dict[str, int] = {}
    for row in training:  # not the words of the other side
        for word in tokenize(row.text):
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    assert corpus.words == {word: i for i, word in enumerate(ranked[:9], start=1)}
    for rows, bags in ((training, corpus.training), (validation, corpus.validation)):
        columns = [
            {corpus.words[w] for w in tokenize(row.text) if w in corpus.words} for row in rows
        ]
        assert bags.lists() == [sorted(bag) for bag in columns]
        assert bags.labels.tolist() == [row.label for row in rows]


def test_padding() -> None:
    bags = Bags(
        np.array([3, 5, 7, 2], np.int32), np.array([0, 2, 2, 4]), np.array([0, 1, 1], np.int8)
    )
    assert bags.padded(np.array([2, 1, 0])).tolist() == [[7, 2], [0, 0], [3, 5]]
    assert bags.padded(np.array([1])).tolist() == [[0, 0]]


def test_a_sample_is_drawn_from_all_rows() -> None:
    rows = sorted(ROWS)  # all negative rows first, as in the public file
    corpus = make(rows, sample=100)
    assert len(corpus.training) + len(corpus.validation) == 100
    assert 20 < corpus.training.labels.sum() < 80
    assert corpus.fingerprint == make(rows, sample=100).fingerprint
    assert corpus.fingerprint != make(rows, sample=100, seed=2).fingerprint
    assert make(rows, sample=10**9).fingerprint == make(rows).fingerprint


def test_the_fingerprint_is_of_labels_texts_and_order() -> None:
    assert make(ROWS).fingerprint == make(list(ROWS)).fingerprint
    for other in (ROWS[::-1], [Row(1 - ROWS[0].label, ROWS[0].text), *ROWS[1:]], ROWS[1:]):
        assert make(ROWS).fingerprint != make(other).fingerprint


def test_the_texts_are_those_of_the_corpus_in_its_order() -> None:
    rows = [Row(i % 2, f"number {'x'.join(str(i))}") for i in range(500)]
    data = texts(rows, seed=2, sample=300)
    corpus = prepare(rows, vocabulary_size=1000, seed=2, sample=300, sequences=True)
    assert data.fingerprint == corpus.fingerprint
    names = {column * STYLES: word for word, column in corpus.words.items()}
    for side, some, labels in (
        (corpus.training, data.training, data.training_labels),
        (corpus.validation, data.validation, data.validation_labels),
    ):
        assert side.labels.tolist() == labels.tolist()
        known = [" ".join(names[token] for token in row) for row in side.lists()]
        assert len(known) == len(some)
        assert all(names in text for names, text in zip(known, some))
        assert sum(map(len, known)) > 0
    assert len(data.training) + len(data.validation) == 300


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([], "no usable row"),
        ([Row(1, str(i)) for i in range(100)], "every row has the label 1"),
        ([Row(0, "a"), Row(1, "b")], "too few"),
    ],
)
def test_data_that_cannot_train(rows: list[Row], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        make(rows)


def test_sentences_made_by_rule_join_the_training_side_alone() -> None:
    plain = make(ROWS, vocabulary_size=100, sequences=True)
    more = make(ROWS, vocabulary_size=100, sequences=True, made_share=0.5)
    assert more.added == round(0.5 * len(plain.training))
    assert len(more.training) == len(plain.training) + more.added
    assert more.training.lists()[: len(plain.training)] == plain.training.lists()
    assert more.validation.lists() == plain.validation.lists()
    assert more.words == plain.words  # which they do not choose
    assert more.fingerprint == plain.fingerprint


def test_statements_join_the_training_side_alone() -> None:
    lines = [" ".join(RNG.choices("bcdefghij", k=5)) for _ in range(200)]
    plain = make(ROWS, vocabulary_size=100, sequences=True)
    more = make(ROWS, vocabulary_size=100, sequences=True, statements=lines)
    assert more.statements == len(plain.training) // 20 // STATED  # and not more
    assert more.added == STATED * more.statements
    first = more.training.lists()[-more.added]
    words = {column * STYLES: word for word, column in more.words.items()}
    assert " ".join(words[number] for number in first) in lines
    assert set(more.training.positive[-more.added :].tolist()) == {0.5}
    assert more.training.lists()[: -more.added] == plain.training.lists()
    assert more.validation.lists() == plain.validation.lists()
    assert (more.words, more.fingerprint) == (plain.words, plain.fingerprint)


def test_rated_texts_join_the_training_side_alone() -> None:
    texts = [
        Rated(i / 60 - 4, " ".join(letters))
        for i, letters in enumerate(islice(permutations("bcdefghij", 5), 500))
    ]
    plain = make(ROWS, vocabulary_size=100, sequences=True)
    more = make(ROWS, vocabulary_size=100, sequences=True, rated=texts)
    assert more.rated == len(plain.training) // 4 // RATED  # and not more
    assert more.added == RATED * more.rated
    words = {column * STYLES: word for word, column in more.words.items()}
    of_text = {one.text: one.positive for one in texts}
    for row, positive in zip(
        more.training.lists()[-more.added :], more.training.positive[-more.added :]
    ):
        assert of_text[" ".join(words[number] for number in row)] == pytest.approx(positive)
    assert more.training.lists()[: -more.added] == plain.training.lists()
    assert more.validation.lists() == plain.validation.lists()
    assert (more.words, more.fingerprint) == (plain.words, plain.fingerprint)


def test_what_is_held_back_is_not_added() -> None:
    held = [row.text for row in ROWS if held_back(row.text, 1)]
    rated = [Rated(0, text) for text in held]
    more = make(ROWS, vocabulary_size=100, sequences=True, statements=held, rated=rated)
    assert more.added == more.statements == more.rated == 0
