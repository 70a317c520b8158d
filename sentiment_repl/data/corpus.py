"""A labelled corpus in memory: token numbers, split, dictionary, bags of words.

A row is never a string for long and never a 3,000-wide row of ones and zeros:
1.5 million tweets are 20 million token numbers, about 100 MB.
"""

import hashlib
import html
import random
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple, TypeVar

import numpy as np

from sentiment_repl.text import vocabulary, encoders, article_tokenizer, social_tokenizer
from sentiment_repl.errors import DataError
from sentiment_repl.network.recurrent import LONGEST, counted
from sentiment_repl.training import neutral
from sentiment_repl.data import synthetic
from sentiment_repl.data.crowd_ratings import Rated
from sentiment_repl.data.labels import Row

_Added = TypeVar("_Added")

VALIDATION_SHARE = 0.1
"""The share of the texts that is held back, as in the article."""

STATED = 3
"""How often a statement is in the training side: as it stands, and as people pass it on."""
RATED = 2
"""How often a text that people rated is in the training side."""
_STATED_SHARE, _RATED_SHARE = 0.05, 0.25  # of the training texts, at most, that are added

LINK = re.compile(r"(?:https?://|\bwww\.)\S+", re.IGNORECASE)
MENTION = re.compile(r"@\w+")
_ANY_LINK = re.compile(r"https?://\S+|www\.\S+|\bURL\b")
_ANY_MENTION = re.compile(r"@\w+|\bUSER\b")
_LETTERS = re.compile(r"[^\W_]+")


class Bags(NamedTuple):
    """Binary bags of words in compressed sparse rows, and their labels."""

    columns: np.ndarray  # int32; row i has columns[starts[i]:starts[i + 1]], distinct, ascending
    starts: np.ndarray  # int64, (rows + 1,)
    labels: np.ndarray  # int8, (rows,), 0 or 1

    def __len__(self) -> int:
        return len(self.labels)

    def padded(self, rows: np.ndarray) -> np.ndarray:
        """Some rows as a matrix of columns, 0 where a row has ended.

        Its width is that of the longest row of all, the same for any batch: Keras
        takes the width of the first batches for that of the rest.
        """
        starts = self.starts[rows, np.newaxis]
        places = np.arange(max(np.diff(self.starts).max(), 1))
        inside = places < self.starts[rows + 1, np.newaxis] - starts
        matrix = np.zeros(inside.shape, np.int32)
        matrix[inside] = self.columns[(starts + places)[inside]]
        return matrix

    def lists(self) -> list[list[int]]:
        """Every row as a list of its columns."""
        columns = self.columns.tolist()
        return [columns[a:b] for a, b in zip(self.starts[:-1].tolist(), self.starts[1:].tolist())]


class Sequences(NamedTuple):
    """The token numbers of each text in their order, unknown words left out."""

    tokens: np.ndarray  # int32; row i has tokens[starts[i]:starts[i + 1]]
    starts: np.ndarray  # int64, (rows + 1,)
    positive: np.ndarray
    """float32, (rows,), 0-1: how likely each is positive (soft labels); 0 or 1 but for what was
    added to the corpus."""

    def __len__(self) -> int:
        return len(self.positive)

    @property
    def labels(self) -> np.ndarray:
        """int8, (rows,), 0 or 1: which is the likelier."""
        return (self.positive > 0.5).astype(np.int8)

    def rows(self, some: slice) -> "Sequences":
        """Neighbouring rows of them."""
        starts = self.starts[some.start : some.stop + 1]
        tokens = self.tokens[starts[0] : starts[-1]]
        return Sequences(tokens, starts - starts[0], self.positive[some])

    def followed_by(self, other: "Sequences") -> "Sequences":
        """The rows of both."""
        return Sequences(
            np.concatenate([self.tokens, other.tokens]),
            np.concatenate([self.starts, other.starts[1:] + self.starts[-1]]),
            np.concatenate([self.positive, other.positive]),
        )

    def lists(self) -> list[list[int]]:
        """Every row as a list of its token numbers."""
        tokens = self.tokens.tolist()
        return [tokens[a:b] for a, b in zip(self.starts[:-1].tolist(), self.starts[1:].tolist())]


class Corpus(NamedTuple):
    """Two sides of labelled texts, no text on both, and their dictionary."""

    words: dict[str, int]
    training: Bags | Sequences
    validation: Bags | Sequences
    fingerprint: str
    """A SHA-256 that stands for the labels and texts used, in their order."""
    added: int
    """How many rows are none of the corpus: those that the training side ends with."""
    statements: int = 0
    """How many plain statements are among them, of ``STATED`` rows each."""
    rated: int = 0
    """How many texts that people rated, of ``RATED`` rows each."""


def split_key(text: str) -> str:
    """What makes two texts the same one for the split.

    Case, white space, punctuation, symbols, HTML entities, and which mention or link
    it is, make no difference.
    """
    text = MENTION.sub(" user ", LINK.sub(" url ", html.unescape(text)))
    return " ".join(_LETTERS.findall(article_tokenizer.replace("'", "").lower()))


def masked(text: str) -> str:
    """In lower case, each mention and each link the same one: for models of plain words.

    Some corpora have ``USER`` and ``URL`` in their places.
    """
    return _ANY_MENTION.sub("@user", _ANY_LINK.sub("url", text)).lower()


def held_back(text: str, seed: int) -> bool:
    """Whether a text is for validation; depends on its ``split_key`` and the seed alone.

    So a text stays on its side when other files join the corpus.
    """
    return _digest(f"{seed} {split_key(text)}") < VALIDATION_SHARE * 2**64


def _digest(text: str) -> int:
    """64 bits that stand for a text, the same in every run."""
    return int.from_bytes(
        hashlib.blake2b(article_tokenizer.encode(errors="replace"), digest_size=8).digest(), "big"
    )


def _row_digest(label: float, sentence: str) -> int:
    return _digest(f"{label}\t{sentence}")


class _Rows(NamedTuple):
    """Labelled texts as numbers."""

    # Of words, or number * STYLES + style for sequences; row i has [starts[i]:starts[i + 1]].
    tokens: np.ndarray
    starts: np.ndarray
    positive: np.ndarray  # float32; the label, or the soft label of what is added
    held_back: np.ndarray  # bool
    digests: np.ndarray


def _new_numbers() -> defaultdict[str, int]:
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__  # a new word gets the next number
    return numbers


def _number(
    rows: Iterable[tuple[float, str]], numbers: defaultdict[str, int], seed: int, sequences: bool
) -> _Rows:
    """Read all rows, and keep none of their texts."""
    tokens, starts, positive = array("i"), array("q", [0]), array("f")
    sides, digests = array("b"), array("Q")
    known: dict[str, tuple[int, ...]] = {}  # the numbers of a piece of text

    def numbers_of(surface: str) -> tuple[int, ...]:
        found = tuple(
            numbers[word] * social_tokenizer.STYLES + style for word, style in social_tokenizer.tokens_of(surface)
        )
        if surface[0] != "@" and len(surface) < 20:  # the others hardly come again
            known[surface] = found
        return found

    for label, sentence in rows:
        if sequences:
            for surface in social_tokenizer.surfaces(sentence):
                tokens.extend(known.get(surface) or numbers_of(surface))
        else:
            tokens.extend(map(numbers.__getitem__, article_tokenizer.tokenize(sentence)))
        starts.append(len(tokens))
        positive.append(label)
        sides.append(held_back(sentence, seed))
        digests.append(_row_digest(label, sentence))
    return _Rows(
        np.frombuffer(tokens, np.intc),
        np.frombuffer(starts, np.int64),
        np.frombuffer(positive, np.float32),
        np.frombuffer(sides, bool),
        np.frombuffer(digests, np.uint64),
    )


class Texts(NamedTuple):
    """The texts of a corpus themselves, for what reads them in a way of its own."""

    training: list[str]
    training_labels: np.ndarray  # int8, 0 or 1
    validation: list[str]
    validation_labels: np.ndarray
    fingerprint: str
    """That of the ``Corpus`` of the same rows, whose sides have the same order."""


def texts(rows: Iterable[Row], *, seed: int, sample: int | None) -> Texts:
    """Split labelled texts as ``prepare`` does.

    :raises DataError: too few rows, or one single label.
    """
    kept = list(rows)
    labels = np.array([label for label, _ in kept], np.int8)
    held = np.array([held_back(sentence, seed) for _, sentence in kept], bool)
    digests = np.array([_row_digest(label, sentence) for label, sentence in kept], np.uint64)
    training, validation, fingerprint = _split(labels, held, digests, sample, seed)
    return Texts(
        [kept[i][1] for i in training],
        labels[training],
        [kept[i][1] for i in validation],
        labels[validation],
        fingerprint,
    )


def _split(
    labels: np.ndarray, held: np.ndarray, digests: np.ndarray, sample: int | None, seed: int
) -> tuple[np.ndarray, np.ndarray, str]:
    """Which rows are to train on, which are held back, and the fingerprint of both.

    :raises DataError: too few rows, or one single label.
    """
    chosen = np.arange(len(labels))
    if sample is not None and sample < len(chosen):
        chosen = np.sort(np.random.default_rng(seed).choice(len(chosen), sample, replace=False))
    training, validation = chosen[~held[chosen]], chosen[held[chosen]]
    for label in 0, 1:
        if not (labels[chosen] == label).any():
            of_two = "no usable row" if not len(chosen) else f"every row has the label {1 - label}"
            raise DataError(f"{of_two}; rows of both labels, 0 and 1 (or 4), are needed")
    if not len(training) or not len(validation):
        raise DataError(f"{len(chosen)} rows are too few to hold some of them back")
    fingerprint = hashlib.sha256(digests[chosen].astype(">u8").tobytes()).hexdigest()
    return training, validation, fingerprint


def prepare(
    rows: Iterable[Row],
    *,
    vocabulary_size: int,
    seed: int,
    sample: int | None,
    sequences: bool = False,
    made_share: float = 0,
    statements: Iterable[str] | None = None,
    rated: Iterable[Rated] = (),
    words: dict[str, int] | None = None,
) -> Corpus:
    """Split and encode labelled texts.

    :param rows: texts with the labels 0 and 1.
    :param vocabulary_size: columns of the network's input, column 0 included.
    :param seed: decides the split and the sample.
    :param sample: use this many rows, drawn at random; None uses all.
    :param sequences: keep the order of the words, read as ``tweet.tokenize`` does.
    :param made_share: sentences of ``templates`` to add to each text of the training
        side, which then must be sequences.
    :param statements: likewise texts that may be neither positive nor negative; those
        that are plain statements (``neutral``), and not held back, are added ``STATED``
        times each, up to a twentieth of the training texts.
    :param rated: likewise texts that people rated, but for those held back, ``RATED`` times
        each, up to a quarter.
    :param words: the dictionary; None makes one of the words of the training side, of
        ``vocabulary_size``.
    :raises DataError: too few rows, or one single label.
    """
    numbers = _new_numbers()
    real = _number(rows, numbers, seed, sequences)
    training, validation, fingerprint = _split(
        real.positive, real.held_back, real.digests, sample, seed
    )
    styles = social_tokenizer.STYLES if sequences else 1

    # Words are counted on the training side alone: what is held back stays unseen.
    tokens = _tokens_of(real, training)[0] // styles
    if words is None:
        occurring = zip(numbers, np.bincount(tokens, minlength=len(numbers)).tolist())
        words = vocabulary.build(
            {word: count for word, count in occurring if count}, vocabulary_size
        )
    for word in words:
        numbers[word]  # one that no text has gets a number, too
    counts = np.bincount(tokens, minlength=len(numbers))
    plain: list[str] = []
    if statements is not None:
        in_positive = training[real.positive[training] == 1]
        positive = np.bincount(_tokens_of(real, in_positive)[0] // styles, minlength=len(counts))
        ratios = neutral.log_odds_ratios(positive, counts - positive)
        of_column = dict(zip(words.values(), ratios[[numbers[word] for word in words]].tolist()))
        plain = _some(
            _plain(statements, words, of_column, seed), STATED, _STATED_SHARE * len(training), seed
        )
    rated = [some for some in rated if not held_back(some.text, seed)]
    rated = _some(rated, RATED, _RATED_SHARE * len(training), seed)
    added = _number(
        chain(
            synthetic.sentences(round(made_share * len(training)), seed),
            synthetic.framed(plain, STATED, seed),
            ((some.positive, some.text) for some in rated for _ in range(RATED)),
        ),
        numbers,
        seed,
        sequences,
    )
    column_of = np.zeros(len(numbers), np.int32)
    column_of[[numbers[word] for word in words]] = list(words.values())

    def in_order(rows: _Rows, side: np.ndarray) -> Sequences:
        side_tokens, row_of = _tokens_of(rows, side)
        columns = column_of[side_tokens // styles]
        known = columns > 0
        # What is longer is read in pieces; here its first piece stands for all of it.
        lengths = np.bincount(row_of[known], minlength=len(side))
        kept = (columns * styles + side_tokens % styles)[known][counted(lengths) < LONGEST]
        return Sequences(
            kept.astype(np.int32),
            np.concatenate([[0], np.cumsum(np.minimum(lengths, LONGEST))]),
            rows.positive[side],
        )

    def bags(side: np.ndarray) -> Bags:
        side_tokens, row_of = _tokens_of(real, side)
        columns = column_of[side_tokens]
        # One number a pair of row and column: sorted, and each once. (np.unique, which
        # does the same, hashes since NumPy 2.3 and takes ten times as long.)
        width = len(words) + 1
        pairs = row_of * width + columns
        pairs = pairs[columns > 0]
        pairs.sort()
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        lengths = np.bincount(pairs // width, minlength=len(side))
        return Bags(
            (pairs % width).astype(np.int32),
            np.concatenate([[0], np.cumsum(lengths)]),
            real.positive[side].astype(np.int8),
        )

    if not sequences:
        return Corpus(words, bags(training), bags(validation), fingerprint, 0)
    reader = encoders.Sequence(words)
    for word, number in numbers.items():  # a rare word may be a known one in a rare form
        column_of[number] = (reader.number(social_tokenizer.Token(word, 0)) or 0) // styles
    both = in_order(real, training).followed_by(in_order(added, np.arange(len(added.positive))))
    return Corpus(
        words,
        both,
        in_order(real, validation),
        fingerprint,
        len(added.positive),
        len(plain),
        len(rated),
    )


def _some(added: list[_Added], times: int, most: float, seed: int) -> list[_Added]:
    """What is added so many times each, or as much of it as makes no more than so many rows."""
    most = max(int(most) // times, 1)
    return added if len(added) <= most else random.Random(seed).sample(added, most)


def _plain(
    texts: Iterable[str], words: Mapping[str, int], ratios: Mapping[int, float], seed: int
) -> list[str]:
    """The plain statements among some texts, but for those that are held back.

    :param ratios: the log-odds ratio of each column of the dictionary.
    """
    reader = encoders.Sequence(words)

    def ratio(token: social_tokenizer.Token) -> float | None:
        number = reader.number(token)
        return None if number is None else ratios[number // social_tokenizer.STYLES]

    return [text for text in neutral.statements(texts, ratio) if not held_back(text, seed)]


def _tokens_of(rows: _Rows, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The tokens of some rows, in ascending order, and for each the place of its row."""
    lengths = np.diff(rows.starts)
    wanted = np.zeros(len(lengths), bool)
    wanted[side] = True
    return rows.tokens[np.repeat(wanted, lengths)], np.repeat(np.arange(len(side)), lengths[side])
