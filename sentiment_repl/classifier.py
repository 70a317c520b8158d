"""Text to prediction: tokens, dictionary, network, one after the other."""

import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from sentiment_repl import artifacts, dictionary, network, reading
from sentiment_repl.effects import WordEffect, word_effects
from sentiment_repl.errors import ModelError

_AT_ONCE = 1024  # texts that the network is given at once

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
    uncertain: bool = False
    """Whether it is too close to call: no label, or one of so low a confidence that the
    model was hardly better than a coin on texts whose labels are known."""
    word_effects: tuple[WordEffect, ...] | None = None
    """What each known word does to the answer, in the order of the text; None where it was
    not asked for."""


class Classifier:
    """A trained network and the dictionary that it was trained with.

    :param words: the dictionary, word to column.
    :param net: a network of two outputs, negative and positive.
    :param uncertain_below: the confidence below which an answer is too close to call.
    :raises ValueError: they do not belong together.
    """

    def __init__(
        self, words: Mapping[str, int], net: network.Network, uncertain_below: float = 0.5
    ) -> None:
        if net.columns != len(words) + 1 or net.classes != len(LABELS):
            raise ValueError(
                f"a network of {net.columns} inputs and {net.classes} outputs does not fit "
                f"a dictionary of {len(words)} words and {len(LABELS)} labels"
            )
        if not 0.5 <= uncertain_below <= 1:
            raise ValueError(f"uncertain below {uncertain_below!r}, where 0.5-1 is meant")
        self._words = words
        self._net = net
        self._uncertain_below = uncertain_below
        self._reader: reading.Reader = (
            reading.Sequence(words) if net.sequences else reading.Bag(words)
        )

    @property
    def words(self) -> Mapping[str, int]:
        """The dictionary: every word that the network reads."""
        return self._words

    @property
    def network(self) -> network.Network:
        """What computes the probabilities of the two labels."""
        return self._net

    def pieces(self, text: str) -> list[reading.Piece]:
        """The words, marks and emoticons of a text as this model reads them, with their places."""
        return self._reader.pieces(text)

    def classify(self, text: str, *, explain: bool = False) -> Prediction:
        """Classify one text."""
        return self.classify_batch([text], explain=explain)[0]

    def classify_batch(self, texts: Iterable[str], *, explain: bool = False) -> list[Prediction]:
        """Classify many texts at once.

        A text gets the same answer here as alone, whatever stands around it.

        :param explain: find the effect of each word, too, which takes as many times as
            long as the text has words.
        :return: one prediction a text, in their order.
        """
        texts = list(texts)
        predictions = []
        for text, (numbers, unknown), (negative, positive) in zip(texts, *self._answers(texts)):
            if not numbers:
                predictions.append(Prediction(text, None, None, unknown, True))
                continue
            confidence = max(positive, negative)
            label = "positive" if positive >= negative else "negative"
            uncertain = confidence < self._uncertain_below
            predictions.append(Prediction(text, label, confidence, unknown, uncertain))
        if not explain:
            return predictions
        effects = word_effects(self._reader, self._net, texts)
        return [
            prediction._replace(word_effects=of_words)
            for prediction, of_words in zip(predictions, effects)
        ]

    def _answers(self, texts: list[str]) -> tuple[list[reading.Reading], list[list[float]]]:
        """What is read of each text, and the probability of each label.

        A network that works outside of Python answers some texts while the next are read.
        """

        def probabilities(readings: list[reading.Reading]) -> list[list[float]]:
            return self._net.probabilities([numbers for numbers, _ in readings]).tolist()

        if len(texts) <= _AT_ONCE or not self._net.sequences:
            readings = [self._reader.read(text) for text in texts]
            return readings, probabilities(readings)
        readings, answers = [], []
        executor = ThreadPoolExecutor(1)
        try:
            for first in range(0, len(texts), _AT_ONCE):
                some = [self._reader.read(text) for text in texts[first : first + _AT_ONCE]]
                readings += some
                answers.append(executor.submit(probabilities, some))
            return readings, [answer for part in answers for answer in part.result()]
        finally:  # an interruption does not wait for what has not begun
            executor.shutdown(cancel_futures=True)


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
        return Classifier(dictionary.loads(files.dictionary), net, files.uncertain_below)
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelError(f"{files.folder}: the model can't be used: {error!s:.200}") from error
