"""Texts of test and development sets: no source trains on them.

Public sets overlap: tweets that people labelled for one set stand in another with other labels.
``left_out.json`` holds short hashes of these texts, so that the texts themselves are not in the
project.
"""

import json
from pathlib import Path

from sentiment_repl.data.split import stable_hash

_CONTENT = json.loads(Path(__file__).with_name("left_out.json").read_text(encoding="utf-8"))
NOT_NEUTRAL_INTENTS = frozenset(_CONTENT["clinc150_intents"])
"""Intents of CLINC150 that may express a sentiment: complaints, thanks, small talk."""
RESERVED_HASHES = frozenset(
    " ".join(
        line
        for name in ("text_hashes", "development_hashes", "own_test_hashes")
        for line in _CONTENT[name]
    ).split()
)
"""Short hashes of texts that occur, whole or in large part, in public test sets; of the
development split of Tweet Sentiment Extraction, whose tweets come from Sentiment140; and of the
final test sets of this project.

TweetEval has no hashes here: its raw texts were not compared.
"""


def short_hash(key: str) -> str:
    """Return the hash of a ``split_key`` in ``RESERVED_HASHES``: 8 hexadecimal digits."""
    return f"{stable_hash(key):016x}"[:8]


def is_reserved(key: str) -> bool:
    """Return whether the texts of a ``split_key`` are reserved for tests."""
    return short_hash(key) in RESERVED_HASHES
