"""Text to the numbers that a network reads, and the words that it does not know."""

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple, Protocol

from sentiment_repl import text, tweet
from sentiment_repl.tweet import STYLES, Token

_REMEMBERED = 1 << 16  # pieces of text, at most, of which a reader remembers the numbers
_LONGEST_REMEMBERED = 20  # characters
_ALIKE = re.compile(r"(.)\1+")


class Reading(NamedTuple):
    """A text as a network reads it."""

    numbers: list[int]
    """Columns of the dictionary for ``Bag``, token numbers for ``Sequence``."""
    unknown_words: tuple[str, ...]
    """The words outside the dictionary, each once, in the order of the text."""


class Piece(NamedTuple):
    """A word, a mark or an emoticon of a text, by itself."""

    start: int
    end: int
    """Its place: ``text[start:end]``."""
    numbers: tuple[int, ...]
    """What the network reads for it; none if it is unknown or says nothing."""
    known: bool


class Reader(Protocol):
    """Turns a text into what a network reads."""

    def read(self, sentence: str) -> Reading:
        """All of a text."""

    def pieces(self, sentence: str) -> list[Piece]:
        """The same text piece by piece."""

    def numbers(self, pieces: list[Piece]) -> list[int]:
        """What the network reads for some pieces."""

    def without_each(
        self, pieces: list[Piece], parts: list[list[int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Leave each piece out, in turn.

        :param pieces: none of them without a number.
        :param parts: their numbers, as the network reads them one by one.
        :return: which piece, which part it stands in, and that part without it; a piece
            that stands in two parts comes twice.
        """


class Bag:
    """Reads a text as the article does: which words of the dictionary are present.

    :param words: the dictionary, word to column.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words

    def read(self, sentence: str) -> Reading:
        """The distinct columns of the words of a text."""
        words = dict.fromkeys(text.tokenize(sentence))
        bag = [column for column in map(self._words.get, words) if column is not None]
        if len(bag) == len(words):
            return Reading(bag, ())
        return Reading(bag, tuple(word for word in words if word not in self._words))

    def pieces(self, sentence: str) -> list[Piece]:
        """The words of a text, each with its column."""
        columns = [(self._words.get(word), a, b) for word, a, b in text.spans(sentence)]
        return [
            Piece(a, b, () if column is None else (column,), column is not None)
            for column, a, b in columns
        ]

    def numbers(self, pieces: list[Piece]) -> list[int]:
        """The distinct columns of some words."""
        return list(dict.fromkeys(number for piece in pieces for number in piece.numbers))

    def without_each(
        self, pieces: list[Piece], parts: list[list[int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """The columns without each word, wherever it stands: a bag holds it or does not."""
        for place, piece in enumerate(pieces):
            (left_out,) = piece.numbers
            for number, part in enumerate(parts):
                if left_out in part:
                    yield place, number, [column for column in part if column != left_out]


class Sequence:
    """Reads a text token by token, in order; an unknown one is left out.

    :param words: the dictionary, word to column.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words
        self._remembered: dict[str, tuple[tuple[int, ...], bool]] = {}

    def read(self, sentence: str) -> Reading:
        """The token numbers of a text: ``column * STYLES + style``."""
        numbers: list[int] = []
        unknown: dict[str, None] = {}
        for surface in tweet.surfaces(sentence):
            found = self._remembered.get(surface)
            if found is None:
                found = self._look_up(surface)
            numbers += found[0]
            if not found[1]:
                unknown[surface.lower()] = None
        return Reading(numbers, tuple(unknown))

    def pieces(self, sentence: str) -> list[Piece]:
        """The words, marks and emoticons of a text, each with its token numbers."""
        return [
            Piece(a, b, *(self._remembered.get(surface) or self._look_up(surface)))
            for surface, a, b in tweet.spans(sentence)
        ]

    def numbers(self, pieces: list[Piece]) -> list[int]:
        """The token numbers of some pieces, in order."""
        return [number for piece in pieces for number in piece.numbers]

    def without_each(
        self, pieces: list[Piece], parts: list[list[int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """The token numbers without those of each piece."""
        bounds = [0, *accumulate(map(len, parts))]
        first = part = 0
        for place, piece in enumerate(pieces):
            end = first + len(piece.numbers)
            while bounds[part + 1] <= first:
                part += 1
            for number in (part, part + 1)[: 1 + (end > bounds[part + 1])]:
                a, b = (max(at - bounds[number], 0) for at in (first, end))
                yield place, number, parts[number][:a] + parts[number][b:]
            first = end

    def _look_up(self, surface: str) -> tuple[tuple[int, ...], bool]:
        """The numbers of a piece of text, and whether all of it is known."""
        tokens = tweet.tokens_of(surface)
        numbers = [self.number(token) for token in tokens]
        known = tuple(number for number in numbers if number is not None)
        found = (known, len(known) == len(tokens))
        if len(surface) <= _LONGEST_REMEMBERED:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[surface] = found
        return found

    def number(self, token: Token) -> int | None:
        """The number of one token; None if neither it nor a plainer form is known."""
        word, style = token
        column = self._words.get(word)
        if column is None and word[0].isalpha():
            # "greaat", "obama's"
            column = self._words.get(_ALIKE.sub(r"\1", word)) or self._words.get(
                word.removesuffix("'s")
            )
        return None if column is None else column * STYLES + style
