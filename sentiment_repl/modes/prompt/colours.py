"""The colours of the prompt: words, labels and hints. The sign of each label."""

from prompt_toolkit.styles import Style

from sentiment_repl.render import NOTABLE

# People with colour blindness can tell blue and orange apart. The colours of labels have a
# contrast of at least 4:1 on black and on white. Signs, bold, underline and strikethrough work
# without colour, too.
_POSITIVE, _NEGATIVE, _NEUTRAL, _GREY = "#0078d4", "#c05000", "#87708f", "#808080"
_LABELS = {"positive": _POSITIVE, "negative": _NEGATIVE, "neutral": _NEUTRAL}
_SIGNS = {"positive": "+", "negative": "-", "neutral": "="}
_STRONG = 1.0  # a contribution (log-odds) from which a word is bold

UNKNOWN_WORD = "class:word.unknown"
HINT = "class:hint"

STYLE = Style.from_dict(
    {
        "word.positive": _POSITIVE,
        "word.negative": f"{_NEGATIVE} underline",
        "word.strong": "bold",
        "word.unknown": f"{_GREY} italic strike",
        "bottom-toolbar": "noreverse",
        "bottom-toolbar.text": "",
        "hint": _GREY,
        **{f"label.{label}": f"{colour} bold" for label, colour in _LABELS.items()},
    }
)
"""The style sheet of the prompt."""


def word_style(contribution: float) -> str:
    """Return the style of a known word; empty if the word hardly matters.

    :param contribution: in log-odds, as in ``WordContribution``.

    >>> word_style(-0.5)
    'class:word.negative'
    """
    if abs(contribution) < NOTABLE:
        return ""
    style = "class:word.positive" if contribution > 0 else "class:word.negative"
    return f"{style} class:word.strong" if abs(contribution) >= _STRONG else style


def label_style(label: str) -> str:
    """Return the style of a label. A label without a colour of its own is not styled."""
    return f"class:label.{label}" if label in _LABELS else ""


def label_sign(label: str) -> str:
    """Return the sign of a label; empty if it has none."""
    return _SIGNS.get(label, "")
