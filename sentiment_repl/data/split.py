"""The split into training texts and held-out texts.

The side of a text depends on the text and the seed alone. It stays the same when other files
join the corpus, and no text can stand on both sides.
"""

import hashlib
import html
import re

VALIDATION_SHARE = 0.1
"""The share of the texts that is held out, as in the article."""

LINK = re.compile(r"(?:https?://|\bwww\.)\S+", re.IGNORECASE)
"""A link."""
MENTION = re.compile(r"@\w+")
"""A mention of a user."""
_MASKED_LINK = re.compile(r"https?://\S+|www\.\S+|\bURL\b")
_MASKED_MENTION = re.compile(r"@\w+|\bUSER\b")
_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")


def split_key(text: str) -> str:
    """Return the normalized text that decides the split.

    Texts that differ only in case, white space, punctuation, symbols, HTML entities, mentions
    or links have the same key.

    >>> split_key("@ann Good  Morning! http://a.example")
    'user good morning url'
    """
    text = MENTION.sub(" user ", LINK.sub(" url ", html.unescape(text)))
    return " ".join(_LETTERS_AND_DIGITS.findall(text.replace("'", "").lower()))


def is_held_out(text: str, seed: int) -> bool:
    """Return whether a text is in the held-out set: one text in ten, by its ``split_key``."""
    return is_key_held_out(split_key(text), seed)


def is_key_held_out(key: str, seed: int) -> bool:
    """Return whether the texts of a ``split_key`` are in the held-out set."""
    return stable_hash(f"{seed} {key}") < VALIDATION_SHARE * 2**64


def stable_hash(text: str) -> int:
    """Return a 64-bit hash of a text that is the same in every process.

    Lone surrogates count as question marks.
    """
    digest = hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def mask_mentions_and_links(text: str) -> str:
    """Return a text in lower case with all mentions alike and all links alike.

    Baselines of plain words read texts in this form. Some corpora hold ``USER`` and ``URL``
    in place of mentions and links.

    >>> mask_mentions_and_links("USER look: http://a.example")
    '@user look: url'
    """
    return _MASKED_MENTION.sub("@user", _MASKED_LINK.sub("url", text)).lower()
