"""Text as people write it now, to tokens, for the trainer and the prompt alike.

What stands for the same thing becomes the same token: mentions and links are masked,
HTML entities undone, stretched words and rows of marks levelled, curly quotes made
straight, noses and turned heads taken from emoticons, and an emoji becomes the
emoticon of its kind or the words of its Unicode name.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import NamedTuple

from sentiment_repl.offsets import Offsets

USER, LINK = "<user>", "<url>"
SMILE, LAUGH, WINK, FROWN, HEART, BROKEN_HEART = ":)", ":D", ";)", ":(", "<3", "</3"

CAPITALS, STRETCHED = 1, 2
"""What ``Token.style`` is the sum of."""
STYLES = 4


class Token(NamedTuple):
    """A piece of a text, as it is looked up in the dictionary."""

    word: str
    """Never empty, without white space."""
    style: int
    """0, or a sum of ``CAPITALS`` (``NO``) and ``STRETCHED`` (``sooo``): how it was written."""


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
    """The marks of letters as ranges for a pattern; NFKC composes those of Latin letters."""
    ranges = ""
    for is_mark, run in groupby(
        map(chr, range(0x300, 0x1D00)), lambda char: unicodedata.category(char)[0] == "M"
    ):
        if is_mark:
            chars = list(run)
            ranges += f"{chars[0]}-{chars[-1]}"
    return ranges


_KANA_MARKS = "\uff9e\uff9f"  # letters to Unicode until NFKC makes marks of them
_RUN = re.compile(rf"(?:[^\x00-\u02ff\w]|[{_KANA_MARKS}]){{9,}}")  # of what may be marks
_NUMBERED = re.compile("&#0*([0-9]{1,8})[0-9]*")

# Each branch but the first two begins with what it may begin with, looked at only
# afterwards: Python's re then tries no branch that the next character rules out.
_TOKEN = r"""
      [hHfF](?:(?<=[hH])[tT][tT][pP][sS]?|(?<=[fF])[tT][pP])://\S+ | [wW][wW][wW]\.\S+
    | @\w+
    | [>:;=](?:(?<=>)[:;=]|(?<!>))'?[-o^~]?
      (?: [)(\]\[}{]+ | [/\\|]+(?![\w/\\]) | [*@$](?!\w)
        | (?:[dD]+|[pP]+|[oO]+|[sS]+|[xX]+)(?!\w) )
    | [:=](?<![\w>].)3(?!\w)                               # no time of day, no comparison
    | [)(\]\[D](?<!\S.)(?:(?<!D)[)(\]\[]+)?'?[-o^]?[:;=](?![\w)(/])           # (: D: [=
    | </?3+(?!\d|[.,]\d) | \^[_.\-]*\^ | -[_.]+- | >[_.]+< | [xX]D+\b
    | WORD
    | !+ | \?+ | \.+
    | [^\s\w]
"""


@cache
def _token(ascii: bool) -> re.Pattern[str]:
    """What finds the tokens of a text, of one without a letter but ASCII's twice as fast."""
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
_TURNED = {
    **dict.fromkeys("([", ")"),
    **dict.fromkeys(")]D", "("),
}
_THREE_ALIKE = re.compile(r"(.)\1\1+")

# Of the names that Unicode gives to emoji; the first that occurs decides.
_KINDS = (
    ("BROKEN HEART", BROKEN_HEART),
    ("JOY", LAUGH),
    ("LAUGHING", LAUGH),
    ("GRINNING", LAUGH),
    ("SMILING", SMILE),
    ("SMIRKING", WINK),
    ("WINKING", WINK),
    ("HEARTS?", HEART),
    ("KISS(ING)?", HEART),
    ("CRYING", FROWN),
    ("ANGRY", FROWN),
    ("POUTING", FROWN),
    ("SERIOUS FACE WITH SYMBOLS", FROWN),
    ("FROWNING", FROWN),
    ("DISAPPOINTED", FROWN),
    ("PENSIVE", FROWN),
    ("WORRIED", FROWN),
    ("CONFUSED", FROWN),
    ("UNAMUSED", FROWN),
    ("PERSEVERING", FROWN),
    ("CONFOUNDED", FROWN),
    ("WEARY", FROWN),
    ("TIRED FACE", FROWN),
    ("FEARFUL", FROWN),
    ("ANGUISHED", FROWN),
    ("PLEADING", FROWN),
    ("NAUSEATED", FROWN),
    ("VOMITING", FROWN),
)
_SILENT = frozenset(["and", "face", "for", "in", "of", "on", "sign", "symbol", "the", "with"])
_FIRST_EMOJI = 0x2190  # below stand letters and the marks of writing
# An emoji's skin, half of a flag, and what is no emoji for all its hearts.
_NAMELESS = ("EMOJI MODIFIER", "REGIONAL INDICATOR", "TAG ", "PLAYING CARD", "BOX DRAWINGS")


def tokenize(text: str) -> list[Token]:
    """Split a text into tokens, in order, repeats included.

    :param text: any string.
    :return: words, marks, emoticons; ``[]`` for a text without any.
    """
    return [token for surface in surfaces(text) for token in tokens_of(surface)]


def surfaces(text: str) -> list[str]:
    """The pieces of a text as they were written, but for entities, quotes and ligatures."""
    normal = normalize(text)
    return _token(normal.isascii()).findall(normal)


def spans(text: str) -> list[tuple[str, int, int]]:
    """The same with the place of each: where it starts and ends in the text as given."""
    offsets = Offsets(text, normalize)
    return [
        (match[0], *offsets.span(*match.span()))
        for match in _token(offsets.normal.isascii()).finditer(offsets.normal)
    ]


def normalize(text: str) -> str:
    """Undo HTML entities, straighten quotes, and write ligatures and wide letters plainly."""
    if "&" in text:
        # Of eight digits or more is no character; of thousands Python makes no number at all.
        text = html.unescape(_NUMBERED.sub(r"&#\1", text))
    if not text.isascii():
        # Quotes first: to NFKC an acute accent by itself is a space and a mark. A letter
        # has a few marks at most; thousands of them take normalisation minutes.
        text = text.translate(_STRAIGHT)
        text = _RUN.sub(_levelled, text)
        text = unicodedata.normalize("NFKC", text)
    return text.replace("`", "'")


def _levelled(run: re.Match[str]) -> str:
    """A run of characters without the marks of a letter that has eight already."""
    kept, marks = [], 0
    for char in run[0]:
        mark = unicodedata.category(char)[0] == "M" or char in _KANA_MARKS
        marks = marks + 1 if mark else 0
        if marks <= 8:
            kept.append(char)
    return "".join(kept)


def tokens_of(surface: str) -> tuple[Token, ...]:
    """What one piece stands for: a single token, but several or none for an emoji."""
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
        # Which large number it is says nothing; how large, little.
        return Token(surface if len(surface) < 3 else "0" * min(len(surface), 4), 0)
    lowered = surface.lower()
    levelled = _THREE_ALIKE.sub(r"\1\1", lowered)
    style = CAPITALS if len(surface) > 1 and surface.isupper() else 0
    return Token(levelled, style + (STRETCHED if levelled != lowered else 0))


def _emoticon(surface: str) -> str | None:
    """The plain form of an emoticon of two characters or more; None for all else."""
    first, last = surface[0], surface[-1]
    tear = "'" if "'" in surface else ""
    if first in ":;=" or (first == ">" and surface[1] in ":;="):
        anger, rest = (">", surface[1:]) if first == ">" else ("", surface)
        mouth = rest[1:].lstrip("'").lstrip("-^~")
        if len(mouth) > 1 and mouth[0] == "o":  # a nose, not a mouth
            mouth = mouth[1:]
        return f"{anger}{_EYES[rest[0]]}{tear}{_MOUTHS.get(mouth[0], mouth[0])}" if mouth else None
    if last in ":;=" and first in _TURNED:
        return f"{_EYES[last]}{tear}{_TURNED[first]}"
    if first == "<":
        return BROKEN_HEART if surface[1] == "/" else HEART
    if last in "^-<" and first in "^->":
        return {"^": "^_^", "-": "-_-", ">": ">_<"}[first]
    if first in "xX" and surface[1] == "D" and not surface[1:].strip("D"):
        return LAUGH
    return None


def _emoji(char: str) -> Iterator[str]:
    """The emoticon of an emoji's kind, or else the words of its name.

    None for an emoji that is younger than this Python's Unicode.
    """
    name = unicodedata.name(char, "")
    if name.startswith(_NAMELESS):
        return
    for part, emoticon in _KINDS:
        if re.search(rf"\b{part}\b", name):
            yield emoticon
            return
    for word in re.findall(r"[a-z]+", name.lower()):
        if word not in _SILENT:
            yield word
