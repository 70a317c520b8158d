"""What the prompt looks like: the colours of the words, and the line at the bottom."""

import sys

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.styles import Style

from sentiment_repl import render
from sentiment_repl.interactive.live import LONGEST, LiveReading

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


def toolbar(line: str, live: LiveReading) -> StyleAndTextTuples:
    """The line at the bottom: the answer so far, or what the keys do."""
    if not live.enabled:
        return [("class:hint", f"live reading is off  {_HINTS}")]
    if not line.strip():
        return [("class:hint", _HINTS)]
    if len(line) > LONGEST:
        return [("class:hint", "too long to be read while you type; Enter answers it")]
    look = live.look(line)
    if look is None:
        return [("class:hint", "…" if _writes("…") else "...")]
    prediction = look.prediction
    unknown = [render.escape(word) for word in prediction.unknown_words]
    ignored = f"  {len(unknown)} unknown: {', '.join(unknown)}" if unknown else ""
    if prediction.confidence is None:
        return [("", "can't tell"), ("class:hint", ignored)]
    doubt = f"  {render.TOO_CLOSE}" if prediction.uncertain else ""
    return [
        (f"class:label.{prediction.label}", f"{prediction.label} {_bar(prediction.confidence)}"),
        ("", f" {100 * prediction.confidence:.1f} %{doubt}"),
        ("class:hint", ignored),
    ]


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
