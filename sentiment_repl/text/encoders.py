"""Text to ids: a tokenizer and a vocabulary together.

Each network names its encoder. ``BagOfWordsEncoder`` serves the network of the article,
``TokenEncoder`` the recurrent network.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple, Protocol

from sentiment_repl.text import article_tokenizer, social_tokenizer
from sentiment_repl.text.social_tokenizer import Token
from sentiment_repl.text.vocabulary import join_token_id

_CACHE_SIZE = 1 << 16  # surfaces
_LONGEST_CACHED = 20  # characters
_LONGEST_PART = 20  # characters of a word in a hashtag
_LONGEST_HASHTAG = 80  # characters; a longer one is not split
_REPEATED = re.compile(r"(.)\1+")


class Encoding(NamedTuple):
    """A text as a network reads it."""

    ids: list[int]
    """Distinct word ids (``BagOfWordsEncoder``) or token ids in order (``TokenEncoder``)."""
    unknown_words: tuple[str, ...]
    """The out-of-vocabulary words, each once, in the order of the text."""


class EncodedToken(NamedTuple):
    """One word, hashtag, punctuation mark, emoticon or emoji of a text."""

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

    def encode_tokens(self, text: str) -> Iterator[EncodedToken]:
        """Encode a text token by token, with the place of each."""

    def ids(self, tokens: Iterable[EncodedToken]) -> list[int]:
        """Return the network's input for some tokens."""

    def leave_one_out(
        self, tokens: list[EncodedToken], segments: list[list[int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Leave out each token in turn.

        :param tokens: the first tokens of a text, with at least one id each.
        :param segments: the ids of the text, cut into segments as ``Network.segments`` does.
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

    def encode_tokens(self, text: str) -> Iterator[EncodedToken]:
        """Yield the words of a text, each with its word id."""
        for word, start, end in article_tokenizer.tokenize_with_offsets(text):
            word_id = self._vocabulary.get(word)
            ids = () if word_id is None else (word_id,)
            yield EncodedToken(start, end, ids, word_id is not None)

    def ids(self, tokens: Iterable[EncodedToken]) -> list[int]:
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

    def encode_tokens(self, text: str) -> Iterator[EncodedToken]:
        """Yield the words, marks and emoticons of a text, each with its token ids."""
        for surface, start, end in social_tokenizer.split_surfaces_with_offsets(text):
            ids, known = self._cache.get(surface) or self._look_up(surface)
            yield EncodedToken(start, end, ids, known)

    def ids(self, tokens: Iterable[EncodedToken]) -> list[int]:
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
            number = segment
            while bounds[number] < end:
                a, b = (max(at - bounds[number], 0) for at in (first, end))
                yield index, number, segments[number][:a] + segments[number][b:]
                number += 1
                if number == len(segments):
                    break
            first = end

    def token_ids(self, token: Token) -> tuple[tuple[int, ...], bool]:
        """Return the ids of one token, and whether all of it is known.

        A word that is out of vocabulary falls back to a plainer form: ``greaat`` to ``great``,
        ``obama's`` to ``obama``, a word of a hashtag to the words that it joins, an emoji to
        ``emoji_words``.
        """
        word, features = token
        hashtag = word[0] == "#" and len(word) > 1
        if hashtag:
            word = word[1:]
        word_ids: list[int | None] = [self._word_id(word)]
        if word_ids == [None]:
            plainer = map(self._vocabulary.get, social_tokenizer.emoji_words(word))
            word_ids = [*(self._split(word) if hashtag else plainer)] or [None]
        known = [join_token_id(word_id, features) for word_id in word_ids if word_id is not None]
        return tuple(known), len(known) == len(word_ids)

    def _word_id(self, word: str) -> int | None:
        word_id = self._vocabulary.get(word)
        if word_id is None and word[0].isalpha():
            word_id = self._vocabulary.get(_REPEATED.sub(r"\1", word)) or self._vocabulary.get(
                word.removesuffix("'s")
            )
        return word_id

    def _split(self, joined: str) -> list[int]:
        """Return the ids of the words that a hashtag joins; ``[]`` if it joins no known words.

        Frequent words have small ids, and by Zipf's law a probability of about 1 / id. The
        most probable words win.
        """
        if len(joined) > _LONGEST_HASHTAG:
            return []
        best: list[tuple[float, list[int]] | None] = [(0.0, [])]
        for end in range(1, len(joined) + 1):
            ways = []
            for start in range(max(0, end - _LONGEST_PART), end):
                before, word_id = best[start], self._part_id(joined[start:end])
                if before is not None and word_id is not None:
                    ways.append((before[0] + math.log(10 * (word_id + 10)), [*before[1], word_id]))
            best.append(min(ways, default=None))
        return best[-1][1] if best[-1] else []

    def _part_id(self, part: str) -> int | None:
        """Return the id of a word that a hashtag may hold.

        A short word must be frequent. Without that rule ``evasive`` is ev as ive.
        """
        if part.isdecimal():
            return self._vocabulary.get(social_tokenizer.shorten_number(part))
        word_id = self._vocabulary.get(part)
        if (
            word_id is None
            or word_id > 20 * 5 ** len(part)
            or (len(part) == 1 and part not in "ai")
        ):
            return None
        return word_id

    def _look_up(self, surface: str) -> tuple[tuple[int, ...], bool]:
        """Return the token ids of a surface, and whether all of it is known."""
        tokens = social_tokenizer.tokens_of_surface(surface)
        parts = [self.token_ids(token) for token in tokens]
        ids = tuple(token_id for part, _ in parts for token_id in part)
        found = (ids, all(known for _, known in parts))
        if len(surface) <= _LONGEST_CACHED:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            self._cache[surface] = found
        return found
