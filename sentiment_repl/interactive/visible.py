"""Keeps what was typed or pasted from steering the terminal."""

import re

from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

# Marks of direction, joiners of lines, what has no place in a terminal; prompt_toolkit shows
# other control characters as "^A". The two that join emoji (200c, 200d) stay.
_STEERING = re.compile(
    "[\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


class Visible(Processor):
    """Shows each formatting character, such as a bidi override, as a replacement character.

    What is entered stays what it is; one character stands for one, so the cursor fits.
    """

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """As prompt_toolkit asks for it."""
        return Transformation(
            [
                (style, _STEERING.sub("\ufffd", text), *handler)
                for style, text, *handler in transformation_input.fragments
            ]
        )
