from collections import Counter

import numpy as np
import pytest

from sentiment_repl.data import augmentation
from sentiment_repl.data.augmentation import Augmentation, Tokens
from sentiment_repl.data.corpus import NO_LABEL
from sentiment_repl.data.identity_terms import TERMS, find_terms
from sentiment_repl.evaluation.bias import HELD_OUT
from sentiment_repl.text.vocabulary import UPPERCASE, join_token_id

CLASSES = ("negative", "positive")
FROWN, SMILE, LAUGH = 1, 2, 3
FIRST_WORD = 100
VOCABULARY = {":(": FROWN, ":)": SMILE, ":D": LAUGH, **{f"word{i}": i for i in range(4, 400)}}


def tokens(texts: list[list[int]], features: int = 0) -> Tokens:
    ids = np.array([word_id for text in texts for word_id in text], np.int32)
    text_of = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    return Tokens(join_token_id(ids, features), text_of)


def word_ids(changed: Tokens, count: int) -> list[list[int]]:
    """Return the word ids of each text."""
    texts: list[list[int]] = [[] for _ in range(count)]
    for token_id, text in zip(changed.ids.tolist(), changed.text_of.tolist()):
        texts[text].append(token_id // 4)
    return texts


def test_words_are_dropped_and_emoticons_return() -> None:
    """Each text of 9 equal words gets an emoticon of its label alone, mostly at the end."""
    augment = Augmentation(VOCABULARY, CLASSES)
    before = [[FIRST_WORD + i] * 9 for i in range(300)]
    labels = (np.arange(300) % 2).astype(np.int8)
    rng = np.random.default_rng(1)
    kept, last, emoticons = 0, 0, Counter[int]()
    for _ in range(40):
        changed, decided = augment.apply(tokens(before), labels, rng)
        assert (np.diff(changed.text_of) >= 0).all()
        for index, text in enumerate(word_ids(changed, 300)):
            inserted = [word_id for word_id in text if word_id < FIRST_WORD]
            assert {*text} - {*inserted} <= {FIRST_WORD + index}
            assert len(inserted) == (index in decided)
            assert set(inserted) <= ({SMILE, LAUGH} if labels[index] else {FROWN})
            kept += len(text) - len(inserted)
            emoticons.update(inserted)
            last += bool(inserted) and text[-1] == inserted[0]
    count = emoticons.total()
    assert kept / (40 * 300 * 9) == pytest.approx(0.95, abs=0.005)
    assert count / (40 * 300) == pytest.approx(0.05, abs=0.006)
    assert last / count == pytest.approx(0.8 + 0.2 / 10, abs=0.04)
    assert emoticons[SMILE] / emoticons[LAUGH] == pytest.approx(2, rel=0.35)


@pytest.mark.parametrize(
    ("classes", "label"), [(CLASSES, NO_LABEL), (("negative", "neutral", "positive"), 1)]
)
def test_a_text_that_is_not_polar_gets_no_emoticon(classes: tuple[str, ...], label: int) -> None:
    augment, rng = Augmentation(VOCABULARY, classes), np.random.default_rng(1)
    for given, ids in ((label, set()), (len(classes) - 1, {4 * SMILE, 4 * LAUGH})):
        labels = np.full(1000, given, np.int8)
        changed, decided = augment.apply(tokens([[FIRST_WORD]] * 1000), labels, rng)
        assert set(changed.ids.tolist()) == {4 * FIRST_WORD} | ids
        assert bool(len(decided)) == bool(ids)


def test_identity_terms_predict_no_label(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of texts about him, all negative, and about Greeks, all positive, half name others."""
    monkeypatch.setattr(augmentation, "WORD_DROPOUT", 0)
    vocabulary = {"he": 1, "she": 2, "greek": 3, "thai": 4, "other": 5}
    he, she, greek, thai, other = vocabulary.values()
    before = tokens([[other, he], [greek, other], [other, other]] * 1000, UPPERCASE)
    labels = np.array([0, 1, 0] * 1000, np.int8)
    rng = np.random.default_rng(1)
    changed, _ = Augmentation(vocabulary, CLASSES).apply(before, labels, rng)
    assert (changed.ids % 4 == UPPERCASE).all()
    counts = Counter(zip((changed.ids // 4).tolist(), labels[changed.text_of].tolist()))
    assert counts[he, 0] == pytest.approx(500, abs=60)
    assert counts[he, 0] + counts[she, 0] == 1000
    assert not counts[he, 1] and not counts[she, 1]
    # A nationality also goes to a random text for each that is found.
    assert counts[thai, 0] + counts[thai, 1] == pytest.approx(1000, abs=100)
    assert counts[greek, 0] + counts[thai, 0] == pytest.approx(1000 * 2 / 3, abs=100)


def test_a_set_of_terms_needs_two_known_words() -> None:
    vocabulary = {"she": 3, "he": 1, "male": 2, "thai": 4, "greek": 5}
    assert find_terms(vocabulary) == ([[1, 3]], [[5, 4]])


def test_names_that_nobody_listed_are_found_and_common_words_are_not() -> None:
    vocabulary = {"john": 1, "toby": 2, "natasha": 3, "rose": 4, "will": 5, "sunny": 6}
    assert find_terms(vocabulary) == ([], [[1, 3, 2]])
    for form, share in ("name", 0.8), ("adjective", 0.7):
        words = [word for terms in HELD_OUT if terms.form == form for word in terms.words]
        (found,) = find_terms({word: index for index, word in enumerate(words)}).optional
        assert len(found) >= share * len(words)


def test_terms_are_unique_and_held_out_terms_are_not_listed() -> None:
    words = [word for terms in TERMS for word in terms.words]
    assert len(words) == len(set(words))
    assert not {word for terms in HELD_OUT for word in terms.words} & set(words)
