"""The line at the bottom of the prompt, and the styles of that line and of the words."""

import sys

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

from sentiment_repl import render
from sentiment_repl.modes.prompt.live import LONGEST, LiveReading

# Two colours that colour-blind readers tell apart, with a contrast of 4 to 1 or more on
# black and on white; and signs besides, for a terminal without colour.
_POSITIVE, _NEGATIVE = "#0078d4", "#c05000"
STYLE = Style.from_dict(
    {
        "word.positive.faint": _POSITIVE,
        "word.positive.strong": f"{_POSITIVE} bold",
        "word.negative.faint": f"{_NEGATIVE} underline",
        "word.negative.strong": f"{_NEGATIVE} underline bold",
        "word.unknown": "#808080 italic strike",
        "bottom-toolbar": "noreverse",
        "bottom-toolbar.text": "",
        "hint": "#808080",
        "label.positive": f"{_POSITIVE} bold",
        "label.negative": f"{_NEGATIVE} bold",
    }
)

_CELLS = 10
_HINTS = "F1 help  F2 which words  F3 live reading  F4 that was wrong"


def content(line: str, live: LiveReading, width: int) -> StyleAndTextTuples:
    """The line at the bottom, as wide as the window: the answer so far, or what the keys do."""
    if not live.enabled:
        return [("class:hint", _cut(f"live reading is off  {_HINTS}", width))]
    if not line.strip():
        return [("class:hint", _cut(_HINTS, width))]
    if len(line) > LONGEST:
        return [("class:hint", _cut("too long to read while you type; Enter answers", width))]
    look = live.look(line)
    if look is None:
        return [("class:hint", "…" if _writes("…") else "...")]
    prediction = look.prediction
    unknown = [render.escape(word) for word in prediction.unknown_words]
    ignored = f"  {len(unknown)} unknown: {', '.join(unknown)}" if unknown else ""
    if prediction.confidence is None:
        return [("class:hint", _cut(f"can't tell{ignored}", width))]
    label = f"{prediction.label} "
    number = f"{100 * prediction.confidence:.1f} %"
    if len(label) + _CELLS + len(number) < width:
        label += f"{_bar(prediction.confidence)} "
    doubt = f"  {render.TOO_CLOSE}" if prediction.uncertain else ""
    return [
        (f"class:label.{prediction.label}", label),
        ("", number),
        ("class:hint", _cut(f"{doubt}{ignored}", width - len(label) - len(number))),
    ]


def _cut(text: str, width: int) -> str:
    """A text that ends where the window does, and shows it."""
    if get_cwidth(text) <= width:
        return text
    end = "…" if _writes("…") else "..."
    while text and get_cwidth(text) + len(end) > width:
        text = text[:-1]
    return text + end if width >= len(end) else ""


def _bar(confidence: float) -> str:
    """Empty at 50 %, full at 100 %."""
    full, empty = ("█", "░") if _writes("█░") else ("#", "-")
    cells = round(_CELLS * (2 * confidence - 1))
    return full * cells + empty * (_CELLS - cells)


def _writes(text: str) -> bool:
    """Whether the terminal's encoding has these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
