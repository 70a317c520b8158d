"""Draws each character of a line so that it can't steer the terminal and has a known width."""

import unicodedata

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

_HIDDEN = frozenset(["Cf", "Cs", "Zl", "Zp"])  # format, surrogate, line and paragraph separator

_JOINER, _NON_JOINER = "\u200d", "\u200c"
_REGIONAL_A, _FULLWIDTH_A = 0x1F1E6, 0xFF21  # a flag is two letters of a country
_DRAWN = {
    "\ufe0f": "\ufe0e",  # the variant of an emoji that is as wide as the character before
    **{chr(tone): "\N{LARGE BROWN SQUARE}" for tone in range(0x1F3FB, 0x1F400)},
    **{chr(_REGIONAL_A + letter): chr(_FULLWIDTH_A + letter) for letter in range(26)},
}


class DrawnAlone(Processor):
    """Draws each character of the line on its own. See ``draw``."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """Replace characters one by one, so that every position stays the same."""
        drawn: StyleAndTextTuples = []
        before = ""
        for style, text, *_ in transformation_input.fragments:
            drawn.append((style, draw(text, before)))
            before = text[-1:] or before
        return Transformation(drawn)


def draw(text: str, before: str = "") -> str:
    """Return as many characters as the text has, none of which changes its neighbours.

    Format characters become U+FFFD, because some of them reverse the direction of the line.
    prompt_toolkit itself makes only control characters visible.

    The parts of a joined emoji stand side by side. Some terminals draw them as one picture and
    others do not, so that nobody knows how many columns have to be erased.

    :param before: the character before the text, if any.
    """
    if text.isascii():
        return text
    return "".join(map(_draw, (before or " ") + text, text))


def _draw(before: str, char: str) -> str:
    if char == _JOINER:  # it also shapes the letters of some scripts
        return _JOINER if unicodedata.category(before)[0] in "LM" else _NON_JOINER
    if char != _NON_JOINER and unicodedata.category(char) in _HIDDEN:
        return "\N{REPLACEMENT CHARACTER}"
    return _DRAWN.get(char, char)
