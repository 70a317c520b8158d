"""The systems that people use instead, trained on the same texts, for benchmark.py."""

import pickle
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from _timing import in_turn, timed

from sentiment_repl.data.corpus import masked

REPOSITORY = Path(__file__).resolve().parents[1]
_TOKEN = r"(?u)\w[\w']*|[^\w\s]+"


class Peer(NamedTuple):
    """One system, trained."""

    name: str
    positive: Callable[[Sequence[str]], np.ndarray]
    """For each text whether it reads as positive."""
    training: float | None
    """Seconds; None if nothing is trained here."""
    size: int | None
    """Bytes of the model on the disk."""
    start: list[str] | None
    """A command that starts, loads and answers one sentence."""


def plain(text: str) -> str:
    """Lower case, links and mentions masked: what the peers that are trained here read."""
    return " ".join(masked(text).split())


def majority(texts: Sequence[str], labels: Sequence[int], folder: Path) -> Peer:
    """The more frequent label, whatever the text."""
    answer = np.mean(labels) > 0.5
    return Peer("majority", lambda some: np.full(len(some), answer), None, None, None)


def vader(texts: Sequence[str], labels: Sequence[int], folder: Path) -> Peer:
    """VADER, a lexicon with rules (Hutto and Gilbert 2014)."""
    import vaderSentiment
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()

    def positive(some: Sequence[str]) -> np.ndarray:
        # What it finds neutral has to be called something.
        return np.array([analyzer.polarity_scores(text)["compound"] >= 0 for text in some])

    code = (
        "from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer as A;"
        "print(A().polarity_scores('what a lovely day'))"
    )
    home = Path(vaderSentiment.__file__).parent
    size = sum(path.stat().st_size for path in home.glob("*.txt"))
    return Peer("VADER", positive, None, size, [sys.executable, "-c", code])


def fasttext(texts: Sequence[str], labels: Sequence[int], folder: Path) -> Peer:
    """fastText's classifier with bigrams (Joulin et al. 2017)."""
    import fasttext as library

    tokens = re.compile(_TOKEN)

    def prepared(text: str) -> str:
        return " ".join(tokens.findall(plain(text)))

    source, model_file = folder / "fasttext.txt", folder / "fasttext.bin"
    with open(source, "w", encoding="utf-8") as file:
        file.writelines(f"__label__{label} {prepared(t)}\n" for label, t in zip(labels, texts))
    began = time.perf_counter()
    model = library.train_supervised(
        str(source), wordNgrams=2, dim=10, epoch=3, thread=2, minCount=2, verbose=0
    )
    seconds = time.perf_counter() - began
    model.save_model(str(model_file))

    def positive(some: Sequence[str]) -> np.ndarray:
        found = model.predict([prepared(text) for text in some])[0]
        return np.array([one[0] == "__label__1" for one in found])

    code = (
        f"import fasttext; print(fasttext.load_model({str(model_file)!r})"
        ".predict('what a lovely day'))"
    )
    size = model_file.stat().st_size
    return Peer("fastText, bigrams", positive, seconds, size, [sys.executable, "-c", code])


def linear(texts: Sequence[str], labels: Sequence[int], folder: Path) -> Peer:
    """tf-idf of words and pairs of words, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    began = time.perf_counter()
    model = make_pipeline(
        TfidfVectorizer(
            preprocessor=plain, token_pattern=_TOKEN, ngram_range=(1, 2), min_df=3,
            sublinear_tf=True, dtype=np.float32,
        ),
        LogisticRegression(C=3, max_iter=200),
    )  # fmt: skip
    model.fit(texts, labels)
    seconds = time.perf_counter() - began
    model_file = folder / "linear.pickle"
    model_file.write_bytes(pickle.dumps(model))
    code = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY / 'scripts')!r}); import pickle;"
        f"print(pickle.load(open({str(model_file)!r}, 'rb')).predict(['what a lovely day']))"
    )
    size = model_file.stat().st_size
    return Peer(
        "tf-idf 1-2-grams, logistic regression",
        lambda some: np.asarray(model.predict(list(some))) == 1,
        seconds,
        size,
        [sys.executable, "-c", code],
    )


def ours(name: str) -> Peer:
    """A model that ships with this program."""
    import json

    from sentiment_repl import model_folder, load

    classifier = load(name)
    folder = model_folder.shipped()[name]
    report: dict[str, Any] = json.loads((folder / model_folder.METRICS).read_text(encoding="utf-8"))

    def positive(some: Sequence[str]) -> np.ndarray:
        return np.array(
            # A text without an answer counts as any other does for a peer: as positive.
            [answer.label != "negative" for answer in classifier.classify_batch(some)]
        )

    return Peer(
        f"`{name}`",
        positive,
        sum(report["seconds"].values()),
        sum(path.stat().st_size for path in folder.iterdir()),
        [sys.executable, "-m", "sentiment_repl", "--model", name, "what a lovely day"],
    )


def all_of(texts: Sequence[str], labels: Sequence[int], folder: Path) -> list[Peer]:
    """Every system, the peers trained on the texts given and kept in a folder."""
    peers = [make(texts, labels, folder) for make in (majority, vader, fasttext, linear)]
    return [*peers, ours("article"), ours("default")]


def start_seconds(peer: Peer, times: int = 5) -> float:
    """The median time from the start of a process to its first answer."""
    command = peer.start
    assert command is not None
    (seconds,) = in_turn(
        times,
        timed(lambda: subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True)),
    )
    return seconds


def table(data: Path, seed: int, labelled: Sequence[Path]) -> str:
    """Every system beside the others, as a Markdown table.

    :param data: trained on but for the texts that train.py holds back with this seed.
    :param labelled: further files to measure accuracy on.
    """
    from sentiment_repl.data.corpus import held_back
    from sentiment_repl.data.labels import Row, Tally, read_all

    training: list[Row] = []
    validation: list[Row] = []
    with Tally() as tally:
        for row in read_all([data], tally):
            (validation if held_back(row.text, seed) else training).append(row)
        sets = {"held back": validation}
        sets |= {path.stem: list(read_all([path], tally)) for path in labelled}
    heads = [*(f"{name} ({len(rows):,})" for name, rows in sets.items()), *_COSTS]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    texts, answers = [row.text for row in training], [row.label or 0 for row in training]
    with tempfile.TemporaryDirectory() as folder:
        for peer in all_of(texts, answers, Path(folder)):
            cells = []
            for rows in sets.values():
                labels = np.array([row.label for row in rows])
                right = peer.positive([row.text for row in rows]) == (labels == 1)
                cells.append(f"{right.mean():.2%}")
            lines.append(f"| {' | '.join([peer.name, *cells, *_costs(peer, validation)])} |")
    return "\n".join(lines)


_COSTS = ("training", "model", "start to first answer", "one answer", "a batch")
_BATCH = 10_000


def _costs(peer: Peer, rows: Sequence[Any]) -> list[str]:
    if peer.start is None:
        return ["–"] * len(_COSTS)
    texts = [row.text for row in rows[:_BATCH]]
    some = cycle(texts)
    (one,) = in_turn(300, timed(lambda: peer.positive([next(some)])))
    (batch,) = in_turn(1, timed(lambda: peer.positive(texts)))
    return [
        "–" if peer.training is None else f"{peer.training:,.0f} s",
        f"{(peer.size or 0) / 1e6:.1f} MB",
        f"{start_seconds(peer):.2f} s",
        f"{one * 1e3:.2f} ms",
        f"{len(texts) / batch:,.0f} lines/s",
    ]
