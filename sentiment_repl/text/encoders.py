"""Text to ids: a tokenizer and a vocabulary together.

Each network names its encoder. ``BagOfWordsEncoder`` serves the network of the article,
``TokenEncoder`` the recurrent network.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple, Protocol

from sentiment_repl.text import article_tokenizer, social_tokenizer
from sentiment_repl.text.social_tokenizer import Token
from sentiment_repl.text.vocabulary import join_token_id

_CACHE_SIZE = 1 << 16  # surfaces
_LONGEST_CACHED = 20  # characters
_REPEATED = re.compile(r"(.)\1+")


class Encoding(NamedTuple):
    """A text as a network reads it."""

    ids: list[int]
    """Distinct word ids (``BagOfWordsEncoder``) or token ids in order (``TokenEncoder``)."""
    unknown_words: tuple[str, ...]
    """The out-of-vocabulary words, each once, in the order of the text."""


class EncodedToken(NamedTuple):
    """One word, punctuation mark or emoticon of a text."""

    start: int
    end: int
    """Its place: ``text[start:end]``."""
    ids: tuple[int, ...]
    """Its ids; empty if it is out of vocabulary or carries no meaning."""
    known: bool


class Encoder(Protocol):
    """Turns a text into the input of a network."""

    def encode(self, text: str) -> Encoding:
        """Encode a whole text."""

    def encode_tokens(self, text: str) -> list[EncodedToken]:
        """Encode a text token by token, with the place of each."""

    def ids(self, tokens: list[EncodedToken]) -> list[int]:
        """Return the network's input for some tokens."""

    def leave_one_out(
        self, tokens: list[EncodedToken], segments: list[list[int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Leave out each token in turn.

        :param tokens: tokens with at least one id each.
        :param segments: their ids, cut into segments as ``Network.segments`` does.
        :return: the index of the token, the index of a segment that holds it, and that
            segment without it. A token that spans two segments comes twice.
        """


class BagOfWordsEncoder:
    """Encodes which words of the vocabulary are present, as the article does.

    >>> BagOfWordsEncoder({"good": 1, "day": 2}).encode("A good, good day")
    Encoding(ids=[1, 2], unknown_words=('a',))
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary

    def encode(self, text: str) -> Encoding:
        """Return the distinct word ids of a text."""
        words = dict.fromkeys(article_tokenizer.tokenize(text))
        ids = [word_id for word_id in map(self._vocabulary.get, words) if word_id is not None]
        if len(ids) == len(words):
            return Encoding(ids, ())
        return Encoding(ids, tuple(word for word in words if word not in self._vocabulary))

    def encode_tokens(self, text: str) -> list[EncodedToken]:
        """Return the words of a text, each with its word id."""
        return [
            EncodedToken(start, end, () if word_id is None else (word_id,), word_id is not None)
            for word, start, end in article_tokenizer.tokenize_with_offsets(text)
            for word_id in [self._vocabulary.get(word)]
        ]

    def ids(self, tokens: list[EncodedToken]) -> list[int]:
        """Return the distinct word ids of some words."""
        return list(dict.fromkeys(word_id for token in tokens for word_id in token.ids))

    def leave_one_out(
        self, tokens: list[EncodedToken], segments: list[list[int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Leave out each word, every occurrence of it: a bag holds a word or does not."""
        for index, token in enumerate(tokens):
            (left_out,) = token.ids
            for number, segment in enumerate(segments):
                if left_out in segment:
                    yield index, number, [word_id for word_id in segment if word_id != left_out]


class TokenEncoder:
    """Encodes a text token by token, in order. Out-of-vocabulary tokens are left out.

    >>> TokenEncoder({"good": 1, "!": 2}).encode("GOOD movie!")
    Encoding(ids=[5, 8], unknown_words=('movie',))
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary
        self._cache: dict[str, tuple[tuple[int, ...], bool]] = {}

    def encode(self, text: str) -> Encoding:
        """Return the token ids of a text."""
        ids: list[int] = []
        unknown: dict[str, None] = {}
        for surface in social_tokenizer.split_surfaces(text):
            found = self._cache.get(surface)
            if found is None:
                found = self._look_up(surface)
            ids += found[0]
            if not found[1]:
                unknown[surface.lower()] = None
        return Encoding(ids, tuple(unknown))

    def encode_tokens(self, text: str) -> list[EncodedToken]:
        """Return the words, marks and emoticons of a text, each with its token ids."""
        return [
            EncodedToken(start, end, *(self._cache.get(surface) or self._look_up(surface)))
            for surface, start, end in social_tokenizer.split_surfaces_with_offsets(text)
        ]

    def ids(self, tokens: list[EncodedToken]) -> list[int]:
        """Return the token ids of some tokens, in order."""
        return [token_id for token in tokens for token_id in token.ids]

    def leave_one_out(
        self, tokens: list[EncodedToken], segments: list[list[int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Leave out the token ids of each token."""
        bounds = [0, *accumulate(map(len, segments))]
        first = segment = 0
        for index, token in enumerate(tokens):
            end = first + len(token.ids)
            while bounds[segment + 1] <= first:
                segment += 1
            for number in (segment, segment + 1)[: 1 + (end > bounds[segment + 1])]:
                a, b = (max(at - bounds[number], 0) for at in (first, end))
                yield index, number, segments[number][:a] + segments[number][b:]
            first = end

    def token_id(self, token: Token) -> int | None:
        """Return the id of one token; None if neither it nor a plainer form is known.

        ``greaat`` falls back to ``great``, ``obama's`` to ``obama``.
        """
        word, features = token
        word_id = self._vocabulary.get(word)
        if word_id is None and word[0].isalpha():
            word_id = self._vocabulary.get(_REPEATED.sub(r"\1", word)) or self._vocabulary.get(
                word.removesuffix("'s")
            )
        return None if word_id is None else join_token_id(word_id, features)

    def _look_up(self, surface: str) -> tuple[tuple[int, ...], bool]:
        """Return the token ids of a surface, and whether all of it is known."""
        tokens = social_tokenizer.tokens_of_surface(surface)
        ids = [self.token_id(token) for token in tokens]
        known = tuple(token_id for token_id in ids if token_id is not None)
        found = (known, len(known) == len(tokens))
        if len(surface) <= _LONGEST_CACHED:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            self._cache[surface] = found
        return found
