"""Shows invisible characters, which could otherwise steer the terminal."""

import unicodedata

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

from sentiment_repl.render import JOINERS

_CATEGORIES = frozenset(["Cf", "Cs", "Zl", "Zp"])  # format, surrogate, line and paragraph separator


class ShowInvisible(Processor):
    """Shows format characters as U+FFFD. Some of them would reverse the direction of the line.

    prompt_toolkit itself makes only control characters visible.
    """

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """Replace characters one by one, so that every position stays the same."""
        shown: StyleAndTextTuples = [
            (style, text if text.isascii() else "".join(map(_visible, text)))
            for style, text, *_ in transformation_input.fragments
        ]
        return Transformation(shown)


def _visible(char: str) -> str:
    if unicodedata.category(char) in _CATEGORIES and char not in JOINERS:
        return "\N{REPLACEMENT CHARACTER}"
    return char
