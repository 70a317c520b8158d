"""The tokenizer of the default model: text as people write it online.

Forms that mean the same become the same token:

- mentions become ``<user>``, links ``<url>``;
- HTML entities are decoded, curly quotes straightened, wide letters made plain (NFKC);
- elongated words and runs of punctuation are shortened, and noses removed from emoticons;
- a shortcode (``:joy:``) becomes its emoji;
- a hashtag is split where its case changes. Each part keeps a ``#``: the encoder splits
  ``#worstday`` further, because only the encoder knows the vocabulary.

An emoji is a token. ``emoji_words`` has the plainer form of an emoji that no vocabulary lists.
How a word was written, in capitals or elongated, is kept as features of its token.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, groupby
from typing import NamedTuple

from sentiment_repl.text.alignment import Alignment
from sentiment_repl.text.pieces import cut_into_pieces
from sentiment_repl.text.vocabulary import ELONGATED, UPPERCASE

USER, LINK = "<user>", "<url>"
SMILE, LAUGH, WINK, FROWN, HEART, BROKEN_HEART = ":)", ":D", ";)", ":(", "<3", "</3"


class Token(NamedTuple):
    """The unit that the vocabulary looks up."""

    word: str
    """Never empty, without white space. A word of a hashtag starts with ``#``."""
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

_SHORTCODE = re.compile(r"(?<!\d):([a-z0-9_+-]{2,40}):(?!\d)")  # not a time of day
# Unicode names each of the other emoji: ``:face_with_tears_of_joy:``, ``:fire:``.
_SHORTCODES = {
    name: char
    for char, names in {
        "\u2764": "heart", "👍": "+1 thumbsup thumbs_up", "👎": "-1 thumbsdown thumbs_down",
        "😂": "joy", "🤣": "rofl", "😭": "sob", "😢": "cry", "😊": "blush", "😍": "heart_eyes",
        "🥰": "smiling_face_with_three_hearts", "😘": "kissing_heart", "😀": "grinning",
        "😃": "smiley", "😄": "smile", "😁": "grin", "😆": "laughing", "😅": "sweat_smile",
        "🙂": "slight_smile slightly_smiling_face", "😉": "wink", "😎": "sunglasses",
        "😏": "smirk", "😜": "stuck_out_tongue_winking_eye", "😛": "stuck_out_tongue",
        "😐": "neutral_face", "😒": "unamused", "😔": "pensive", "😞": "disappointed",
        "😟": "worried",
        "😠": "angry", "😡": "rage", "😤": "triumph", "😩": "weary", "😫": "tired_face",
        "😱": "scream", "😳": "flushed", "😴": "sleeping", "🤔": "thinking",
        "🙄": "roll_eyes rolling_eyes", "🤮": "vomiting_face", "🤢": "nauseated_face",
        "🤗": "hugs hugging", "🤦": "facepalm", "🤷": "shrug", "💔": "broken_heart",
        "💯": "100", "👏": "clap", "🙏": "pray", "🙌": "raised_hands", "💪": "muscle",
        "👌": "ok_hand", "✌": "victory_hand", "🎉": "tada", "💩": "poop hankey", "💙": "blue_heart",
        "✨": "sparkles", "⭐": "star", "✅": "white_check_mark", "❌": "cross_mark",
        "🎂": "birthday", "☹": "frowning_face", "☺": "relaxed", "😋": "yum", "😬": "grimacing",
    }.items()
    for name in names.split()
}  # fmt: skip

# Where the case of a hashtag changes, in its shape: u for capitals, l for other letters, d for
# digits and apostrophes. The l before a u keeps iPhone whole.
_HASHTAG_PART = re.compile(r"[ud]+(?![ld])|(?:\bl)?u?[ld]+")

# A whole text that says: no text. Programs write them into empty cells.
_NO_TEXT = frozenset(["None", "NaN", "nan", "NULL", "null", "N/A", "n/a", "#N/A", "<NA>"])

# Every branch after the second starts with a character class, and checks its context later.
# Python's re then skips every branch that the next character rules out.
_TOKEN = r"""
      [hHfF](?:(?<=[hH])[tT][tT][pP][sS]?|(?<=[fF])[tT][pP])://\S+ | [wW][wW][wW]\.\S+
    | @\w+
    | \#HASHTAG
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
    hashtag = word.replace("[A-Za-z0-9]" if ascii else r"[^\W_]", r"\w")
    pattern = _TOKEN.replace("HASHTAG", hashtag).replace("WORD", word)
    return re.compile(pattern, re.VERBOSE)


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
_IGNORED_EMOJI = (
    "EMOJI MODIFIER", "REGIONAL INDICATOR", "TAG ", "PLAYING CARD", "BOX DRAWINGS",
    "REPLACEMENT CHARACTER", "OBJECT REPLACEMENT CHARACTER",
)  # fmt: skip


def tokenize(text: str) -> list[Token]:
    """Split a text into tokens, in order, repeats included.

    :param text: any string.
    :return: words, punctuation, emoticons and emoji; ``[]`` for a text without any.

    >>> [token.word for token in tokenize("@ann sooo GOOD!!! :-D #BestDay")]
    ['<user>', 'soo', 'good', '!!!', ':D', '#best', '#day']
    """
    return [token for surface in split_surfaces(text) for token in tokens_of_surface(surface)]


def split_surfaces(text: str) -> Iterator[str]:
    """Split a text into surfaces: tokens as they were written, after ``normalize``.

    A hashtag is one surface. A text that only says that a value is missing has none.

    >>> list(split_surfaces("sooo GOOD!!! #BestDay")), list(split_surfaces("NaN"))
    (['sooo', 'GOOD', '!!!', '#BestDay'], [])
    """
    return chain.from_iterable(_surfaces(piece) for _, piece in _cut(text))


def split_surfaces_with_offsets(text: str) -> Iterator[tuple[str, int, int]]:
    """Like ``split_surfaces``, with the (start, end) of each surface in the input."""
    for first, piece in _cut(text):
        alignment = Alignment(piece, normalize)
        normalized = alignment.normalized
        for match in _surface_pattern(normalized.isascii()).finditer(normalized):
            start, end = alignment.span(*match.span())
            yield match[0], first + start, first + end


def _cut(text: str) -> Iterable[tuple[int, str]]:
    return () if text.strip() in _NO_TEXT else cut_into_pieces(text)


def _surfaces(piece: str) -> list[str]:
    normalized = normalize(piece)
    return _surface_pattern(normalized.isascii()).findall(normalized)


def normalize(text: str) -> str:
    """Decode HTML entities and shortcodes, straighten quotes, and apply NFKC."""
    if "&" in text:
        # No character has a number of eight digits, and int() refuses thousands of digits.
        text = html.unescape(_NUMBERED.sub(r"&#\1", text))
    if not text.isascii():
        # Quotes first: NFKC turns a lone acute accent into a space and a mark. Then marks:
        # NFKC takes minutes for a letter with thousands of them.
        text = text.translate(_STRAIGHT)
        text = _RUN.sub(_limit_marks, text)
        text = unicodedata.normalize("NFKC", text)
    if text.count(":") > 1:
        text = _SHORTCODE.sub(_emoji_of_shortcode, text)
    return text.replace("`", "'")


def _emoji_of_shortcode(shortcode: re.Match[str]) -> str:
    """Return the emoji of a shortcode, or the shortcode itself if it names none."""
    name = shortcode[1]
    try:
        char = _SHORTCODES.get(name) or unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return shortcode[0]
    return char if _is_emoji(char) else shortcode[0]


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
    """Return the token of a surface. A hashtag may have several tokens, some symbols none."""
    first = surface[0]
    if first == "#":
        return tuple(_hashtag(surface[1:]))
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
    if _is_emoji(first) and unicodedata.name(first, "").startswith(_IGNORED_EMOJI):
        return ()
    return (Token(surface, 0),) if surface.isprintable() else ()


def _hashtag(tag: str) -> Iterator[Token]:
    """Yield the words of a hashtag: ``#best`` and ``#day`` for ``BestDay``."""
    shape = "".join(map(_shape, tag))
    for match in _HASHTAG_PART.finditer(shape):
        if part := tag[match.start() : match.end()].strip("'"):
            word, features = _word(part)
            yield Token(word if part.isdecimal() else f"#{word}", features)


def _shape(char: str) -> str:
    if char == "_":
        return " "
    if char.isdecimal() or char == "'":
        return "d"
    return "u" if char.isupper() else "l"


def _word(surface: str) -> Token:
    if surface.isdecimal():
        return Token(shorten_number(surface), 0)
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


def shorten_number(digits: str) -> str:
    """Return the form of a number in the vocabulary: of a large one only its magnitude.

    >>> shorten_number("12"), shorten_number("2012"), shorten_number("1000000")
    ('12', '0000', '0000')
    """
    return digits if len(digits) < 3 else "0" * min(len(digits), 4)


def _is_emoji(word: str) -> bool:
    return (
        len(word) == 1 and ord(word) >= _FIRST_EMOJI and unicodedata.category(word) in ("So", "Sk")
    )


def emoji_words(word: str) -> list[str]:
    """Return the plainer form of an emoji: the emoticon of its kind, or the words of its name.

    :param word: any word. If it is no emoji, the result is empty.

    >>> emoji_words("😀"), emoji_words("🎂"), emoji_words("cake")
    ([':D'], ['birthday', 'cake'], [])
    """
    if not _is_emoji(word):
        return []
    name = unicodedata.name(word, "")
    for emoticon, words in _EMOJI_KINDS.items():
        if re.search(rf"\b({words})\b", name):
            return [emoticon]
    return [word for word in re.findall(r"[a-z]+", name.lower()) if word not in _STOP_WORDS]
