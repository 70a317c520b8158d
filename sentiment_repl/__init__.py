"""Sentiment of a sentence: at a prompt, in a pipe, or from Python.

    >>> from sentiment_repl import load
    >>> load().classify("what a lovely day").label
    'positive'
    >>> load(neutral=False).labels
    ('negative', 'positive')

Each name is imported on first use. So ``sentiment-repl --help`` does not wait for NumPy, and a
program handles Ctrl-C from its first milliseconds on.
"""

TYPE_CHECKING = False  # importing typing takes milliseconds
if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier, load
    from sentiment_repl.errors import ModelError
    from sentiment_repl.prediction import Prediction, WordContribution

__version__ = "0.1.0"
__all__ = ["Classifier", "ModelError", "Prediction", "WordContribution", "load"]

_MODULES = {
    "Classifier": "classifier",
    "ModelError": "errors",
    "Prediction": "prediction",
    "WordContribution": "prediction",
    "load": "classifier",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
