"""Baselines: the systems that people use instead, trained on the same human-labelled texts.

They need the extra ``bench``.
"""

import pickle
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentiment_repl import load, model_folder
from sentiment_repl.classifier import NEGATIVE, NEUTRAL, POSITIVE
from sentiment_repl.data.labels import LABELS, LabelledText, read_labelled
from sentiment_repl.data.public_sets import PUBLIC_SETS, prepared_path
from sentiment_repl.data.reserved import is_reserved
from sentiment_repl.data.split import mask_mentions_and_links, split_key
from sentiment_repl.files.tally import Tally
from sentiment_repl.prediction import Prediction

_TOKEN = r"(?u)\w[\w']*|[^\w\s]+"
_SENTENCE = "what a lovely day"
_FASTTEXT_LABEL = "__label__"
_NEUTRAL_SCORE = 0.05  # a smaller score is neutral; the authors of VADER recommend this value


class Answer(NamedTuple):
    """What a system answers to one text."""

    label: str
    """``"negative"``, ``"neutral"`` or ``"positive"``."""
    two_way: str | None
    """``"negative"`` or ``"positive"``, whichever is more probable; None without an answer."""


class System(NamedTuple):
    """A trained classifier, and what it costs."""

    name: str
    answer: Callable[[Sequence[str]], list[Answer]]
    """Returns the answer to each text."""
    training_seconds: float | None = None
    """None if there is no training."""
    size: int | None = None
    """Bytes of the model on disk; None if there is no model."""
    start_command: list[str] | None = None
    """Starts, loads the model and classifies one sentence; None if there is no program."""


class Score(NamedTuple):
    """How good a system is on labelled texts."""

    macro_recall: float
    """Over the labels that occur, 0–1."""
    two_way_accuracy: float | None
    """On negative and positive texts, 0–1; None if there are none."""


def score(system: System, rows: Sequence[LabelledText]) -> Score:
    """Measure a system on labelled texts. A text without an answer is an error."""
    answers = system.answer([row.text for row in rows])
    counts: Counter[str] = Counter()
    correct: Counter[str] = Counter()
    two_way = 0
    for (label, _), answer in zip(rows, answers):
        counts[label] += 1
        correct[label] += answer.label == label
        two_way += answer.two_way == label  # never neutral
    polar = counts[NEGATIVE] + counts[POSITIVE]
    return Score(
        sum(correct[label] / count for label, count in counts.items()) / len(counts),
        two_way / polar if polar else None,
    )


def training_rows(folder: Path | None = None, seed: int = 1) -> list[LabelledText]:
    """Read the public human-labelled texts that the default model is trained on, shuffled.

    :param folder: of prepared sets; by default they are downloaded to the user's cache folder.
    :param seed: decides the order, and the sample of a set with a limit.
    :raises DataError: a download failed.
    """
    rows: list[LabelledText] = []
    generator = random.Random(seed)
    for one in PUBLIC_SETS.values():
        path = prepared_path(one.name, folder)
        if path is None:
            continue
        labels = one.labels or LABELS
        with Tally() as tally:
            of_set = [row for row in read_labelled([path], tally) if row.label in labels]
        if one.limit is not None and one.limit < len(of_set):
            of_set = generator.sample(of_set, one.limit)
        rows += [row for row in of_set if not is_reserved(split_key(row.text))]
    generator.shuffle(rows)  # fastText reads them in order
    return rows


def train_baselines(rows: Sequence[LabelledText], folder: Path) -> Iterator[System]:
    """Train and yield each baseline, and after them the models that ship.

    :param rows: the training texts, with three labels.
    :param folder: where models are saved.
    """
    yield vader()
    yield textblob()
    yield fasttext(rows, folder)
    yield logistic_regression(rows, folder)
    for name in model_folder.shipped_models():
        yield shipped_model(name)


def vader() -> System:
    """Return VADER, a lexicon with rules (Hutto and Gilbert 2014)."""
    import vaderSentiment
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    lexicons = Path(vaderSentiment.__file__).parent.glob("*.txt")
    return System(
        "VADER",
        lambda texts: [_from_score(analyzer.polarity_scores(text)["compound"]) for text in texts],
        size=sum(path.stat().st_size for path in lexicons),
        start_command=_python(
            "from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer as Analyzer",
            f"print(Analyzer().polarity_scores({_SENTENCE!r}))",
        ),
    )


def textblob() -> System:
    """Return TextBlob, which averages the polarity of the words in a lexicon."""
    from textblob import TextBlob

    return System(
        "TextBlob",
        lambda texts: [_from_score(TextBlob(text).sentiment.polarity) for text in texts],
        start_command=_python(
            "from textblob import TextBlob", f"print(TextBlob({_SENTENCE!r}).sentiment)"
        ),
    )


def _from_score(score: float) -> Answer:
    """Return the answer of a lexicon. A score of 0 is positive in the two-way decision."""
    two_way = POSITIVE if score >= 0 else NEGATIVE
    return Answer(NEUTRAL if abs(score) < _NEUTRAL_SCORE else two_way, two_way)


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

    def answer(texts: Sequence[str]) -> list[Answer]:
        labels, _ = model.predict([prepare(text) for text in texts], k=-1)
        return [
            _from_ranking([label.removeprefix(_FASTTEXT_LABEL) for label in of_text])
            for of_text in labels
        ]

    return System(
        "fastText, bigrams",
        answer,
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
    # Balanced: macro recall counts rare labels as much as frequent ones.
    classifier = LogisticRegression(C=3, max_iter=1000, class_weight="balanced")
    model = make_pipeline(vectorizer, classifier)
    began = time.perf_counter()
    model.fit([row.text for row in rows], [row.label for row in rows])
    seconds = time.perf_counter() - began
    model_file = folder / "logistic_regression.pickle"
    model_file.write_bytes(pickle.dumps(model))

    def answer(texts: Sequence[str]) -> list[Answer]:
        rankings = model.predict_proba(list(texts)).argsort(axis=1)[:, ::-1]
        return [_from_ranking([str(label) for label in model.classes_[row]]) for row in rankings]

    return System(
        "tf-idf bigrams, logistic regression",
        answer,
        seconds,
        model_file.stat().st_size,
        _python(
            "import pickle",
            f"print(pickle.load(open({str(model_file)!r}, 'rb')).predict([{_SENTENCE!r}]))",
        ),
    )


def shipped_model(name: str) -> System:
    """Return a model that ships. A text without a known word is neutral.

    So is a text in the low-confidence band, if the model has no neutral label.
    """
    classifier = load(name)
    folder = model_folder.shipped_models()[name]
    metrics = model_folder.read_metrics(folder)

    def answer(prediction: Prediction) -> Answer:
        shares = prediction.probabilities
        if prediction.label is None or shares is None:
            return Answer(NEUTRAL, None)
        is_neutral = NEUTRAL not in shares and prediction.uncertain
        two_way = POSITIVE if shares[POSITIVE] >= shares[NEGATIVE] else NEGATIVE
        return Answer(NEUTRAL if is_neutral else prediction.label, two_way)

    return System(
        f"`{name}`",
        lambda texts: [answer(prediction) for prediction in classifier.classify_batch(texts)],
        sum(metrics["seconds"].values()),
        sum(path.stat().st_size for path in folder.iterdir()),
        [sys.executable, "-m", "sentiment_repl", "--model", name, _SENTENCE],
    )


def _from_ranking(labels: Sequence[str]) -> Answer:
    """Return the answer of a system that ranks the labels, the most probable first."""
    return Answer(labels[0], next(label for label in labels if label != NEUTRAL))


def preprocess_text(text: str) -> str:
    """Return what the trained baselines read: lower case, mentions and links masked."""
    return " ".join(mask_mentions_and_links(text).split())


def _python(*statements: str) -> list[str]:
    return [sys.executable, "-c", "; ".join(statements)]
