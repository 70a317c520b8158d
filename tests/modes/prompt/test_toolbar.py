import io
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from prompt_toolkit.formatted_text import fragment_list_to_text
from prompt_toolkit.utils import get_cwidth

from sentiment_repl.classifier import Classifier, Prediction
from sentiment_repl.modes.prompt.live_preview import LivePreview
from sentiment_repl.modes.prompt.toolbar import toolbar_fragments

Show = Callable[..., str]


@pytest.fixture
def show(classifier: Classifier, executor: ThreadPoolExecutor) -> Show:
    """Return a function that shows the toolbar for a prediction."""

    def show(probabilities: dict[str, float], width: int = 80, line: str = "x", **fields) -> str:  # type: ignore[no-untyped-def]
        label = max(probabilities, key=probabilities.__getitem__)
        answer = Prediction("x", label, probabilities[label], (), probabilities=probabilities)
        classifier.classify = lambda *_, **__: answer._replace(contributions=(), **fields)  # type: ignore[method-assign]
        preview = LivePreview(lambda: classifier, executor, lambda: None)
        preview.request("x")
        executor.submit(int).result()
        return fragment_list_to_text(toolbar_fragments(line, preview, width))

    return show


@pytest.mark.parametrize(
    ("confidence", "bar"), [(1 / 3, "░" * 10), (0.6, "████░░░░░░"), (1.0, "█" * 10)]
)
def test_the_bar_of_three_labels_is_empty_at_chance(
    show: Show, confidence: float, bar: str
) -> None:
    shown = show({"so so": confidence, "negative": 0, "positive": 0})
    assert shown == f"so so {bar} {100 * confidence:.1f} %"


def test_the_toolbar_is_never_wider_than_the_window(show: Show) -> None:
    probabilities = {"positive": 0.6, "negative": 0.4}
    fields = {"uncertain": True, "unknown_words": ("日本語", "zebra")}
    for line in ("x", "", "not computed", "long " * 1000):
        for width in range(16, 100):
            assert get_cwidth(show(probabilities, width, line, **fields)) <= width
    assert show(probabilities, **fields) == (
        "positive ██░░░░░░░░ 60.0 %  too close to call  2 unknown: 日本語, zebra"
    )


def test_a_terminal_without_block_characters_gets_ascii(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert show({"positive": 0.9, "negative": 0.1}) == "positive ########-- 90.0 %"
