"""Long texts in pieces, so that a tokenizer needs little memory for a text of any length.

A character can become 18 under NFKC, and each word of a text is an object of its own. A
tokenizer holds one piece at a time.
"""

import re
from collections.abc import Iterator

LONGEST_PIECE = 2**14
"""Characters of the longest piece. A word of this length is cut."""

_PIECE = re.compile(
    rf".{{1,{LONGEST_PIECE}}}(?=\s|\Z) | .{{1,{LONGEST_PIECE}}}", re.DOTALL | re.VERBOSE
)


def cut_into_pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text before white space.

    Neither normalization nor a token crosses white space, so the pieces of a text have the
    tokens of the text.

    :return: for each piece its start in the text, and the piece.

    >>> list(cut_into_pieces("a good day"))
    [(0, 'a good day')]
    """
    if len(text) <= LONGEST_PIECE:
        yield 0, text
        return
    for match in _PIECE.finditer(text):
        yield match.start(), match[0]
