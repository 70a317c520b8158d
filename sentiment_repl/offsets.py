"""Where the characters of a normalised text stood in the text as it was given."""

import re
from collections.abc import Callable

# An HTML entity, white space, or a letter with the marks that follow it: the pieces that
# normalisation changes one by one, but for some Hangul, which is then taken word by word.
_PIECE = re.compile(r"&[^\s<&;]{1,32};?|\s|.[\u0300-\u036f\ufe0f\u200d]*", re.DOTALL)
_WORD = re.compile(r"\s|\S+")


class Offsets:
    """A normalised text, and for each of its characters where it comes from.

    :param text: any string.
    :param normalize: what was done to it; must treat white space as such.
    """

    def __init__(self, text: str, normalize: Callable[[str], str]) -> None:
        self.normal = normalize(text)
        self._origin: list[tuple[int, int]] | None = None
        if self.normal is text or (len(self.normal) == len(text) and text.isascii()):
            return  # each where it was
        for pattern in (_PIECE, _WORD):
            pieces = [(match.span(), normalize(match[0])) for match in pattern.finditer(text)]
            if "".join(piece for _, piece in pieces) == self.normal:
                self._origin = [span for span, piece in pieces for _ in piece]
                return
        self._origin = [(0, len(text))] * len(self.normal)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the given text of a piece, not empty, of the normalised one."""
        if self._origin is None:
            return start, end
        return self._origin[start][0], self._origin[end - 1][1]
