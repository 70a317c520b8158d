import tracemalloc
from collections.abc import Callable
from itertools import accumulate

import pytest

from sentiment_repl.text import article_tokenizer, social_tokenizer
from sentiment_repl.text.encoders import TokenEncoder
from sentiment_repl.text.pieces import LONGEST_PIECE, cut_into_pieces


@pytest.mark.parametrize(
    "text", ["", "a b", "ab " * 20_000, "x" * 40_000, " " * 40_000, "a\u3000b"]
)
def test_pieces_are_short_and_join_to_the_text(text: str) -> None:
    pieces = list(cut_into_pieces(text))
    assert "".join(piece for _, piece in pieces) == text
    assert [start for start, _ in pieces] == [
        sum(len(piece) for _, piece in pieces[:index]) for index in range(len(pieces))
    ]
    assert all(len(piece) <= LONGEST_PIECE for _, piece in pieces)


def test_a_word_is_cut_only_if_it_is_longer_than_a_piece() -> None:
    for word, whole in ("a" * (LONGEST_PIECE - 1), True), ("a" * LONGEST_PIECE, False):
        text = f"good {word}\u2003{word} day"
        words = [part for _, piece in cut_into_pieces(text) for part in piece.split()]
        assert (words == text.split()) == whole


@pytest.mark.parametrize("space", [" ", "\n", "\u3000", " \u0301"])
def test_a_long_text_has_the_tokens_of_its_sentences(
    tweets: list[tuple[int, str]], space: str
) -> None:
    texts = [text for _, text in tweets] + ["cafe\u0301 ﬁne", ":joy: (:", "ΟΔΟΣ", "&amp; R&amp;B"]
    sentences = [space + text for text in texts * 2]
    long = "".join(sentences)
    assert len(long) > 3 * LONGEST_PIECE
    for tokenize, with_offsets in (
        (social_tokenizer.split_surfaces, social_tokenizer.split_surfaces_with_offsets),
        (article_tokenizer.tokenize, article_tokenizer.tokenize_with_offsets),
    ):
        starts = accumulate(map(len, sentences), initial=0)
        expected = [
            (word, start + a, start + b)
            for start, sentence in zip(starts, sentences)
            for word, a, b in with_offsets(sentence)
        ]
        assert list(with_offsets(long)) == expected
        assert list(tokenize(long)) == [word for word, _, _ in expected]


@pytest.mark.parametrize(
    "unit", ["&amp;", "&good", "&", "a\u0301", "\ufdfa", ":joy:", ":ab", ",", "\u1100\u1161", "İ"]
)
def test_the_work_of_normalization_grows_as_the_text(
    monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    characters = 0

    def count(text: str) -> str:
        nonlocal characters
        characters += len(text)
        return normalize(text)

    normalize = social_tokenizer.normalize
    monkeypatch.setattr(social_tokenizer, "normalize", count)
    work = []
    for copies in 500, 2000:
        characters = 0
        list(social_tokenizer.split_surfaces_with_offsets(f"é{unit * copies}"))
        work.append(characters)
    assert work[1] < 5 * work[0]


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("unit", ["\ufdfa", "😀"])  # the first becomes 18 characters under NFKC
def test_a_long_text_needs_little_memory(unit: str) -> None:
    encoder = TokenEncoder({"صلى": 1, "😀": 2})
    assert peak_bytes(lambda: encoder.encode(unit * 50_000)) < 150 * 50_000
    tokens = encoder.encode_tokens(unit * 20_000)
    assert peak_bytes(lambda: sum(1 for _ in tokens)) < 500 * 20_000
