"""The tokenizer of the article: lower case, punctuation to spaces, split at white space.

It repeats Keras' ``text_to_word_sequence`` of 2017. It has no stemming, no stop words and no
emoji, because the article has none and its network is kept to the letter.
"""

import re

from sentiment_repl.text.alignment import Alignment

# The apostrophe is not a separator: "don't" is one word.
_SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'
_TO_SPACE = str.maketrans(dict.fromkeys(_SEPARATORS, " "))
_WORD = re.compile(r"\S+")


def tokenize(text: str) -> list[str]:
    """Split a text into lower-case words, in order, repeats included.

    :param text: any string. Every kind of Unicode white space separates words.
    :return: the words, none of them empty; ``[]`` for a text without any.

    >>> tokenize("Don't go -- it's a GOOD day!")
    ["don't", 'go', "it's", 'a', 'good', 'day']
    """
    return _normalize(text).split()


def tokenize_with_offsets(text: str) -> list[tuple[str, int, int]]:
    """Like ``tokenize``, with the (start, end) of each word in the input.

    >>> tokenize_with_offsets("Good day!")
    [('good', 0, 4), ('day', 5, 8)]
    """
    alignment = Alignment(text, _normalize)
    return [
        (match[0], *alignment.span(*match.span())) for match in _WORD.finditer(alignment.normalized)
    ]


def _normalize(text: str) -> str:
    return text.lower().translate(_TO_SPACE)
