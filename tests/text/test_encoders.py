import pytest

from sentiment_repl.text import encoders
from sentiment_repl.text.encoders import BagOfWordsEncoder, TokenEncoder
from sentiment_repl.text.vocabulary import ELONGATED, UPPERCASE, join_token_id, split_token_id

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


def words(vocabulary: dict[str, int], text: str) -> list[str]:
    """Return the words of the vocabulary that a text is encoded as."""
    of_id = {word_id: word for word, word_id in vocabulary.items()}
    encoder = TokenEncoder(vocabulary)
    ids = encoder.encode(text).ids
    assert ids == encoder.ids(encoder.encode_tokens(text))
    return [of_id[split_token_id(token_id)[0]] for token_id in ids]


def test_an_emoji_falls_back_to_a_plainer_form_only_if_it_is_unknown() -> None:
    assert words({":)": 1, "😊": 2}, "😊 :blush: 🙂") == ["😊", "😊", ":)"]
    # It is known in part.
    assert TokenEncoder(WORDS).encode("🎂") == ([join_token_id(7, 0)], ("🎂",))


HASHTAG_WORDS = ["the", "a", "i", "day", "it", "is", "worst", "ever", "great", "5", "0000", "them"]


@pytest.mark.parametrize(
    ("hashtag", "expected"),
    [
        ("#WorstDayEver", "worst day ever"),
        ("#worstdayever", "worst day ever"),
        ("#Worstdayever", "worst day ever"),
        ("#itisaday2014", "it is a day 0000"),
        ("#day5", "day 5"),
        ("#themday", "them day"),
        ("#greaat #great's", "great great"),
    ],
)
def test_a_hashtag_falls_back_to_the_words_that_it_joins(hashtag: str, expected: str) -> None:
    vocabulary = {word: word_id for word_id, word in enumerate(HASHTAG_WORDS, start=1)}
    assert words(vocabulary, hashtag) == expected.split()
    # A hashtag that is in the vocabulary stays one token.
    assert words({**vocabulary, "worstdayever": 13}, "#worstdayever") == ["worstdayever"]


def test_a_hashtag_is_not_cut_into_rare_short_words() -> None:
    rare = {"ev": 2000, "as": 30, "ive": 3000, "evas": 4000, "e": 5, "vasive": 900}
    assert TokenEncoder(rare).encode("#evasive #day") == ([], ("#evasive", "#day"))


def test_all_words_of_a_hashtag_share_its_case_and_place() -> None:
    (token,) = TokenEncoder({"great": 1, "good": 2}).encode_tokens("#GREATGOOD")
    assert token == (0, 10, (join_token_id(1, UPPERCASE), join_token_id(2, UPPERCASE)), True)


def test_a_hashtag_of_many_words_is_left_out_of_every_segment() -> None:
    encoder = TokenEncoder({"good": 1, "so": 2})
    tokens = list(encoder.encode_tokens("so #" + "Good" * 9))
    ids = encoder.ids(tokens)
    segments = [ids[:4], ids[4:8], ids[8:]]
    assert list(encoder.leave_one_out(tokens, segments)) == [
        (0, 0, ids[1:4]), (1, 0, ids[:1]), (1, 1, []), (1, 2, []),
    ]  # fmt: skip


def test_the_cache_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "_CACHE_SIZE", 3)
    encoder = TokenEncoder(WORDS)
    texts = ["good great", "zebra bob !", "good zebra", "great bob"]
    assert [encoder.encode(text) for text in texts] == [
        TokenEncoder(WORDS).encode(text) for text in texts
    ]
    assert len(encoder._cache) <= 3
