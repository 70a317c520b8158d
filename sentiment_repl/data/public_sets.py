"""The public sets of texts that people labelled negative, neutral or positive.

``public_sets.json`` names each set, its licence and its files. A *prepared set* is one file,
``train_NAME.tsv.gz``: a label (``neg``, ``neutral`` or ``pos``), a tab and a text in each line.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sentiment_repl.data.download import Remote, cache_folder, cached
from sentiment_repl.data.reserved import NOT_NEUTRAL_INTENTS, is_reserved
from sentiment_repl.data.split import split_key
from sentiment_repl.files.atomic import write_atomically
from sentiment_repl.files.decoding import replace_surrogates

Labelled = tuple[str, str]
"""A label of a prepared set, and a text."""
Converter = Callable[[Sequence[Path]], Iterable[Labelled]]
"""Reads the raw files of a set, in the order of the registry."""

_LABELS = _NEG, _NEUTRAL, _POS = "neg", "neutral", "pos"
_FIVE_GRADES = (_NEG, _NEG, _NEUTRAL, _POS, _POS)  # from the worst to the best
_WORDS = {"negative": _NEG, "neutral": _NEUTRAL, "positive": _POS}

# By number: 0 is admiration, 27 is neutral. Others (confusion, curiosity …) are ambiguous.
_POSITIVE_EMOTIONS = {0, 1, 4, 5, 8, 13, 15, 17, 18, 20, 21, 23}
_NEGATIVE_EMOTIONS = {2, 3, 9, 10, 11, 12, 14, 16, 19, 24, 25}
_NO_EMOTION = 27

_PHRASE_WORDS = range(2, 13)
_FEWEST_WORDS = 3  # shorter pieces of EmoBank are headings and fragments


@dataclass(frozen=True)
class PublicSet:
    """A set of texts that people labelled."""

    name: str
    about: str
    """What it is, in one line."""
    licence: str
    """The licence as its authors state it."""
    files: tuple[Remote, ...] = ()
    """Its raw files; none if it has no stable address."""
    weight: float = 1.0
    """How much each of its texts counts in the loss."""
    limit: int | None = None
    """The most texts to sample for training; None for all."""
    labels: tuple[str, ...] | None = None
    """The labels of the texts that training uses; None for all."""


def _read_registry() -> dict[str, PublicSet]:
    entries = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    sets = {}
    for name, entry in entries.items():
        remotes = [Remote(**file) for file in entry.pop("files", ())]
        labels = entry.pop("labels", None)
        sets[name] = PublicSet(name, files=tuple(remotes), labels=labels and tuple(labels), **entry)
    return sets


PUBLIC_SETS = _read_registry()
"""The public sets by name, in the order of the registry."""


def prepared_path(name: str, folder: Path | None = None) -> Path | None:
    """Return the prepared file of a set. Download and convert it if there is none.

    :param name: a key of ``PUBLIC_SETS``.
    :param folder: where prepared sets are kept; by default the user's cache folder.
    :return: None if the set is not in the folder and has no address.
    :raises DataError: a download failed, or a raw file has another SHA-256.
    :raises FileError: the prepared file can't be written.

    >>> prepared_path("restaurants", Path("empty")) is None
    True
    """
    folder = folder or cache_folder()
    path = folder / f"train_{name}.tsv.gz"
    files = PUBLIC_SETS[name].files
    if path.exists():
        return path
    if not files:
        return None
    otherwise = f"put {path.name} into {folder}"
    raw = [cached(file, folder / "downloads", otherwise) for file in files]
    with write_atomically(path) as write:
        for label, text in _clean(CONVERTERS[name](raw)):
            write(f"{label}\t{text}\n".encode())
    return path


def _clean(rows: Iterable[Labelled]) -> list[Labelled]:
    """Collapse white space, merge duplicates, drop conflicting labels and texts of test sets."""
    first: dict[str, Labelled] = {}
    conflicting = set()
    for label, text in rows:
        text = " ".join(text.split())
        key = split_key(text) or text
        if text and first.setdefault(key, (label, text))[0] != label:
            conflicting.add(key)
    left_out = conflicting | {key for key in first if is_reserved(key)}
    return [row for key, row in first.items() if key not in left_out]


def _read_tweeteval(paths: Sequence[Path]) -> Iterator[Labelled]:
    texts, labels = (path.read_text(encoding="utf-8").rstrip("\n").split("\n") for path in paths)
    for text, label in zip(texts, labels, strict=True):
        yield _LABELS[int(label)], _undo_escapes(text)


def _undo_escapes(text: str) -> str:
    r"""Undo what earlier programs left in TweetEval's texts.

    >>> _undo_escapes(r'I\u2019m ""not\"" here')
    'I’m "not" here'
    """
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    return re.sub(r'\\?"{2,}', '"', replace_surrogates(text))


def _read_goemotions(paths: Sequence[Path]) -> Iterator[Labelled]:
    for line in paths[0].read_text(encoding="utf-8").rstrip("\n").split("\n"):
        text, emotions, _ = line.split("\t")
        label = _sentiment({int(emotion) for emotion in emotions.split(",")})
        if label is not None:
            yield label, text


def _sentiment(emotions: set[int]) -> str | None:
    """Return the label of a set of emotions, or None if it is mixed or ambiguous."""
    if emotions <= _POSITIVE_EMOTIONS:
        return _POS
    if emotions <= _NEGATIVE_EMOTIONS:
        return _NEG
    return _NEUTRAL if emotions == {_NO_EMOTION} else None


def _read_kaggle_tse(paths: Sequence[Path]) -> Iterator[Labelled]:
    """Read both splits together, then leave out the second file: the other split."""
    everything, other = (_read_csv(path) for path in paths)
    left_out = {row["textID"] for row in other}
    for row in everything:
        if row["textID"] not in left_out:
            yield _WORDS[row["sentiment"]], row["text"]


def _read_sst5(paths: Sequence[Path]) -> Iterator[Labelled]:
    for grade, words in map(next, _read_trees(paths[0])):
        yield _FIVE_GRADES[grade], _join_words(words)


def _read_sst5_phrases(paths: Sequence[Path]) -> Iterator[Labelled]:
    for nodes in _read_trees(paths[0]):
        next(nodes)  # the whole sentence
        for grade, words in nodes:
            if len(words) in _PHRASE_WORDS:
                yield _FIVE_GRADES[grade], _join_words(words)


def _read_trees(path: Path) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """Yield the grade and the words of every node of each tree, the root first."""
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("trees/train.txt").decode().splitlines()
    for line in lines:
        nodes: list[tuple[int, list[str]]] = []
        unclosed: list[list[str]] = []  # the words of each
        for grade, word in re.findall(r"\((\d) |([^()\s]+)|\)", line):
            if grade:
                unclosed.append([])
                nodes.append((int(grade), unclosed[-1]))
            elif word:
                for words in unclosed:
                    words.append(word)
            else:
                unclosed.pop()
        yield iter(nodes)


def _join_words(words: Iterable[str]) -> str:
    """Join the words of a treebank as people write them.

    >>> _join_words("It 's `` fun '' -LRB- is n't it ? -RRB-".split())
    'It\\'s "fun" (isn\\'t it?)'
    """
    text = _BEFORE_CLOSING.sub("", " ".join(words))
    text = _AFTER_OPENING.sub(r"\1", text)
    return _TREEBANK_MARK.sub(lambda mark: _USUAL_MARKS[mark[0]], text)


_BEFORE_CLOSING = re.compile(r" (?=(?:\.+|[,:;!?%]+|-R[RC]B-|''?|n't|'(?:s|m|d|re|ve|ll))(?: |$))")
_AFTER_OPENING = re.compile(r"(?:(?<= )|^)(``?|-L[RC]B-|[$#]) ")
_USUAL_MARKS = {
    "``": '"',
    "''": '"',
    "`": "'",
    "can not": "cannot",
    "-LRB-": "(",
    "-RRB-": ")",
    "-LCB-": "{",
    "-RCB-": "}",
    "\\/": "/",
    "\\*": "*",
}
_TREEBANK_MARK = re.compile("|".join(map(re.escape, _USUAL_MARKS)))


def _read_cebab(paths: Sequence[Path]) -> Iterator[Labelled]:
    with zipfile.ZipFile(paths[0]) as archive:
        reviews = json.loads(archive.read("CEBaB-v1.1/train_inclusive.json"))
    for review in reviews:
        if review["review_majority"].isdigit():  # raters may have no majority
            yield _FIVE_GRADES[int(review["review_majority"]) - 1], review["description"]


def _read_emobank(paths: Sequence[Path]) -> Iterator[Labelled]:
    for row in _read_csv(paths[0]):
        label = _label_of_valence(float(row["V"]))
        is_sentence = len(re.findall(r"\w+", row["text"])) >= _FEWEST_WORDS
        if row["split"] == "train" and label is not None and is_sentence:
            yield label, row["text"]


def _label_of_valence(valence: float) -> str | None:
    """Return the label of a valence (1 to 5), or None between two labels."""
    if valence <= 2.6:
        return _NEG
    if valence >= 3.4:
        return _POS
    return _NEUTRAL if 2.85 <= valence <= 3.15 else None


def _read_stackoverflow(paths: Sequence[Path]) -> Iterator[Labelled]:
    for row in _read_csv(paths[0]):
        yield _LABELS[int(row["oracle"]) + 1], row["text"]


def _read_clinc150(paths: Sequence[Path]) -> Iterator[Labelled]:
    splits = json.loads(paths[0].read_text(encoding="utf-8"))
    for text, intent in [*splits["train"], *splits["val"]]:
        if intent not in NOT_NEUTRAL_INTENTS:
            yield _NEUTRAL, text


def _read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


CONVERTERS: dict[str, Converter] = {
    "tweeteval": _read_tweeteval,
    "goemotions": _read_goemotions,
    "kaggle_tse": _read_kaggle_tse,
    "sst5": _read_sst5,
    "sst5_phrases": _read_sst5_phrases,
    "cebab": _read_cebab,
    "emobank": _read_emobank,
    "stackoverflow": _read_stackoverflow,
    "neutral_clinc150": _read_clinc150,
}
