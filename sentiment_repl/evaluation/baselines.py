"""Baselines: the systems that people use instead, trained on the same texts.

They need the extra ``bench``.
"""

import json
import pickle
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentiment_repl import load, model_folder
from sentiment_repl.classifier import NEGATIVE, POSITIVE
from sentiment_repl.data.labels import NEUTRAL, LabelledText
from sentiment_repl.data.split import mask_mentions_and_links

_TOKEN = r"(?u)\w[\w']*|[^\w\s]+"
_SENTENCE = "what a lovely day"
_FASTTEXT_LABEL = "__label__"
_VADER_NEUTRAL = 0.05  # of the compound score; the value that its authors recommend


class System(NamedTuple):
    """A trained classifier, and what it costs."""

    name: str
    predict: Callable[[Sequence[str]], list[str]]
    """Returns the label of each text."""
    training_seconds: float | None = None
    """None if there is no training."""
    size: int | None = None
    """Bytes of the model on disk; None if there is no model."""
    start_command: list[str] | None = None
    """Starts, loads the model and classifies one sentence; None if there is no program."""


def train_baselines(rows: Sequence[LabelledText], folder: Path) -> Iterator[System]:
    """Train and yield each baseline, and after them the models that ship.

    :param rows: the training texts. A baseline knows the labels that occur in them.
    :param folder: where models are saved.
    """
    labels = {row.label for row in rows}
    yield majority(rows)
    yield vader(labels)
    yield fasttext(rows, folder)
    yield logistic_regression(rows, folder)
    for name in model_folder.shipped_models():
        yield shipped_model(name)


def majority(rows: Sequence[LabelledText]) -> System:
    """Return the classifier that always predicts the most frequent label."""
    ((label, _),) = Counter(row.label for row in rows).most_common(1)
    return System("majority", lambda texts: [label] * len(texts))


def vader(labels: set[str]) -> System:
    """Return VADER, a lexicon with rules (Hutto and Gilbert 2014)."""
    import vaderSentiment
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()

    def label_of(text: str) -> str:
        compound = analyzer.polarity_scores(text)["compound"]
        if NEUTRAL in labels and abs(compound) < _VADER_NEUTRAL:
            return NEUTRAL
        return POSITIVE if compound >= 0 else NEGATIVE

    lexicons = Path(vaderSentiment.__file__).parent.glob("*.txt")
    return System(
        "VADER",
        lambda texts: [label_of(text) for text in texts],
        size=sum(path.stat().st_size for path in lexicons),
        start_command=_python(
            "from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer as Analyzer",
            f"print(Analyzer().polarity_scores({_SENTENCE!r}))",
        ),
    )


def fasttext(rows: Sequence[LabelledText], folder: Path) -> System:
    """Train fastText's classifier with bigrams (Joulin et al. 2017)."""
    import fasttext as library

    def prepare(text: str) -> str:
        return " ".join(re.findall(_TOKEN, preprocess_text(text)))

    source, model_file = folder / "fasttext.txt", folder / "fasttext.bin"
    with open(source, "w", encoding="utf-8") as file:
        file.writelines(f"{_FASTTEXT_LABEL}{label} {prepare(text)}\n" for label, text in rows)
    began = time.perf_counter()
    model = library.train_supervised(
        str(source), wordNgrams=2, dim=10, epoch=3, thread=2, minCount=2, verbose=0
    )
    seconds = time.perf_counter() - began
    model.save_model(str(model_file))

    def predict(texts: Sequence[str]) -> list[str]:
        labels = model.predict([prepare(text) for text in texts])[0]
        return [str(first).removeprefix(_FASTTEXT_LABEL) for first, *_ in labels]

    return System(
        "fastText, bigrams",
        predict,
        seconds,
        model_file.stat().st_size,
        _python(
            "import fasttext",
            f"print(fasttext.load_model({str(model_file)!r}).predict({_SENTENCE!r}))",
        ),
    )


def logistic_regression(rows: Sequence[LabelledText], folder: Path) -> System:
    """Train a logistic regression on tf-idf of words and bigrams."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(
        preprocessor=preprocess_text,
        token_pattern=_TOKEN,
        ngram_range=(1, 2),
        min_df=3,
        sublinear_tf=True,
        dtype=np.float32,
    )
    model = make_pipeline(vectorizer, LogisticRegression(C=3, max_iter=200))
    began = time.perf_counter()
    model.fit([row.text for row in rows], [row.label for row in rows])
    seconds = time.perf_counter() - began
    model_file = folder / "logistic_regression.pickle"
    model_file.write_bytes(pickle.dumps(model))
    return System(
        "tf-idf bigrams, logistic regression",
        lambda texts: [str(label) for label in model.predict(list(texts))],
        seconds,
        model_file.stat().st_size,
        _python(
            "import pickle",
            f"print(pickle.load(open({str(model_file)!r}, 'rb')).predict([{_SENTENCE!r}]))",
        ),
    )


def shipped_model(name: str) -> System:
    """Return a model that ships. A text without a known word counts as neutral or positive."""
    classifier = load(name)
    without_words = NEUTRAL if NEUTRAL in classifier.labels else POSITIVE
    folder = model_folder.shipped_models()[name]
    metrics = json.loads((folder / model_folder.METRICS).read_bytes())
    return System(
        f"`{name}`",
        lambda texts: [one.label or without_words for one in classifier.classify_batch(texts)],
        sum(metrics["seconds"].values()),
        sum(path.stat().st_size for path in folder.iterdir()),
        [sys.executable, "-m", "sentiment_repl", "--model", name, _SENTENCE],
    )


def preprocess_text(text: str) -> str:
    """Return what the trained baselines read: lower case, mentions and links masked."""
    return " ".join(mask_mentions_and_links(text).split())


def _python(*statements: str) -> list[str]:
    return [sys.executable, "-c", "; ".join(statements)]
