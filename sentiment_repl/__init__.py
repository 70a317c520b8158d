"""Sentiment of a sentence: at a prompt, in a pipe, or from Python.

    >>> from sentiment_repl import load
    >>> load().classify("what a lovely day").label
    'positive'
    >>> load(neutral=False).labels
    ('negative', 'positive')

``Classifier`` and ``load`` are imported on first use, so that ``sentiment-repl --help`` does not
wait for NumPy.
"""

from typing import TYPE_CHECKING

from sentiment_repl.errors import ModelError
from sentiment_repl.prediction import Prediction, WordContribution

__version__ = "0.1.0"
__all__ = ["Classifier", "ModelError", "Prediction", "WordContribution", "load"]

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier, load


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sentiment_repl import classifier

    return getattr(classifier, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
