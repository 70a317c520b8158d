"""The tokenizer of the default model: text as people write it online.

Forms that mean the same become the same token:

- mentions become ``<user>``, links ``<url>``;
- HTML entities are decoded, curly quotes straightened, wide letters made plain (NFKC);
- elongated words and runs of punctuation are shortened, and noses removed from emoticons;
- an emoji becomes the emoticon of its kind, or the words of its Unicode name.

How a word was written, in capitals or elongated, is kept as features of its token.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import NamedTuple

from sentiment_repl.text.alignment import Alignment
from sentiment_repl.text.vocabulary import ELONGATED, UPPERCASE

USER, LINK = "<user>", "<url>"
SMILE, LAUGH, WINK, FROWN, HEART, BROKEN_HEART = ":)", ":D", ";)", ":(", "<3", "</3"


class Token(NamedTuple):
    """The unit that the vocabulary looks up."""

    word: str
    """Never empty, without white space."""
    features: int
    """0, or a sum of ``UPPERCASE`` (``NO``) and ``ELONGATED`` (``sooo``)."""


_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("‘’‛´ʼ′", "'"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("‐‑", "-"),
        **dict.fromkeys("\ufe0f\u20e3"),  # how an emoji is drawn; a key around a digit
    }
)


@cache
def _marks() -> str:
    """Return the combining marks as ranges of a regular expression.

    NFKC has already composed the marks of Latin letters.
    """
    ranges = ""
    for is_mark, run in groupby(
        map(chr, range(0x300, 0x1D00)), lambda char: unicodedata.category(char)[0] == "M"
    ):
        if is_mark:
            chars = list(run)
            ranges += f"{chars[0]}-{chars[-1]}"
    return ranges


_KANA_MARKS = "\uff9e\uff9f"  # Unicode calls them letters until NFKC turns them into marks
_RUN = re.compile(rf"(?:[^\x00-\u02ff\w]|[{_KANA_MARKS}]){{9,}}")  # possible marks
_NUMBERED = re.compile("&#0*([0-9]{1,8})[0-9]*")

# Every branch after the second starts with a character class, and checks its context later.
# Python's re then skips every branch that the next character rules out.
_TOKEN = r"""
      [hHfF](?:(?<=[hH])[tT][tT][pP][sS]?|(?<=[fF])[tT][pP])://\S+ | [wW][wW][wW]\.\S+
    | @\w+
    | [>:;=](?:(?<=>)[:;=]|(?<!>))'?[-o^~]?
      (?: [)(\]\[}{]+ | [/\\|]+(?![\w/\\]) | [*@$](?!\w)
        | (?:[dD]+|[pP]+|[oO]+|[sS]+|[xX]+)(?!\w) )
    | [:=](?<![\w>].)3(?!\w)                               # not a time of day, not a comparison
    | [)(\]\[D](?<!\S.)(?:(?<!D)[)(\]\[]+)?'?[-o^]?[:;=](?![\w)(/])           # (: D: [=
    | </?3+(?!\d|[.,]\d) | \^[_.\-]*\^ | -[_.]+- | >[_.]+< | [xX]D+\b
    | WORD
    | !+ | \?+ | \.+
    | [^\s\w]
"""


@cache
def _surface_pattern(ascii: bool) -> re.Pattern[str]:
    """Return the pattern of a surface. The ASCII pattern is twice as fast."""
    word = "[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*"
    if not ascii:
        word = rf"[^\W_]+[{_marks()}]*(?:'?[^\W_]+[{_marks()}]*)*"
    return re.compile(_TOKEN.replace("WORD", word), re.VERBOSE)


_EYES = {":": ":", ";": ";", "=": ":"}
_MOUTHS = {
    **dict.fromkeys(")]}", ")"),
    **dict.fromkeys("([{", "("),
    **dict.fromkeys("/\\", "/"),
    **{letter: letter.upper() for letter in "dposx"},
}
_REVERSED = {
    **dict.fromkeys("([", ")"),
    **dict.fromkeys(")]D", "("),
}
_THREE_OR_MORE = re.compile(r"(.)\1\1+")

# Words in the Unicode names of emoji. The first kind that matches decides.
_EMOJI_KINDS = {
    BROKEN_HEART: "BROKEN HEART",
    LAUGH: "JOY|LAUGHING|GRINNING",
    SMILE: "SMILING",
    WINK: "SMIRKING|WINKING",
    HEART: "HEARTS?|KISS(ING)?",
    FROWN: "CRYING|ANGRY|POUTING|SERIOUS FACE WITH SYMBOLS|FROWNING|DISAPPOINTED|PENSIVE|WORRIED|"
    "CONFUSED|UNAMUSED|PERSEVERING|CONFOUNDED|WEARY|TIRED FACE|FEARFUL|ANGUISHED|PLEADING|"
    "NAUSEATED|VOMITING",
}
_STOP_WORDS = frozenset(["and", "face", "for", "in", "of", "on", "sign", "symbol", "the", "with"])
_FIRST_EMOJI = 0x2190  # letters and punctuation come first
# Skin tones, halves of flags, and symbols that are not emoji.
_IGNORED_EMOJI = ("EMOJI MODIFIER", "REGIONAL INDICATOR", "TAG ", "PLAYING CARD", "BOX DRAWINGS")


def tokenize(text: str) -> list[Token]:
    """Split a text into tokens, in order, repeats included.

    :param text: any string.
    :return: words, punctuation and emoticons; ``[]`` for a text without any.

    >>> [token.word for token in tokenize("@ann sooo GOOD!!! :-D")]
    ['<user>', 'soo', 'good', '!!!', ':D']
    """
    return [token for surface in split_surfaces(text) for token in tokens_of_surface(surface)]


def split_surfaces(text: str) -> list[str]:
    """Split a text into surfaces: tokens as they were written, after ``normalize``.

    >>> split_surfaces("sooo GOOD!!!")
    ['sooo', 'GOOD', '!!!']
    """
    normalized = normalize(text)
    return _surface_pattern(normalized.isascii()).findall(normalized)


def split_surfaces_with_offsets(text: str) -> list[tuple[str, int, int]]:
    """Like ``split_surfaces``, with the (start, end) of each surface in the input."""
    alignment = Alignment(text, normalize)
    normalized = alignment.normalized
    return [
        (match[0], *alignment.span(*match.span()))
        for match in _surface_pattern(normalized.isascii()).finditer(normalized)
    ]


def normalize(text: str) -> str:
    """Decode HTML entities, straighten quotes, and apply NFKC."""
    if "&" in text:
        # No character has a number of eight digits, and int() refuses thousands of digits.
        text = html.unescape(_NUMBERED.sub(r"&#\1", text))
    if not text.isascii():
        # Quotes first: NFKC turns a lone acute accent into a space and a mark. Then marks:
        # NFKC takes minutes for a letter with thousands of them.
        text = text.translate(_STRAIGHT)
        text = _RUN.sub(_limit_marks, text)
        text = unicodedata.normalize("NFKC", text)
    return text.replace("`", "'")


def _limit_marks(run: re.Match[str]) -> str:
    """Keep at most eight combining marks a letter."""
    kept, marks = [], 0
    for char in run[0]:
        mark = unicodedata.category(char)[0] == "M" or char in _KANA_MARKS
        marks = marks + 1 if mark else 0
        if marks <= 8:
            kept.append(char)
    return "".join(kept)


def tokens_of_surface(surface: str) -> tuple[Token, ...]:
    """Return the token of a surface. An emoji may have several tokens, or none."""
    first = surface[0]
    if surface == "USER" or (first == "@" and len(surface) > 1):
        return (Token(USER, 0),)
    if (
        surface == "URL"
        or "://" in surface[1:]
        or (first in "wW" and surface[1:4].lower() == "ww.")
    ):
        return (Token(LINK, 0),)
    if len(surface) > 1 and (emoticon := _emoticon(surface)):
        return (Token(emoticon, 0),)
    if first.isalnum():
        return (_word(surface),)
    if first in "!?.":
        return (Token(surface[:3], 0),)
    if ord(first) >= _FIRST_EMOJI and unicodedata.category(first) in ("So", "Sk"):
        return tuple(Token(word, 0) for word in _emoji(first))
    return (Token(surface, 0),) if surface.isprintable() else ()


def _word(surface: str) -> Token:
    if surface.isdecimal():
        # Of a large number only the magnitude is kept.
        return Token(surface if len(surface) < 3 else "0" * min(len(surface), 4), 0)
    lowered = surface.lower()
    shortened = _THREE_OR_MORE.sub(r"\1\1", lowered)
    features = UPPERCASE if len(surface) > 1 and surface.isupper() else 0
    return Token(shortened, features + (ELONGATED if shortened != lowered else 0))


def _emoticon(surface: str) -> str | None:
    """Return the plain form of an emoticon of two or more characters, or None."""
    first, last = surface[0], surface[-1]
    tear = "'" if "'" in surface else ""
    if first in ":;=" or (first == ">" and surface[1] in ":;="):
        anger, rest = (">", surface[1:]) if first == ">" else ("", surface)
        mouth = rest[1:].lstrip("'").lstrip("-^~")
        if len(mouth) > 1 and mouth[0] == "o":  # the "o" is a nose
            mouth = mouth[1:]
        return f"{anger}{_EYES[rest[0]]}{tear}{_MOUTHS.get(mouth[0], mouth[0])}" if mouth else None
    if last in ":;=" and first in _REVERSED:
        return f"{_EYES[last]}{tear}{_REVERSED[first]}"
    if first == "<":
        return BROKEN_HEART if surface[1] == "/" else HEART
    if last in "^-<" and first in "^->":
        return {"^": "^_^", "-": "-_-", ">": ">_<"}[first]
    if first in "xX" and surface[1] == "D" and not surface[1:].strip("D"):
        return LAUGH
    return None


def _emoji(char: str) -> Iterator[str]:
    """Yield the emoticon of an emoji's kind, or else the words of its name.

    An emoji newer than this Python's Unicode database yields nothing.
    """
    name = unicodedata.name(char, "")
    if name.startswith(_IGNORED_EMOJI):
        return
    for emoticon, words in _EMOJI_KINDS.items():
        if re.search(rf"\b({words})\b", name):
            yield emoticon
            return
    for word in re.findall(r"[a-z]+", name.lower()):
        if word not in _STOP_WORDS:
            yield word
