import pytest

from sentiment_repl.text.vocabulary import (
    build_vocabulary,
    join_token_id,
    split_token_id,
    vocabulary_from_json,
    vocabulary_to_json,
)


def test_most_frequent_words_first_and_ties_in_alphabetical_order() -> None:
    counts = {"b": 2, "rare": 1, "c": 5, "a": 2}
    assert build_vocabulary(counts, 4) == {"c": 1, "a": 2, "b": 3}


def test_a_small_corpus_has_a_small_vocabulary() -> None:
    assert build_vocabulary({"only": 1}, 3000) == {"only": 1}


def test_a_saved_vocabulary_loads_unchanged() -> None:
    words = {"don't": 1, "café": 2, "\u2028": 3}
    assert vocabulary_from_json(vocabulary_to_json(words)) == words


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"a": 0}',
        '{"a": 1, "b": 1}',
        '{"a": 1, "b": 3}',
        '{"a": "1"}',
        '{"a": true}',
        '{"a": 1.0}',
    ],
)
def test_another_json_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        vocabulary_from_json(text)


def test_a_word_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        vocabulary_from_json('{"good": 1, "bad": 3, "bad": 2}')


def test_token_ids_join_a_word_and_its_features() -> None:
    ids = [join_token_id(word_id, features) for word_id in (1, 2) for features in range(4)]
    assert ids == list(range(4, 12))  # distinct, and none of them padding
    assert [split_token_id(token_id) for token_id in ids] == [
        (word_id, features) for word_id in (1, 2) for features in range(4)
    ]
