"""Where the characters of a normalised text stood in the text as it was given."""

import re
from collections.abc import Callable, Iterator

# An HTML entity, or a letter with the marks that follow it: what normalisation changes
# piece by piece; but for a few (some Hangul, a final sigma), which it changes word by word.
_ENTITY = re.compile(r"&[^\s<&;]{1,32};?")
_LETTER = re.compile(r".[\u0300-\u036f\ufe0f\u200d]*", re.DOTALL)
_WORD = re.compile(r"\s|\S+")


class Offsets:
    """A normalised text, and for each of its characters where it comes from.

    :param text: any string.
    :param normalize: what was done to it; white space must stay such, and alone decide
        where a piece ends that depends on its neighbours.
    """

    def __init__(self, text: str, normalize: Callable[[str], str]) -> None:
        self.normal = normalize(text)
        self._origin: list[tuple[int, int]] | None = None
        if len(self.normal) == len(text) and text.isascii():
            return  # each where it was
        self._origin = []
        for match in _WORD.finditer(text):
            word, start = match[0], match.start()
            pieces = list(_pieces(word, normalize))
            if "".join(piece for _, _, piece in pieces) != normalize(word):
                pieces = [(0, len(word), normalize(word))]
            self._origin += [(start + a, start + b) for a, b, piece in pieces for _ in piece]
        if len(self._origin) != len(self.normal):
            self._origin = [(0, len(text))] * len(self.normal)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the given text of a piece, not empty, of the normalised one."""
        if self._origin is None:
            return start, end
        return self._origin[start][0], self._origin[end - 1][1]


def _pieces(word: str, normalize: Callable[[str], str]) -> Iterator[tuple[int, int, str]]:
    """Start and end of each piece, and what becomes of it."""
    start = 0
    while start < len(word):
        end = _entity_end(word, start, normalize) if word[start] == "&" else None
        if end is None:
            match = _LETTER.match(word, start)
            end = match.end() if match else start + 1
        yield start, end, normalize(word[start:end])
        start = end


def _entity_end(word: str, start: int, normalize: Callable[[str], str]) -> int | None:
    """Where the entity ends that begins here; None if there is none that is undone."""
    match = _ENTITY.match(word, start)
    if match is None:
        return None
    # "&ampgood" is "&good": the shortest beginning after which the rest stays as it is.
    whole = normalize(match[0])
    for end in range(start + 3, match.end() + 1):
        rest = word[end : match.end()]
        undone = normalize(word[start:end])
        if len(undone) < end - start and undone + normalize(rest) == whole:
            return end
    return None
