"""Text to prediction: tokens, dictionary, network, one after the other."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sentiment_repl import artifacts, dictionary, network
from sentiment_repl.errors import ModelError
from sentiment_repl.text import tokenize

LABELS = ("negative", "positive")
"""What the network's two outputs stand for, in their order."""


class Prediction(NamedTuple):
    """What the classifier makes of one text."""

    text: str
    """The text as it was given."""
    label: str | None
    """``"negative"`` or ``"positive"``; None where no word of the text is known."""
    confidence: float | None
    """The probability of the label, 0.5–1; None where there is no label."""
    unknown_words: tuple[str, ...]
    """The words outside the dictionary, each once, in the order of the text."""


class Classifier:
    """A trained network and the dictionary that it was trained with.

    :param words: the dictionary, word to column.
    :param net: a network of two outputs, negative and positive.
    :raises ValueError: the two do not belong together.
    """

    def __init__(self, words: Mapping[str, int], net: network.Network) -> None:
        if net.columns != len(words) + 1 or net.classes != len(LABELS):
            raise ValueError(
                f"a network of {net.columns} inputs and {net.classes} outputs does not fit "
                f"a dictionary of {len(words)} words and {len(LABELS)} labels"
            )
        self._words = words
        self._net = net

    @property
    def words(self) -> Mapping[str, int]:
        """The dictionary: every word that the network reads."""
        return self._words

    def classify(self, text: str) -> Prediction:
        """Classify one text."""
        return self.classify_batch([text])[0]

    def classify_batch(self, texts: Iterable[str]) -> list[Prediction]:
        """Classify many texts at once.

        A text gets the same answer here as alone, whatever stands around it.

        :return: one prediction a text, in their order.
        """
        column_of = self._words.get
        read = []
        bags = []
        for text in texts:
            words = dict.fromkeys(tokenize(text))
            bag = [column for column in map(column_of, words) if column is not None]
            unknown: tuple[str, ...] = ()
            if len(bag) < len(words):
                unknown = tuple(word for word in words if word not in self._words)
            read.append((text, unknown))
            bags.append(bag)
        predictions = []
        for (text, unknown), bag, (negative, positive) in zip(
            read, bags, self._net.probabilities(bags).tolist()
        ):
            if not bag:
                predictions.append(Prediction(text, None, None, unknown))
            elif positive >= negative:
                predictions.append(Prediction(text, "positive", positive, unknown))
            else:
                predictions.append(Prediction(text, "negative", negative, unknown))
        return predictions


def load(model: str | None = None, *, folder: str | os.PathLike[str] | None = None) -> Classifier:
    """Load a trained model.

    :param model: the name of a model that ships in the package, such as ``"article"``.
    :param folder: any other model folder, as ``scripts/train.py`` writes it.
        With neither, the folder that the environment variable
        ``SENTIMENT_REPL_ARTIFACTS`` names, or else the default model.
    :raises ModelError: no such model, or a folder that is damaged or no model at all.
    """
    return from_files(artifacts.read(artifacts.locate(model, folder)))


def from_files(files: artifacts.Files) -> Classifier:
    """Put a classifier together from the contents of a model folder.

    :raises ModelError: they do not make one.
    """
    try:
        weights = network.tensors(files.weights, files.tensors)
        net = network.from_keras(json.loads(files.model), weights)
        return Classifier(dictionary.loads(files.dictionary), net)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{files.folder}: the model can't be used: {error}") from error
