import io
import sys
from unittest.mock import Mock

import pytest
from prompt_toolkit.formatted_text import fragment_list_to_text
from prompt_toolkit.utils import get_cwidth

from sentiment_repl.classifier import Prediction
from sentiment_repl.modes.prompt.colours import STYLE, label_style
from sentiment_repl.modes.prompt.live_preview import LivePreview, Preview
from sentiment_repl.modes.prompt.toolbar import question_fragments, toolbar_fragments


def show(shares: dict[str, float], width: int = 80, line: str = "x", **fields: object) -> str:
    """Return the toolbar for a line, when only the line "x" has a preview."""
    label = max(shares, key=shares.__getitem__)
    prediction = Prediction("x", label, shares[label], (), probabilities=shares)
    preview = LivePreview(Mock(), Mock(), Mock())
    preview.get = {"x": Preview(prediction._replace(**fields), [])}.get
    return fragment_list_to_text(toolbar_fragments(line, preview, width))


def test_a_label_of_any_name_has_a_style() -> None:
    for label in ("positive", "negative", "neutral"):
        assert STYLE.get_attrs_for_style_str(label_style(label)).color
    assert not STYLE.get_attrs_for_style_str(label_style("so so bg:red")).bgcolor


def test_the_bar_of_three_labels_has_a_section_for_each() -> None:
    for negative, neutral, positive, shown in (
        (0.2, 0.5, 0.3, "= neutral  -████=░░░░░░░░░░+██████ 50.0 %"),
        (0.0, 0.0, 1.0, "+ positive -=+████████████████████ 100.0 %"),
        (0.9, 0.07, 0.03, "- negative -██████████████████=░+█ 90.0 %"),
    ):
        assert show({"negative": negative, "neutral": neutral, "positive": positive}) == shown
    other = show({"negative": 0.2, "so so": 0.6, "positive": 0.2})
    assert other == "so so      -████|████████████+████ 60.0 %"


def test_the_question_for_the_right_label_names_keys_and_fits_the_window() -> None:
    for width in range(1, 100):
        shown = fragment_list_to_text(question_fragments({"n": "negative", "u": "neutral"}, width))
        assert get_cwidth(shown) <= width
    assert shown == "right label?  n negative  u neutral  other keys cancel"


def test_the_toolbar_is_never_wider_than_the_window() -> None:
    probabilities = {"positive": 0.6, "negative": 0.4}
    three = {"negative": 0.2, "neutral": 0.2, "positive": 0.6}
    fields = {"uncertain": True, "unknown_words": ("日本語", "zebra")}
    for line in ("x", "", "not computed", "long " * 1000):
        for width in range(1, 100):
            assert get_cwidth(show(probabilities, width, line, **fields)) <= width
            assert get_cwidth(show(three, width, line, **fields)) <= width
    assert show(probabilities, line="long " * 1000).startswith("too long")
    assert show(probabilities, **fields) == (
        "positive ██░░░░░░░░ 60.0 %  too close to call  2 unknown: 日本語, zebra"
    )


def test_a_terminal_without_block_characters_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert show({"positive": 0.9, "negative": 0.1}) == "positive ########-- 90.0 %"
    three = show({"negative": 0.2, "neutral": 0.5, "positive": 0.3})
    assert three == "= neutral  -####=..........+###### 50.0 %"
