import re

import numpy as np
import pytest

from sentiment_repl.data.split import is_held_out, split_key


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Good  Morning", "good morning!"),
        ("@anna hi http://a.b/c", "USER hi URL"),
        ("@anna hi www.a.b/c", "@bob hi https://x.y"),
        ("fish &amp; chips", "fish & chips"),
        ("&quot;so&quot;", '"so"'),
        ("see HTTP://A.b/c", "see http://x.y"),
        ("awww...", "awww!"),
        ("so happy \u2665", "So happy."),
        ("don't", "dont"),
    ],
)
def test_texts_that_differ_only_in_form_have_one_key(a: str, b: str) -> None:
    assert split_key(a) == split_key(b)
    assert split_key(a + " not") != split_key(b)


def test_the_split_depends_on_key_and_seed_alone() -> None:
    texts = [f"text number {i} \ud800" for i in range(2000)]  # a lone surrogate does no harm
    held_out = [is_held_out(text, 1) for text in texts]
    assert held_out == [is_held_out(text.upper() + "!", 1) for text in texts]
    assert held_out != [is_held_out(text, 2) for text in texts]
    assert np.mean(held_out) == pytest.approx(0.1, abs=0.02)


@pytest.mark.slow
def test_no_real_text_is_on_both_sides(real_tweets: list[tuple[int, str]]) -> None:
    """Texts are compared by a rule of this test."""

    def normalize(text: str) -> str:
        words = re.sub(r"&\w+;|'", "", text.lower()).split()
        words = ["url" if w.startswith(("http://", "https://")) else w for w in words]
        words = ["user" if w[0] == "@" and w[1:].isalnum() else w for w in words]
        return " ".join("".join(c if c.isalnum() else " " for c in w) for w in words).strip()

    sides: dict[str, set[bool]] = {}
    for _, text in real_tweets:
        sides.setdefault(normalize(text), set()).add(is_held_out(text, 1))
    sides.pop("", None)
    assert len(sides) < len(real_tweets) - 100  # there are repeated texts
    assert sum(len(side) == 2 for side in sides.values()) == 0
