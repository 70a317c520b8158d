import pytest

from sentiment_repl.data.rewriting import rewrite


def rewritten(text: str) -> set[str]:
    return set(rewrite([text], 2000, seed=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the food was good", {"the food wasn't good", "the food was far from good"}),
        ("The room wasn't clean", {"The room was clean"}),
        ("The room wasn\u2019t clean", {"The room was clean"}),
        ("It\u2019s good", {"it isn't good", "it's no longer good"}),
        ("we love this place", {"we don't love this place", "we used to love this place"}),
        ("this works", {"this doesn't work"}),
        ("she enjoyed it", {"she didn't enjoy it", "she used to enjoy it"}),
        ("i would never go there", {"i would always go there", "i would go there"}),
    ],
)
def test_a_rule_replaces_a_word(text: str, expected: set[str]) -> None:
    assert expected <= rewritten(text)


def test_a_clause_stands_alone_or_joins_another() -> None:
    texts = rewritten("slow waiters, great soup")
    assert {"great soup", "great soup, but slow waiters", "slow waiters, but great soup"} <= texts


def test_a_text_that_no_rule_changes_is_left_out() -> None:
    assert "hmm" not in rewritten("hmm")


def test_a_blank_text_is_left_out() -> None:
    assert list(rewrite([" ", ""], 100, seed=1)) == list(rewrite([], 100, seed=1)) == []
    assert list(rewrite([" ", "it is bad"], 50, seed=1)) == list(rewrite(["it is bad"], 50, seed=1))


def test_a_clause_is_never_blank() -> None:
    assert "late again" in rewritten(" , late again")


def test_the_same_seed_yields_the_same_texts() -> None:
    texts = ["the food was good", "we waited an hour"]
    first = list(rewrite(texts, 50, seed=1))
    assert first == list(rewrite(texts, 50, seed=1)) != list(rewrite(texts, 50, seed=2))
