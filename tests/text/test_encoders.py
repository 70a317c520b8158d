import pytest

from sentiment_repl.text.encoders import Bag, Sequence
from sentiment_repl.text.social_tokenizer import CAPITALS, STRETCHED, STYLES

WORDS = {"good": 1, "great": 2, "soo": 3, ":)": 4, "bob": 5, "!": 6, "birthday": 7}


def test_a_bag_holds_each_known_word_once() -> None:
    assert Bag(WORDS).read("Good good zebra, great zebra apple") == ([1, 2], ("zebra", "apple"))


def test_a_sequence_keeps_order_repeats_and_style() -> None:
    numbers, unknown = Sequence(WORDS).read("GREAT good good sooooo :-)")
    assert numbers == [
        2 * STYLES + CAPITALS, STYLES, STYLES, 3 * STYLES + STRETCHED, 4 * STYLES,
    ]  # fmt: skip
    assert unknown == ()


def test_unknown_words_are_left_out_and_named_as_typed() -> None:
    numbers, unknown = Sequence(WORDS).read("Zebra good ZEBRA yuzuuuu good")
    assert numbers == [STYLES, STYLES]
    assert unknown == ("zebra", "yuzuuuu")


@pytest.mark.parametrize("text", ["gooood", "greaat", "Good's", "bob’s"])
def test_a_plainer_form_of_an_unknown_word_is_taken(text: str) -> None:
    numbers, unknown = Sequence(WORDS).read(text)
    assert len(numbers) == 1 and not unknown


def test_an_emoji_that_is_known_in_part_is_named() -> None:
    assert Sequence(WORDS).read("🎂") == ([7 * STYLES], ("🎂",))


def test_the_memory_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_repl.text.article_tokenizer.encoders._REMEMBERED", 3)
    reader = Sequence(WORDS)
    texts = ["good great", "zebra bob !", "good zebra", "great bob"]
    assert [reader.read(text) for text in texts] == [Sequence(WORDS).read(text) for text in texts]
    assert len(reader._remembered) <= 3
