"""The project's own test sets in ``results/sets``."""

import re
from collections import Counter

from sentiment_repl.data.reserved import is_reserved
from sentiment_repl.data.split import split_key
from tests.conftest import REPOSITORY

SETS = REPOSITORY / "results" / "sets"


def read_rows(name: str) -> list[tuple[str, str]]:
    lines = (SETS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [(label, text) for label, text in (line.split("\t") for line in lines)]


def test_everyday_sentences_are_balanced_and_their_halves_share_none() -> None:
    halves = read_rows("everyday_development"), read_rows("everyday_test")
    for half in halves:
        counts = Counter(label for label, _ in half)
        assert set(counts) == {"neg", "neutral", "pos"}
        assert min(counts.values()) > 60
    development, test = (
        {re.sub(r"[^\w\s]+", "", text.lower()) or text for _, text in half} for half in halves
    )
    assert not development & test


def test_no_source_trains_on_a_final_test_set() -> None:
    for name in ("everyday_test", "negation_test"):
        keys = {split_key(text) for _, text in read_rows(name)} - {""}
        assert len(keys) > 170
        assert all(map(is_reserved, keys))
