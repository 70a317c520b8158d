"""The line at the bottom of the prompt: the live label, or what the keys do."""

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.utils import get_cwidth

from sentiment_repl import render
from sentiment_repl.modes.prompt.colours import HINT, label_style
from sentiment_repl.modes.prompt.live_preview import MAX_LENGTH, LivePreview
from sentiment_repl.modes.prompt.output import can_encode

_BAR_WIDTH = 10  # columns
_HINTS = "F1 help  F2 contributions  F3 live preview  F4 wrong label"


def toolbar_fragments(line: str, preview: LivePreview, width: int) -> StyleAndTextTuples:
    """Return the toolbar for a line.

    :param width: of the window, in columns.
    """
    if not preview.enabled:
        return [(HINT, _cut(f"live preview is off  {_HINTS}", width))]
    if not line.strip():
        return [(HINT, _cut(_HINTS, width))]
    if len(line) > MAX_LENGTH:
        return [(HINT, _cut("too long for a live preview; Enter classifies it", width))]
    found = preview.get(line)
    if found is None:
        return [(HINT, _ellipsis())]
    prediction = found.prediction
    unknown = [render.escape(word) for word in prediction.unknown_words]
    notes = f"  {len(unknown)} unknown: {', '.join(unknown)}" if unknown else ""
    if prediction.label is None or prediction.confidence is None:
        return [(HINT, _cut(f"can't tell{notes}", width))]
    label, percent = f"{prediction.label} ", f"{100 * prediction.confidence:.1f} %"
    if len(label) + _BAR_WIDTH + len(percent) < width:
        label += f"{_bar(prediction.confidence, len(prediction.probabilities or ()))} "
    if prediction.uncertain:
        notes = f"  {render.TOO_CLOSE}{notes}"
    return [
        (label_style(prediction.label), label),
        ("", percent),
        (HINT, _cut(notes, width - len(label) - len(percent))),
    ]


def _bar(confidence: float, labels: int) -> str:
    """Draw a bar: empty if all labels are equally probable, full at 100 %."""
    full, empty = ("█", "░") if can_encode("█░") else ("#", "-")
    chance = 1 / labels
    columns = round(_BAR_WIDTH * (confidence - chance) / (1 - chance))
    return full * columns + empty * (_BAR_WIDTH - columns)


def _cut(text: str, width: int) -> str:
    """Shorten a text to a width in columns, with an ellipsis at its end."""
    if get_cwidth(text) <= width:
        return text
    end = _ellipsis()
    while text and get_cwidth(text) + len(end) > width:
        text = text[:-1]
    return text + end if width >= len(end) else ""


def _ellipsis() -> str:
    return "…" if can_encode("…") else "..."
