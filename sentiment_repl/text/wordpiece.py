"""Text to word pieces, as BERT reads it (Devlin et al. 2018, arXiv:1810.04805).

``social_tokenizer`` splits and normalizes a text first: mentions, links, elongated words and
emoticons mean the same to every model. Each word is then split into the longest pieces that the
vocabulary holds. A piece that continues a word starts with ``##``.
"""

import re
import unicodedata

from sentiment_repl.text import social_tokenizer
from sentiment_repl.text.encoders import TokenEncoder
from sentiment_repl.text.social_tokenizer import Token
from sentiment_repl.text.vocabulary import ELONGATED

_CONTINUED = "##"
_LONGEST_WORD = 100  # characters; a longer word is unknown
_REPEATED = re.compile(r"(.)\1+")
_PLAIN_WORDS = {social_tokenizer.USER: "user", social_tokenizer.LINK: "link"}
# These words of Unicode names say how an emoji is drawn, not what it means.
_DRAWING = re.compile(r"\b(black|face|heavy|sign|symbol|white|with)\b")


class WordPieceEncoder(TokenEncoder):
    """Encodes a text as the ids of its word pieces, in order.

    A word that needs a piece outside the vocabulary is out of vocabulary, and left out.

    >>> WordPieceEncoder({"good": 1, "##ness": 2, "!": 3}).encode("GOODNESS zzz!!!")
    Encoding(ids=[1, 2, 3], unknown_words=('zzz',))
    """

    def token_ids(self, token: Token) -> tuple[tuple[int, ...], bool]:
        """Return the ids of one token, and whether all of it is known."""
        known = [ids for ids in map(self._piece_ids, plain_forms(token)) if ids]
        best = min(known, key=lambda ids: (len(ids), ids), default=[])
        return tuple(best), bool(known)

    def _look_up(self, surface: str) -> tuple[tuple[int, ...], bool]:
        if surface.isdecimal():  # the token has no more than the magnitude
            return self.token_ids(Token(surface, 0))
        return super()._look_up(surface)

    def _piece_ids(self, text: str) -> list[int] | None:
        """Split words into the longest pieces, from left to right; None if one is unknown."""
        ids: list[int] = []
        for part in split_as_bert(text):
            if len(part) > _LONGEST_WORD:
                return None
            start = 0
            while start < len(part):
                prefix = _CONTINUED if start else ""
                for end in range(len(part), start, -1):
                    piece_id = self._vocabulary.get(prefix + part[start:end])
                    if piece_id is not None:
                        break
                else:
                    return None
                ids.append(piece_id)
                start = end
        return ids


def plain_forms(token: Token) -> list[str]:
    """Return the forms of a token that BERT may know; the best known one is taken.

    An elongated word has doubled or single letters. An emoji reads as its Unicode name.

    >>> [plain_forms(Token(*token)) for token in (("soo", ELONGATED), ("!!!", 0), ("🙄", 0))]
    [['soo', 'so'], ['!'], ['🙄', 'rolling eyes']]
    """
    word, features = token
    if word[0] in "!?.":
        return ["…" if word.startswith("..") else word[0]]
    if word[0] == "#" and len(word) > 1:
        word = word[1:]
    if features & ELONGATED:
        return [word, _REPEATED.sub(r"\1", word)]
    if social_tokenizer.emoji_words(word):
        name = _DRAWING.sub("", unicodedata.name(word).lower())
        return [word, " ".join(name.split())]
    return [_PLAIN_WORDS.get(word, word)]


def split_as_bert(text: str) -> list[str]:
    """Split at white space, punctuation and CJK characters; lower case, without accents.

    >>> split_as_bert("Café-au-lait")
    ['cafe', '-', 'au', '-', 'lait']
    """
    decomposed = unicodedata.normalize("NFD", text)
    plain = "".join(char for char in decomposed if unicodedata.category(char) != "Mn").lower()
    return "".join(f" {char} " if _stands_alone(char) else char for char in plain).split()


def _stands_alone(char: str) -> bool:
    if char.isalnum():
        return unicodedata.name(char, "").startswith("CJK")
    return char.isascii() or unicodedata.category(char).startswith("P")
