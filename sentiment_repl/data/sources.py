"""Where the examples of a corpus come from.

A source yields *examples*: a text and its label. To add or drop a source is one line in
``training/train.py``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from sentiment_repl.data.label_sets import LABELS, Meanings
from sentiment_repl.data.labels import LabelledText, read_labelled
from sentiment_repl.data.reserved import is_reserved
from sentiment_repl.data.rewriting import rewrite
from sentiment_repl.data.split import is_key_held_out, split_key
from sentiment_repl.data.synthetic import synthetic_sentences
from sentiment_repl.files.tally import Tally

_MOST_COMPARED = 20_000  # rows of a file in which repeats are counted
_FEW = 0.1  # different texts for each row
_TRIES_FOR_EACH_TEXT = 2

_Item = TypeVar("_Item")


class Example(NamedTuple):
    """A text to train on."""

    text: str
    label: str
    """What a person, an emoticon or a template says of the text."""
    soft: tuple[float, ...] | None = None
    """A teacher's probability of each class of the model."""


Teach = Callable[[Sequence[Example]], Sequence[Example]]
"""Adds soft targets to examples."""


class Earlier(NamedTuple):
    """What the sources before a source have given."""

    rows: int = 0
    """How many of their rows an epoch reads."""
    texts: Sequence[str] = ()
    """A sample of the training texts of those that are measured."""


_NOTHING = Earlier()


class Source(Protocol):
    """Yields examples of one kind."""

    @property
    def name(self) -> str:
        """The name of the source in ``metrics.json``."""

    @property
    def weight(self) -> float:
        """How much one of its examples counts in the loss, on average."""

    @property
    def licence(self) -> str | None:
        """The licence of its texts, as their authors state it; None if unknown."""

    @property
    def is_measured(self) -> bool:
        """Whether one in ten of its texts is held out to measure the model."""

    def examples(self, earlier: Earlier) -> Iterable[Example]:
        """Return the examples."""


class DataFile(NamedTuple):
    """A file of labelled texts, and how much it counts."""

    path: Path
    name: str
    weight: float = 1.0
    limit: int | None = None
    """How many of its texts are read at most, chosen at random."""
    licence: str | None = None
    labels: tuple[str, ...] | None = None
    """The labels of the texts that are read; None for all."""
    meanings: Meanings | None = None
    """What its label values mean, as the user says."""


class Columns(NamedTuple):
    """The names of columns that a user has given; None for the usual ones."""

    label: str | None = None
    text: str | None = None


USUAL_COLUMNS = Columns()


@dataclass(frozen=True)
class LabelledFile:
    """The texts of a file.

    :param tally: counts the rows, and reports those that can't be read.
    :param seed: of the sample.
    :param rows: a further limit to the size of the sample.
    """

    file: DataFile
    tally: Tally
    seed: int
    rows: int | None = None
    columns: Columns = USUAL_COLUMNS
    is_measured: bool = True

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.file.name

    @property
    def weight(self) -> float:
        """How much one of its texts counts in the loss, on average."""
        return self.file.weight

    @property
    def licence(self) -> str | None:
        """The licence of its texts."""
        return self.file.licence

    def examples(self, earlier: Earlier = _NOTHING) -> Sequence[Example]:
        """Return the rows of the file.

        :raises FileError: the file can't be read.
        :raises UsageError: it has no such column, or several, or a label without a clear meaning.
        """
        rows: Iterator[LabelledText] = read_labelled(
            [self.file.path],
            self.tally,
            label_column=self.columns.label,
            text_column=self.columns.text,
            meanings=self.file.meanings,
        )
        limit = min(filter(None, (self.file.limit, self.rows)), default=None)
        wanted = self.file.labels or LABELS
        read = [Example(text, label) for label, text in rows if label in wanted]
        self.tally.print(self._describe_repeats(read))
        return sampled(read, limit, self.seed)

    def _describe_repeats(self, read: Sequence[Example]) -> str | None:
        """Return a sentence about a file that repeats a few texts; None about any other."""
        if not read or len(read) > _MOST_COMPARED:
            return None
        different = len({split_key(example.text) for example in read})
        if different > _FEW * len(read):
            return None
        return (
            f"{self.file.path}: its {len(read):,} rows hold {different:,} different "
            f"text{'s' * (different > 1)}; repeats teach nothing, so add different texts"
        )


@dataclass(frozen=True)
class SyntheticSentences:
    """Sentences from templates, for what labels by emoticon hardly teach."""

    share: float
    """How many sentences there are for each row of the other sources."""
    seed: int
    name: str = "synthetic"
    weight: float = 1.0
    licence: str | None = "part of this project"
    is_measured: bool = False

    def examples(self, earlier: Earlier) -> Iterator[Example]:
        """Yield new sentences. The same seed yields the same ones."""
        for label, text in synthetic_sentences(round(self.share * earlier.rows), self.seed):
            yield Example(text, label)


@dataclass(frozen=True)
class RewrittenTexts:
    """Training texts of the other sources, rewritten. A teacher labels them.

    :param most: how many texts are tried at most. Two are tried for each of the others.
    :param seed: of the rules, and of the split: no held-out text is among the results.
    :param classes: the label of each of the teacher's classes.
    """

    most: int
    seed: int
    classes: Sequence[str]
    teach: Teach
    name: str = "rewritten"
    weight: float = 1.0
    licence: str | None = "as the texts that were rewritten"
    is_measured: bool = False

    def examples(self, earlier: Earlier) -> Iterator[Example]:
        """Yield new texts with the answers of the teacher."""
        count = min(self.most, _TRIES_FOR_EACH_TEXT * len(earlier.texts))
        texts = rewrite(earlier.texts, count, self.seed)
        new = {key: text for text in texts if self._is_usable(key := split_key(text))}
        for example in self.teach([Example(text, self.classes[0]) for text in new.values()]):
            if example.soft:
                yield example._replace(label=self.classes[int(np.argmax(example.soft))])

    def _is_usable(self, key: str) -> bool:
        return bool(key) and not is_reserved(key) and not is_key_held_out(key, self.seed)


def sampled(items: Iterable[_Item], size: int | None, seed: int) -> list[_Item]:
    """Return a random sample, in the order of the items.

    :param size: how many items; None, or more than there are, returns all.
    """
    items = list(items)
    if size is None or size >= len(items):
        return items
    chosen = np.random.default_rng(seed).choice(len(items), size, replace=False)
    return [items[index] for index in np.sort(chosen).tolist()]
