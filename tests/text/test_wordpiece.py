import pytest

from sentiment_repl.text.encoders import EncodedToken
from sentiment_repl.text.social_tokenizer import Token
from sentiment_repl.text.wordpiece import WordPieceEncoder, plain_forms

PIECES = (
    "a b ##a ##b ##c good ##ness ##s bad god so soo user link ! … : ) ' t don cafe 日 本 "
    "1000 10 ##00 rolling eyes - worst day ♥"
)
VOCABULARY = {piece: piece_id for piece_id, piece in enumerate(PIECES.split(), start=1)}


@pytest.fixture
def encoder() -> WordPieceEncoder:
    return WordPieceEncoder(VOCABULARY)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("GOODNESS", "good ##ness"),
        ("abc", "a ##b ##c"),
        ("goodbad", ""),  # no piece for the "d"
        ("Don't", "don ' t"),
        ("Café-cafe\u0301", "cafe - cafe"),
        ("日本", "日 本"),
        ("@ann http://a.example/b", "user link"),
        ("good!!! good... good.....", "good ! good … good …"),
        (":-))) a&#39;b", ": ) a ' b"),
        ("1000 100000", "1000 1000 ##00"),
        ("sooooo goooood", "so good"),
        ("🙄🏽 ♥", "rolling eyes ♥"),
        ("#WorstDay #worst", "worst day worst"),
        ("ab" * 50 + "a", ""),
        ("", ""),
    ],
)
def test_a_text_becomes_its_longest_known_pieces(
    encoder: WordPieceEncoder, text: str, pieces: str
) -> None:
    expected = [VOCABULARY[piece] for piece in pieces.split()]
    for _ in range(2):  # the second time from the cache
        assert encoder.encode(text).ids == expected
        assert encoder.ids(encoder.encode_tokens(text)) == expected


def test_unknown_words_are_named_and_tokens_have_places(encoder: WordPieceEncoder) -> None:
    text = "Goods, ZZZ &amp; don't"
    assert encoder.encode(text).unknown_words == (",", "zzz", "&")
    good, _, unknown, entity, dont = encoder.encode_tokens(text)
    assert good == EncodedToken(0, 5, (VOCABULARY["good"], VOCABULARY["##s"]), True)
    assert (unknown.ids, unknown.known) == ((), False)
    assert text[entity.start : entity.end] == "&amp;"
    assert text[dont.start : dont.end] == "don't" and len(dont.ids) == 3


def test_pieces_are_those_of_the_library(encoder: WordPieceEncoder) -> None:
    tokenizers = pytest.importorskip("tokenizers", reason="needs pip install '.[encoder]'")
    library = tokenizers.BertWordPieceTokenizer(
        {**VOCABULARY, "[UNK]": 0, "[CLS]": 98, "[SEP]": 99}, lowercase=True
    )
    words = "Goodness don't! ABBA bacab— Café 日本日 good_good 'bad' a.b so:) ab\u0301c ÀB ﬁ ♥ ß"
    for word in words.split():
        expected = library.encode(word, add_special_tokens=False).ids
        ids, _ = encoder.token_ids(Token(word, 0))
        assert list(ids) == ([] if 0 in expected else expected), word
        assert plain_forms(Token(word, 0))[0] == word
