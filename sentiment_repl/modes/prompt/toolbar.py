"""The line at the bottom of the prompt: the live label, a question, or what the keys do."""

from collections.abc import Mapping

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.formatted_text.utils import fragment_list_width
from prompt_toolkit.utils import get_cwidth

from sentiment_repl import render
from sentiment_repl.modes.prompt.colours import HINT, label_sign, label_style
from sentiment_repl.modes.prompt.drawing import draw
from sentiment_repl.modes.prompt.live_preview import MAX_LENGTH, LivePreview
from sentiment_repl.modes.prompt.output import can_encode

_BAR_WIDTH = 10  # columns
_SHARES_WIDTH = 20  # columns, without the signs
_HINTS = "F1/Alt-h help  F2 contributions  F3 live preview  F4 wrong label"


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
    unknown = [draw(render.escape(word)) for word in prediction.unknown_words]
    notes = f"  {len(unknown)} unknown: {', '.join(unknown)}" if unknown else ""
    if prediction.label is None or prediction.probabilities is None:
        return [(HINT, _cut(f"can't tell{notes}", width))]
    if prediction.uncertain:
        notes = f"  {render.TOO_CLOSE}{notes}"
    return _cut_fragments(
        [*_answer(prediction.label, prediction.probabilities, width), (HINT, notes)], width
    )


def question_fragments(choices: Mapping[str, str], width: int) -> StyleAndTextTuples:
    """Return the toolbar that asks for the right label.

    :param choices: the keys that answer, each with its label.
    """
    question: StyleAndTextTuples = [(HINT, "right label?")]
    for key, label in choices.items():
        question += [("", f"  {key} "), (label_style(label), label)]
    return _cut_fragments([*question, (HINT, "  other keys cancel")], width)


def _answer(label: str, shares: Mapping[str, float], width: int) -> StyleAndTextTuples:
    """Return a label, a bar if there is room, and the label's probability."""
    if len(shares) > 2:
        names = {name: f"{label_sign(name)} {name}".lstrip() for name in shares}
        bar = _sections(shares)
    else:
        names = {name: name for name in shares}
        bar = _bar(label, shares[label])
    # A constant width keeps the bar in its place while the label changes.
    padded = names[label].ljust(max(map(len, names.values())))
    percent = f"{100 * shares[label]:.1f} %"
    bar.append(("", " "))
    if len(padded) + 1 + fragment_list_width(bar) + len(percent) > width:
        bar = []
    return [(label_style(label), f"{padded} "), *bar, ("", percent)]


def _bar(label: str, share: float) -> StyleAndTextTuples:
    """Draw a bar for one of two labels: empty at 50 %, full at 100 %."""
    full, empty = ("█", "░") if can_encode("█░") else ("#", "-")
    columns = round(_BAR_WIDTH * (2 * share - 1))
    return [(label_style(label), full * columns + empty * (_BAR_WIDTH - columns))]


def _sections(shares: Mapping[str, float]) -> StyleAndTextTuples:
    """Draw a section for each label, as wide as its probability: ``-██=░░░░░░░░░░░░+██████``.

    Each section starts with the sign of its label, so that the bar is clear without colour.
    """
    full, light = ("█", "░") if can_encode("█░") else ("#", ".")
    sections: StyleAndTextTuples = []
    cumulative, start = 0.0, 0
    for label, share in shares.items():
        cumulative += share
        end = round(_SHARES_WIDTH * cumulative)
        block = light if label == "neutral" else full
        sections.append((label_style(label), (label_sign(label) or "|") + block * (end - start)))
        start = end
    return sections


def _cut_fragments(fragments: StyleAndTextTuples, width: int) -> StyleAndTextTuples:
    cut: StyleAndTextTuples = []
    for style, text, *_ in fragments:
        cut.append((style, _cut(text, width)))
        width -= get_cwidth(cut[-1][1])
    return cut


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
