"""Shows what is typed or offered without letting it drive the terminal."""

import unicodedata

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

from sentiment_repl.render import HARMLESS

_INVISIBLE = frozenset(["Cf", "Cs", "Zl", "Zp"])


class Visible(Processor):
    """Shows format characters, such as those that turn the direction of writing, as U+FFFD.

    prompt_toolkit shows only control characters as what they are.
    """

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """As prompt_toolkit asks for it; every character keeps its place."""
        shown: StyleAndTextTuples = []
        for style, text, *handler in transformation_input.fragments:
            plain = text if text.isascii() else "".join(map(_shown, text))
            shown.append((style, plain, *handler))  # type: ignore[arg-type]
        return Transformation(shown)


def _shown(char: str) -> str:
    if unicodedata.category(char) in _INVISIBLE and char not in HARMLESS:
        return "\N{REPLACEMENT CHARACTER}"
    return char
