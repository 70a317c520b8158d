"""Hostile texts, lines and tables. A new kind is one more alternative."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

from hypothesis import strategies as st

_fixture = Path(__file__).parents[1] / "fixtures" / "tweets.csv"
TWEETS = st.sampled_from([row[5] for row in csv.reader(io.StringIO(_fixture.read_text("utf-8")))])
PLACES = st.integers(0, 140)
PIECES = st.builds(lambda text, start, end: text[start:end], TWEETS, PLACES, PLACES)
# Window titles, the clipboard, links, colours, cursor moves, questions to the terminal.
ESCAPES = st.from_regex(
    r"(\x1b\[|\x9b)[?>]?[\d;]{0,5}[@-~]|\x1b[P\]X^_]\d{0,2};?[!-~]*(\a|\x1b\\)?|\x1bc"
)
ENTITIES = st.from_regex(
    r"&#?[xX]?(\d{0,9}|amp|lt|quot|AMP|ampgood|[a-zA-Z]{1,5});?", fullmatch=True
)
LONG = st.sampled_from(["&" * 40, "&#" + "9" * 5000 + ";", "&#" + "0" * 5000 + "65;", "9" * 20])
EMOTICONS = st.from_regex(r"[>}]?[:;=xX8<^-]['o^_.-]?[](DPOp/\\|)[@$3*<^-]{1,4}", fullmatch=True)
SYMBOLS = st.sampled_from([
    ":-)", ":'(", "<3", "</3", "^_^", ">.<", "xD", "D:", "(:", "http://", "www.", "@", "#", "USER ",
    "#GoodDay", "#goodday2", ":joy:", ":+1", ":fire:", "\ufffd", "None",
    "\r\n", "not ", "n't", "``", "\u1100\u1161\u11a8", "\u039f\u03a3", "\U0001f468\u200d\U0001f466",
])  # fmt: skip
# What changes the direction of a line, hides, or starts an escape sequence; half of a pair.
STEERING = st.sampled_from("\x1b\x9b\x85\x7f\u202e\u202c\u2066\u2069\u200b\ufeff\u2028\ud800\udfff")
INVISIBLE = st.characters(categories=["Cc", "Cf", "Co", "Cs", "Mn", "Mc", "Me", "Z", "Lm", "Sk"])
# Of another length when they are in lower case, or normalized.
UNSTABLE = "\u0130\u0131\u0345\u03a3\u1e9e\u3099\ufdfa\uff9e\U0001d165\U0001f1e6\u0663\u0e47"
ANY = st.characters(exclude_categories=())
CHARACTERS = ANY | INVISIBLE | STEERING | st.sampled_from(UNSTABLE)
REPEATED = st.sampled_from([*"ao!.?(\u0301", "\u20d0\u1dce", "good ", "&#38;"]) | CHARACTERS
RUNS = st.builds(lambda text, n: text * n, REPEATED, st.sampled_from([2, 9, 64, 500]))
SPECIAL = ESCAPES | ENTITIES | LONG | EMOTICONS | SYMBOLS | STEERING | STEERING | INVISIBLE
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
    [*(bytes([char]) for char in b'"\0\r\n\xff\t,\x1a{}\xe9'), b'"""', b'"' * 999, b"," * 5000,
     b"\xef\xbb\xbf", b"\n" * 300, b"x" * 140_000]
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
SOUND_ROWS = st.tuples(st.sampled_from(["neg", "pos"]), CELLS, CELLS).map(list)
ROWS = st.lists(SOUND_ROWS | st.sampled_from([["1"], ["1", "good"], ["1", "good", "", ""]]))
# csv quotes no end of a line but its own, unless it quotes everything.
DIALECTS = [("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL), ("\r", csv.QUOTE_ALL)]
NO_OBJECTS = [
    "{", "[]", "7", "null", "nul", '"text"', '{"text": "x"', "[" * 5000, "9" * 5000, "\x1b[2J",
    '{"text": "a" "b"}', '{"text": "x",}', '{"text": "x"} {}',
]  # fmt: skip
NUMBER_OBJECT = '{"text": 3}'
BAD_OBJECTS = [*NO_OBJECTS, NUMBER_OBJECT, "{}", '{"text": null}']
SOUND_OBJECTS = TEXTS.map(lambda text: json.dumps({"text": text, "label": "pos"}))
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
