"""Map the characters of a normalized text back to the input.

Normalization changes lengths: ``&amp;`` becomes ``&``, ``ﬁ`` becomes ``fi``. Explanations and
colours need the place of each word in the text as the user typed it.
"""

import re
from collections.abc import Callable, Iterator

# Normalization works on one HTML entity, one shortcode, or one letter with its marks. The few
# exceptions (some Hangul, the final sigma) are aligned word by word.
_ENTITY = re.compile(r"&[^\s<&;]{1,32};?")
_SHORTCODE = re.compile(r":[^\s:]{2,40}:")
_LETTER = re.compile(r".[\u0300-\u036f\ufe0f\u200d]*", re.DOTALL)
_WORD_OR_SPACE = re.compile(r"\s|\S+")


class Alignment:
    """A normalized text, and where each of its characters comes from.

    :param text: any string.
    :param normalize: the normalization. It must keep white space as white space, and the
        result for one word must not depend on the other words.

    >>> alignment = Alignment("R&amp;B now", lambda text: text.replace("&amp;", "&"))
    >>> alignment.normalized, alignment.span(0, 3)
    ('R&B now', (0, 7))
    """

    def __init__(self, text: str, normalize: Callable[[str], str]) -> None:
        self.normalized = normalize(text)
        self._origins: list[tuple[int, int]] | None = None
        if len(self.normalized) == len(text) and text.isascii():
            return  # every character kept its place
        self._origins = []
        for match in _WORD_OR_SPACE.finditer(text):
            word, start = match[0], match.start()
            parts = list(_parts(word, normalize))
            if "".join(part for _, _, part in parts) != normalize(word):
                parts = [(0, len(word), normalize(word))]
            for a, b, part in parts:
                self._origins += [(start + a, start + b)] * len(part)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the (start, end) in the input of a non-empty slice of ``normalized``."""
        if self._origins is None:
            return start, end
        return self._origins[start][0], self._origins[end - 1][1]


def _parts(word: str, normalize: Callable[[str], str]) -> Iterator[tuple[int, int, str]]:
    """Yield the start and end of each part of a word, and its normalized form."""
    start = 0
    while start < len(word):
        end = None
        if word[start] == "&":
            end = _entity_end(word, start, normalize)
        elif (shortcode := _SHORTCODE.match(word, start)) and len(normalize(shortcode[0])) == 1:
            end = shortcode.end()
        if end is None:
            match = _LETTER.match(word, start)
            end = match.end() if match else start + 1
        yield start, end, normalize(word[start:end])
        start = end


def _entity_end(word: str, start: int, normalize: Callable[[str], str]) -> int | None:
    """Return where the HTML entity at ``start`` ends, or None if there is none."""
    match = _ENTITY.match(word, start)
    if match is None:
        return None
    # In "&ampgood" the entity is "&amp": the shortest prefix that leaves the rest unchanged.
    whole = normalize(match[0])
    for end in range(start + 3, match.end() + 1):
        rest = word[end : match.end()]
        decoded = normalize(word[start:end])
        if len(decoded) < end - start and decoded + normalize(rest) == whole:
            return end
    return None
