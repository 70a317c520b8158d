"""Text to the numbers that a network reads, and the words that it does not know."""

import re
from collections.abc import Mapping
from typing import NamedTuple

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
