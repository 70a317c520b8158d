from unittest.mock import Mock

import pytest
from prompt_toolkit.layout.processors import TransformationInput

from sentiment_repl.modes.prompt.drawing import DrawnAlone

MAN, WOMAN, JOINER, NON_JOINER = "\U0001f468", "\U0001f469", "\u200d", "\u200c"


def draw(*fragments: str) -> str:
    """Return what is drawn for a line in fragments."""
    transformation_input = Mock(TransformationInput, fragments=[("", text) for text in fragments])
    drawn = DrawnAlone().apply_transformation(transformation_input)
    return "".join(text for _, text, *_ in drawn.fragments)


@pytest.mark.parametrize(
    ("line", "drawn"),
    [
        ("good day", "good day"),
        (f"{MAN}{JOINER}{WOMAN}", f"{MAN}{NON_JOINER}{WOMAN}"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d\U0001f7eb"),  # thumbs up with a skin tone
        ("\u2764\ufe0f", "\u2764\ufe0e"),  # a red heart
        ("\U0001f1e9\U0001f1ea", "\uff24\uff25"),  # the flag of Germany
        ("\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u0dc1\u0dca\u200d\u0dbb\u0dd3"),  # "Sri" in Sinhala
        ("a\u202eb\u2028\ud800", "a\ufffdb\ufffd\ufffd"),
    ],
)
def test_each_character_is_drawn_alone(line: str, drawn: str) -> None:
    for split in range(len(line)):
        assert draw(line[:split], line[split:]) == drawn
