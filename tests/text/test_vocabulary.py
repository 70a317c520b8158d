import pytest

from sentiment_repl.text import vocabulary


def test_most_frequent_words_first_and_ties_in_alphabetical_order() -> None:
    counts = {"b": 2, "rare": 1, "c": 5, "a": 2}
    assert vocabulary.build(counts, 4) == {"c": 1, "a": 2, "b": 3}


def test_no_more_columns_than_words() -> None:
    assert vocabulary.build({"only": 1}, 3000) == {"only": 1}


def test_comes_back_as_it_was_saved() -> None:
    words = {"don't": 1, "café": 2, "\u2028": 3}
    assert vocabulary.loads(vocabulary.dumps(words)) == words


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
def test_refuses_what_is_no_dictionary(text: str) -> None:
    with pytest.raises(ValueError):
        vocabulary.loads(text)


def test_a_word_that_stands_in_it_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        vocabulary.loads('{"good": 1, "bad": 3, "bad": 2}')
