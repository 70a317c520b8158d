import pytest

from sentiment_repl.text import encoders
from sentiment_repl.text.encoders import BagOfWordsEncoder, TokenEncoder
from sentiment_repl.text.vocabulary import ELONGATED, UPPERCASE, join_token_id

WORDS = {"good": 1, "great": 2, "soo": 3, ":)": 4, "bob": 5, "!": 6, "birthday": 7}


def test_a_bag_of_words_holds_each_known_word_once() -> None:
    assert BagOfWordsEncoder(WORDS).encode("Good good zebra, great zebra apple") == (
        [1, 2],
        ("zebra", "apple"),
    )


def test_tokens_keep_their_order_and_features() -> None:
    ids, unknown = TokenEncoder(WORDS).encode("GREAT good good sooooo :-)")
    assert ids == [
        join_token_id(*pair) for pair in [(2, UPPERCASE), (1, 0), (1, 0), (3, ELONGATED), (4, 0)]
    ]
    assert unknown == ()


def test_unknown_words_are_left_out_and_named_as_typed() -> None:
    ids, unknown = TokenEncoder(WORDS).encode("Zebra good ZEBRA yuzuuuu good")
    assert ids == [join_token_id(1, 0)] * 2
    assert unknown == ("zebra", "yuzuuuu")


@pytest.mark.parametrize("text", ["gooood", "greaat", "Good's", "bob’s"])
def test_an_unknown_word_falls_back_to_a_plainer_form(text: str) -> None:
    ids, unknown = TokenEncoder(WORDS).encode(text)
    assert len(ids) == 1 and not unknown


def test_an_emoji_that_is_known_in_part_is_named() -> None:
    assert TokenEncoder(WORDS).encode("🎂") == ([join_token_id(7, 0)], ("🎂",))


def test_the_cache_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "_CACHE_SIZE", 3)
    encoder = TokenEncoder(WORDS)
    texts = ["good great", "zebra bob !", "good zebra", "great bob"]
    assert [encoder.encode(text) for text in texts] == [
        TokenEncoder(WORDS).encode(text) for text in texts
    ]
    assert len(encoder._cache) <= 3
