"""Texts to ids, before the vocabulary is known.

A corpus is read once, and its vocabulary depends on the counts of all its words. So a text
becomes *provisional ids* first, which number the words in the order of their appearance. 1.5
million tweets are 20 million provisional ids: about 100 MB, where strings take ten times as much.

``text/encoders.py`` has the encoders for prediction. Both give a text the same ids.
"""

from array import array
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.network.recurrent import LONGEST_SEGMENT, count_within
from sentiment_repl.text import article_tokenizer, social_tokenizer
from sentiment_repl.text.encoders import TokenEncoder
from sentiment_repl.text.vocabulary import join_token_id, split_token_id

_LONGEST_CACHED = 20  # characters

Ids = NDArray[np.int32]
Starts = NDArray[np.int64]
Weights = NDArray[np.float64]


class CorpusEncoder(Protocol):
    """Encodes the texts of one corpus. Each network names its own."""

    def add(self, text: str, provisional: "array[int]") -> None:
        """Append the provisional ids of a text to an array."""

    def word_counts(
        self, provisional: "array[int]", weights: Weights | None = None
    ) -> Mapping[str, float]:
        """Count how often each word occurs.

        :param weights: how much each provisional id counts; by default 1.
        """

    def encode(
        self, provisional: "array[int]", starts: Starts, vocabulary: Mapping[str, int]
    ) -> tuple[Ids, Starts]:
        """Turn provisional ids into ids. Out-of-vocabulary words are left out.

        :param starts: text i has ``provisional[starts[i]:starts[i + 1]]``.
        :return: ids and starts of the same form.
        """


class _WordNumbers(defaultdict[str, int]):
    """Gives each new word the next number."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number

    def counts(self, numbers: NDArray[np.int32], weights: Weights | None) -> dict[str, float]:
        counts = np.bincount(numbers, weights, minlength=len(self)).tolist()
        return {word: count for word, count in zip(self, counts) if count}


class BagOfWordsCorpusEncoder:
    """Encodes each text as its distinct word ids in ascending order."""

    def __init__(self) -> None:
        self._numbers = _WordNumbers()

    def add(self, text: str, provisional: "array[int]") -> None:
        """Append the provisional word ids of a text."""
        provisional.extend(map(self._numbers.__getitem__, article_tokenizer.tokenize(text)))

    def word_counts(
        self, provisional: "array[int]", weights: Weights | None = None
    ) -> Mapping[str, float]:
        """Count how often each word occurs."""
        return self._numbers.counts(np.frombuffer(provisional, np.int32), weights)

    def encode(
        self, provisional: "array[int]", starts: Starts, vocabulary: Mapping[str, int]
    ) -> tuple[Ids, Starts]:
        """Return the distinct word ids of each text."""
        id_of_number = np.array([vocabulary.get(word, 0) for word in self._numbers], np.int32)
        ids = id_of_number[np.frombuffer(provisional, np.int32)]
        # One number a pair of text and id. Sorting finds the distinct ones: np.unique hashes
        # since NumPy 2.3, which takes ten times as long.
        width = len(vocabulary) + 1
        pairs = _text_of_each(starts) * width + ids
        pairs = pairs[ids > 0]
        pairs.sort()
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        lengths = np.bincount(pairs // width, minlength=len(starts) - 1)
        return (pairs % width).astype(np.int32), _starts(lengths)


class TokenCorpusEncoder:
    """Encodes each text as its token ids in order, up to ``LONGEST_SEGMENT``.

    A provisional token id joins the number of a word and its features, as a token id does.
    """

    def __init__(self) -> None:
        self._numbers = _WordNumbers()
        self._cache: dict[str, tuple[int, ...]] = {}

    def add(self, text: str, provisional: "array[int]") -> None:
        """Append the provisional token ids of a text."""
        for surface in social_tokenizer.split_surfaces(text):
            provisional.extend(self._cache.get(surface) or self._look_up(surface))

    def word_counts(
        self, provisional: "array[int]", weights: Weights | None = None
    ) -> Mapping[str, float]:
        """Count how often each word occurs, in hashtags or not."""
        counts: defaultdict[str, float] = defaultdict(float)
        numbers, _ = split_token_id(np.frombuffer(provisional, np.int32))
        for word, count in self._numbers.counts(numbers, weights).items():
            counts[word.removeprefix("#")] += count
        return counts

    def encode(
        self, provisional: "array[int]", starts: Starts, vocabulary: Mapping[str, int]
    ) -> tuple[Ids, Starts]:
        """Return the token ids of each text."""
        encoder = TokenEncoder(vocabulary)
        # A number may have several ids (a hashtag), the id of a plainer form, or none.
        of_number = [
            encoder.token_ids(social_tokenizer.Token(word, 0))[0] for word in self._numbers
        ]
        word_ids = split_token_id(np.array([i for ids in of_number for i in ids], np.int32))[0]
        count_of_number = np.array([len(ids) for ids in of_number], np.int64)
        numbers, features = split_token_id(np.frombuffer(provisional, np.int32))
        counts = count_of_number[numbers]
        ends = _starts(counts)
        first_of_number = _starts(count_of_number)[:-1]
        # In training the start of a text is enough; prediction cuts the rest into segments.
        places = np.repeat(first_of_number[numbers] - ends[:-1], counts)
        places += np.arange(len(places))
        token_ids = join_token_id(word_ids[places], np.repeat(features, counts))
        lengths = np.diff(ends[starts])
        kept = count_within(lengths) < LONGEST_SEGMENT
        return token_ids[kept], _starts(np.minimum(lengths, LONGEST_SEGMENT))

    def _look_up(self, surface: str) -> tuple[int, ...]:
        found = tuple(
            join_token_id(self._numbers[word], features)
            for word, features in social_tokenizer.tokens_of_surface(surface)
        )
        if surface[0] != "@" and len(surface) < _LONGEST_CACHED:  # others hardly come again
            self._cache[surface] = found
        return found


def _text_of_each(starts: Starts) -> NDArray[np.int64]:
    """Return for each element of a ragged array the index of its text."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def _starts(lengths: NDArray[np.int64]) -> Starts:
    return np.concatenate([[0], np.cumsum(lengths)])
