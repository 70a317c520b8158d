"""Text to tokens: one function for the trainer and the prompt alike.

Deliberately left out: stemming, stop words, emoji, masking of mentions and
links. The article has none of them, and its network is kept to the letter.
"""

import re

from sentiment_repl.offsets import Offsets

# Keras' ``text_to_word_sequence`` of 2017, which the article calls, takes these
# for separators. The apostrophe is not among them: "don't" is one word.
_SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'
_TO_SPACE = str.maketrans(dict.fromkeys(_SEPARATORS, " "))
_WORD = re.compile(r"[^\s]+")


def tokenize(text: str) -> list[str]:
    """Split a text into its lower-cased words, in order, repeats included.

    :param text: any string; every kind of Unicode white space separates words.
    :return: the words, none of them empty; ``[]`` for a text without any.
    """
    return text.lower().translate(_TO_SPACE).split()


def spans(text: str) -> list[tuple[str, int, int]]:
    """The same words with the place of each: where it starts and ends in the text."""
    offsets = Offsets(text, lambda text: text.lower().translate(_TO_SPACE))
    return [(match[0], *offsets.span(*match.span())) for match in _WORD.finditer(offsets.normal)]
