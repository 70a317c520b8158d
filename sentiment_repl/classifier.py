"""The public API: text to ``Prediction``.

A text passes through the encoder (text to ids), the network (ids to logits) and the softmax
(logits to probabilities), in this order.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from sentiment_repl import model_folder
from sentiment_repl.errors import ModelError, memory_errors_as_failures
from sentiment_repl.estimator import TextEstimator
from sentiment_repl.explain import explain_texts
from sentiment_repl.network.base import Network
from sentiment_repl.network.from_keras import network_from_keras, read_tensors
from sentiment_repl.network.outputs import SelectedOutputs
from sentiment_repl.prediction import LONGEST_TEXT, Prediction
from sentiment_repl.text.arguments import check_text, check_texts
from sentiment_repl.text.encoders import EncodedToken, Encoding
from sentiment_repl.text.vocabulary import vocabulary_from_json

NEGATIVE, POSITIVE = "negative", "positive"
"""The labels that every model has. Their log-odds are what an explanation explains."""

NEUTRAL = "neutral"
"""The label that some models have, and that a user can drop."""

_BATCH = 1024  # texts that the network gets at once
_LOADING = "loading the model"
_CLASSIFYING = "classifying texts; pass fewer or shorter texts at once"


class Classifier(TextEstimator):
    """A trained network, its vocabulary and its labels. Nothing changes it.

    :param vocabulary: word to id.
    :param network: one output for each label.
    :param labels: the label of each output. ``"negative"`` and ``"positive"`` are among them.
    :param uncertain_below: the abstention threshold, a confidence from 0 to 1. No confidence is
        below 1 / labels, so that 0 means: never uncertain.
    :raises ValueError: the parts do not belong together.
    """

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        network: Network,
        labels: Sequence[str] = (NEGATIVE, POSITIVE),
        uncertain_below: float = 0.0,
    ) -> None:
        _check_labels(labels)
        if network.vocabulary_size != len(vocabulary) + 1 or network.classes != len(labels):
            raise ValueError(
                f"a network of {network.vocabulary_size} inputs and {network.classes} outputs does "
                f"not fit {len(vocabulary)} words and {len(labels)} labels"
            )
        if not 0 <= uncertain_below <= 1:
            raise ValueError(f"uncertain_below is {uncertain_below!r}, not a number from 0 to 1")
        self._vocabulary = vocabulary
        self._network = network
        self._labels = tuple(labels)
        self._uncertain_below = uncertain_below
        self._encoder = network.encoder(vocabulary)

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """Every word that the network knows, with its id."""
        return self._vocabulary

    @property
    def network(self) -> Network:
        """The network that computes the logits."""
        return self._network

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the network's outputs."""
        return self._labels

    def classify(self, text: str | None, *, explain: bool = False) -> Prediction:
        """Classify one text. See ``classify_batch``.

        :raises TypeError: the text is not a string, and not a missing value.
        """
        return self._classify([check_text(text)], explain)[0]

    def classify_batch(
        self, texts: Iterable[str | None], *, explain: bool = False
    ) -> list[Prediction]:
        """Classify many texts.

        A text gets the same label alone and in any batch. Its probabilities differ by less
        than 1e-6. ``None``, ``NaN`` and ``pandas.NA`` count as empty texts.

        :param explain: also compute the contribution of each word. This takes about as many
            times as long as a text has words.
        :return: one prediction a text, in order. A text of more than ``LONGEST_TEXT``
            characters gets no label.
        :raises TypeError: a text is not a string, and not a missing value.
        :raises Failure: out of memory.
        """
        return self._classify(check_texts(texts), explain)

    def logits(self, texts: Iterable[str | None]) -> NDArray[np.float64]:
        """Return the logits of texts, shape (texts, labels); zeros where there is no label."""
        with memory_errors_as_failures(_CLASSIFYING):
            return self._encode_and_score(check_texts(texts))[1]

    def log_odds(self, texts: Iterable[str | None]) -> NDArray[np.float64]:
        """Return the log-odds of positive against negative, shape (texts,)."""
        return self._polarity(self.logits(texts))

    def without_neutral(self, uncertain_below: float = 0.0) -> "Classifier":
        """Return a classifier that never answers neutral; this one if it never does.

        The probabilities of the other labels keep their ratio and add up to 1.

        :param uncertain_below: the abstention threshold of the new classifier.
        """
        if NEUTRAL not in self._labels:
            return self
        kept = [index for index, label in enumerate(self._labels) if label != NEUTRAL]
        labels = [self._labels[index] for index in kept]
        network = SelectedOutputs(self._network, kept)
        return Classifier(self._vocabulary, network, labels, uncertain_below)

    def encode_tokens(self, text: str) -> list[EncodedToken]:
        """Return the tokens of a text as this model sees them, with their places."""
        return list(self._encoder.encode_tokens(_readable(text)))

    def _classify(self, texts: list[str], explain: bool) -> list[Prediction]:
        with memory_errors_as_failures(_CLASSIFYING):
            encodings, logits = self._encode_and_score(texts)
            predictions = [
                self._predict(text, encoding, row)
                for text, encoding, row in zip(texts, encodings, softmax(logits).tolist())
            ]
            if not explain:
                return predictions
            contributions = explain_texts(
                map(_readable, texts), encodings, self._encoder, self._network, self._polarity
            )
            return [
                prediction._replace(contributions=words)
                for prediction, words in zip(predictions, contributions)
            ]

    def _polarity(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        positive, negative = self._labels.index(POSITIVE), self._labels.index(NEGATIVE)
        return logits[:, positive] - logits[:, negative]

    def _predict(self, text: str, encoding: Encoding, probabilities: list[float]) -> Prediction:
        ids, unknown = encoding
        if not ids:
            return Prediction(text, None, None, unknown, uncertain=True)
        # A tie goes to the last label.
        confidence, index = max((p, i) for i, p in enumerate(probabilities))
        return Prediction(
            text,
            self._labels[index],
            confidence,
            unknown,
            confidence < self._uncertain_below,
            dict(zip(self._labels, probabilities)),
        )

    def _encode_and_score(self, texts: list[str]) -> tuple[list[Encoding], NDArray[np.float64]]:
        """Encode texts and compute their logits, shape (texts, labels).

        A network that releases Python's lock scores one batch while the next is encoded.
        """

        def score(encodings: list[Encoding]) -> NDArray[np.float64]:
            return self._network.logits([encoding.ids for encoding in encodings])

        if len(texts) <= _BATCH or not self._network.releases_lock:
            encodings = [self._encoder.encode(_readable(text)) for text in texts]
            return encodings, score(encodings)
        encodings, futures = [], []
        executor = ThreadPoolExecutor(1)
        try:
            for first in range(0, len(texts), _BATCH):
                batch = [
                    self._encoder.encode(_readable(text)) for text in texts[first : first + _BATCH]
                ]
                encodings += batch
                futures.append(executor.submit(score, batch))
            return encodings, np.concatenate([future.result() for future in futures])
        finally:  # after an interrupt, batches that have not started never do
            executor.shutdown(cancel_futures=True)


def _readable(text: str) -> str:
    """Return the text; an empty text in place of one that is too long."""
    return text if len(text) <= LONGEST_TEXT else ""


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits into probabilities, shape (texts, classes).

    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    exp = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    probabilities: NDArray[np.float64] = exp / exp.sum(axis=1, keepdims=True)
    return probabilities


def _check_labels(labels: Sequence[str]) -> None:
    if not all(isinstance(label, str) and label.isprintable() for label in labels):
        raise ValueError("a label is not a printable string")
    if len(set(labels)) < len(labels) or not {NEGATIVE, POSITIVE} <= set(labels):
        raise ValueError(
            f"the labels {', '.join(labels):.80} are not distinct, or lack {NEGATIVE} or {POSITIVE}"
        )


def load(
    model: str | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    neutral: bool = True,
) -> Classifier:
    """Load a trained model.

    With neither argument, the model is the folder that the environment variable
    ``SENTIMENT_REPL_ARTIFACTS`` names, or else the default model.

    :param model: the name of a shipped model, such as ``"article"``.
    :param folder: any other model folder.
    :param neutral: whether a text may be neutral. If False, the classifier decides between the
        other labels: their probabilities add up to 1. A model without a neutral label ignores it.
    :raises ModelError: there is no such model, or its folder is damaged.
    :raises Failure: out of memory.
    """
    with memory_errors_as_failures(_LOADING):
        files = model_folder.read_model(model_folder.locate(model, folder))
    return build_classifier(files, neutral=neutral)


def build_classifier(files: model_folder.ModelFiles, *, neutral: bool = True) -> Classifier:
    """Build a classifier from the content of a model folder.

    :param neutral: whether a text may be neutral. See ``load``.
    :raises ModelError: the content is not a model.
    :raises Failure: out of memory.
    """
    try:
        with memory_errors_as_failures(_LOADING):
            network = network_from_keras(
                json.loads(files.model), read_tensors(files.weights, files.tensors)
            )
            vocabulary = vocabulary_from_json(files.vocabulary)
            classifier = Classifier(vocabulary, network, files.labels, files.uncertain_below)
            if neutral:
                return classifier
            return classifier.without_neutral(files.uncertain_below_without_neutral)
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelError(f"{files.folder}: the model can't be used: {error!s:.200}") from error
