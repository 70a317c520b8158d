"""The result types: what the classifier says about a text. This module imports nothing heavy."""

from typing import NamedTuple

LONGEST_TEXT = 1_000_000
"""Characters of the longest text that gets a label, at the prompt, in files and in Python.

The limit bounds memory and time. A mode need not read more than one character beyond it.
"""

TOO_LONG = f"Can't tell: the text has more than {LONGEST_TEXT:,} characters."
"""The sentence about a longer text."""


class WordContribution(NamedTuple):
    """How one word moves the answer."""

    word: str
    """As written in the text."""
    start: int
    end: int
    """Its place: ``text[start:end]``."""
    contribution: float
    """How much the log-odds of positive against negative would drop without the word. Above 0
    the word speaks for positive, below 0 for negative. Without a neutral label, +1 moves a
    probability of 50 % to 73 %."""


class Prediction(NamedTuple):
    """The result for one text."""

    text: str
    """The text as it was given; empty for a missing value."""
    label: str | None
    """The most probable label: ``"negative"``, ``"neutral"`` or ``"positive"``. None if no word
    is known, and for a text that is too long."""
    confidence: float | None
    """The probability of the label, 0–1; None if there is no label."""
    unknown_words: tuple[str, ...]
    """The out-of-vocabulary words, each once, in the order of the text."""
    uncertain: bool = False
    """Whether the result is too close to call: there is no label, or its confidence is below
    the abstention threshold in the model's manifest."""
    probabilities: dict[str, float] | None = None
    """The probability of each label; None if there is no label."""
    contributions: tuple[WordContribution, ...] | None = None
    """The contribution of each known word, in the order of the text; None if not asked for."""

    @property
    def too_long(self) -> bool:
        """Whether the text has more than ``LONGEST_TEXT`` characters, and so was not read."""
        return len(self.text) > LONGEST_TEXT
