"""The tokenizer of the article: lower case, punctuation to spaces, split at white space.

It repeats Keras' ``text_to_word_sequence`` of 2017. It has no stemming, no stop words and no
emoji, because the article has none and its network is kept to the letter.
"""

import re
from collections.abc import Iterator
from itertools import chain

from sentiment_repl.text.alignment import Alignment
from sentiment_repl.text.pieces import cut_into_pieces

# The apostrophe is not a separator: "don't" is one word.
_SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'
_TO_SPACE = str.maketrans(dict.fromkeys(_SEPARATORS, " "))
_WORD = re.compile(r"\S+")


def tokenize(text: str) -> Iterator[str]:
    """Split a text into lower-case words, in order, repeats included.

    :param text: any string. Every kind of Unicode white space separates words.
    :return: the words, none of them empty.

    >>> list(tokenize("Don't go -- it's a GOOD day!"))
    ["don't", 'go', "it's", 'a', 'good', 'day']
    """
    return chain.from_iterable(_normalize(piece).split() for _, piece in cut_into_pieces(text))


def tokenize_with_offsets(text: str) -> Iterator[tuple[str, int, int]]:
    """Like ``tokenize``, with the (start, end) of each word in the input.

    >>> list(tokenize_with_offsets("Good day!"))
    [('good', 0, 4), ('day', 5, 8)]
    """
    for first, piece in cut_into_pieces(text):
        alignment = Alignment(piece, _normalize)
        for match in _WORD.finditer(alignment.normalized):
            start, end = alignment.span(*match.span())
            yield match[0], first + start, first + end


def _normalize(text: str) -> str:
    return text.lower().translate(_TO_SPACE)
