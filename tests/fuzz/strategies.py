"""Hostile texts, lines and tables. A new kind is one more entry of a list."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

from hypothesis import strategies as st

ESCAPES = [
    "\x1b]0;owned\a", "\x1b]52;c;cm0gLXJm\a", "\x1b[31;5m", "\x1b[2J\x1b[H", "\x1bP+q\x1b\\", "\x1bc",
    "\x9b31m", "\x1b]8;;http://x\x1b\\", "\x1b[200~", "\x1b[6n", "\x1b[?1049h",
]  # fmt: skip
INVISIBLE = [
    *"\0\a\b\t\n\v\f\r\x1b\x7f\x80\x85\x9b\x9d\xa0\xad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029",
    *"\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufe0f\ufeff\uffff\ud800\udbff\udc00",
    *"\udfff\U0010ffff\U000e0041\U000e0100", "\r\n", "\ud83d\ude00",
]  # fmt: skip
NORMALIZED_TO_ANOTHER_LENGTH = [
    *"\u0130\u0131\u0345\u03a3\u0600\u1e9e\u20e3\u3099\ufdfa\uff9e\U0001d165\U0001f1e6\U0001f3fd",
    "&#", "&#x", "&lt;", "&amp;", "&#38;#38;", "&#0;", "&#xD800;", "&#1114112;", "&ampgood", "&" * 40,
    "&#" + "9" * 5000 + ";", "&#" + "0" * 5000 + "65;", "\u1100\u1161\u11a8",
]  # fmt: skip
TOKENS = [
    ":-)", ":'(", ">:(", "<3", "</3", "^_^", "-_-", ">.<", "xD", "=]", "D:", "(:", "((((:", "''", "``",
    "http://", "www.", "@", "#", "USER ", "URL ", "not ", "n't ", "12345678901234567890", "\xb2",
    "\U0001f468\u200d\U0001f469\u200d\U0001f466", "\U0001f44d\U0001f3fd", "\u0663\u0664",
]  # fmt: skip
_fixture = Path(__file__).parents[1] / "fixtures" / "tweets.csv"
TWEETS = st.sampled_from([row[5] for row in csv.reader(io.StringIO(_fixture.read_text("utf-8")))])

SPECIAL = st.sampled_from([*ESCAPES, *INVISIBLE, *NORMALIZED_TO_ANOTHER_LENGTH, *TOKENS])
CHARACTERS = st.characters(exclude_categories=())  # lone surrogates, too
REPEATED = st.sampled_from([*"ao!.?(\u0301\u3099\ufdfa\u0e47", "\u20d0\u1dce", "good ", "&#38;"])
RUNS = st.builds(lambda text, n: text * n, REPEATED | CHARACTERS, st.sampled_from([2, 9, 64, 500]))
PLACES = st.integers(0, 140)
PIECES = st.builds(lambda text, start, end: text[start:end], TWEETS, PLACES, PLACES)
PARTS = (
    TWEETS | PIECES | PIECES.map(str.swapcase) | SPECIAL | RUNS | st.text(CHARACTERS, max_size=9)
)
TEXTS = st.lists(PARTS, max_size=8).map("".join)
BROKEN_UTF8 = [b"\xff", b"\xc3", b"\xe2\x80", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\x80"]
BYTES = TEXTS.map(lambda text: text.encode(errors="surrogatepass")) | st.binary(max_size=9)
LINES = st.lists(BYTES | st.sampled_from(BROKEN_UTF8), max_size=3).map(
    lambda parts: b"".join(parts).replace(b"\n", b"")
)

DAMAGE = st.binary(max_size=9) | st.sampled_from(
    [b'"', b'"""', b"\0", b"\r", b"\n", b"\xff", b"\xe9", b"\t", b",", b"\x1a", b"{", b"}", b'"' * 999,
     b"," * 5000, b"\xef\xbb\xbf", b"\n" * 300, b"x" * 140_000]
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Insert, overwrite, delete and truncate."""
    for _ in range(draw(st.sampled_from([1, 1, 3, 9]))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.sampled_from([start, start + 1, start + 1, start + 50, len(content)]))
        content = content[:start] + draw(DAMAGE) + content[end:]
    return content


CELLS = TEXTS.map(lambda text: text.replace("\0", "").encode(errors="ignore").decode())
SOUND_ROWS = st.tuples(st.sampled_from("01"), CELLS, CELLS).map(list)
ROWS = st.lists(SOUND_ROWS | st.sampled_from([["1"], ["1", "good"], ["1", "good", "", ""]]))
# csv quotes no end of a line but its own, unless it quotes everything.
DIALECTS = [("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL), ("\r", csv.QUOTE_ALL)]
BAD_OBJECTS = [
    "{", "[]", "7", "null", '"text"', '{"text": 3}', '{"text": null}', "{}", '{"text": "a" "b"}', "nul",
    "[" * 5000, "9" * 5000, '{"text": "x"', "\x1b[2J", '{"text": "x"} {"text": "y"}', '{"text": "x",}',
]  # fmt: skip
SOUND_OBJECTS = TEXTS.map(lambda text: json.dumps({"text": text, "label": 1}))
OBJECTS = st.lists(SOUND_OBJECTS | st.sampled_from(BAD_OBJECTS))


def encode_rows(rows: list[list[str]], delimiter: str, dialect: tuple[str, int]) -> bytes:
    """Write a table as Python's csv does."""
    out, (newline, quoting) = io.StringIO(newline=""), dialect
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerows([["label", "text", "note"], *rows])
    return out.getvalue().encode()


def pack(name: str, content: bytes) -> bytes:
    """Compress a content as the ending of a name says."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../a\x1b[2J.csv", content)
        return out.getvalue()
    return gzip.compress(content[:9]) + gzip.compress(content[9:]) if ".gz" in name else content
