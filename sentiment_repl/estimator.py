"""The classifier under the names that scikit-learn and pandas expect.

Nothing here imports them, except for one method that only scikit-learn calls.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.prediction import Prediction

_Self = TypeVar("_Self", bound="TextEstimator")


class TextEstimator(ABC):
    """A trained model: a last step of a scikit-learn pipeline, and a function for pandas.

    ``None``, ``NaN`` and ``pandas.NA`` count as texts without a label.
    """

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The labels of the model."""

    @abstractmethod
    def classify(self, text: str | None, *, explain: bool = False) -> Prediction:
        """Classify one text."""

    @abstractmethod
    def classify_batch(
        self, texts: Iterable[str | None], *, explain: bool = False
    ) -> list[Prediction]:
        """Classify many texts."""

    @property
    def classes_(self) -> NDArray[np.str_]:
        """The labels, in the order of the columns of ``predict_proba``."""
        return np.array(self.labels)

    def __call__(self, text: str | None) -> str | None:
        """Return the label of one text, as for ``series.map(classifier)`` of pandas.

        >>> from sentiment_repl import load
        >>> list(map(load(), ["what a lovely day", None]))
        ['positive', None]
        """
        return self.classify(text).label

    def predict(self, texts: Iterable[str | None]) -> list[str | None]:
        """Return the label of each text; None where there is none.

        >>> from sentiment_repl import load
        >>> load().predict(["what a lovely day", "worst queue ever", ""])
        ['positive', 'negative', None]
        """
        return [prediction.label for prediction in self.classify_batch(texts)]

    def predict_proba(self, texts: Iterable[str | None]) -> NDArray[np.float64]:
        """Return the probability of each label, shape (texts, labels).

        The columns are in the order of ``classes_``. A text without a label has a row of NaN.

        >>> from sentiment_repl import load
        >>> classifier = load()
        >>> classifier.predict_proba(["what a lovely day", "worst queue ever"]).shape
        (2, 3)
        """
        none = (np.nan,) * len(self.labels)
        rows = [
            none if prediction.probabilities is None else (*prediction.probabilities.values(),)
            for prediction in self.classify_batch(texts)
        ]
        return np.array(rows, np.float64).reshape(len(rows), len(self.labels))

    def fit(self: _Self, texts: object = None, labels: object = None) -> _Self:
        """Do nothing: the model is trained already. Pipelines call this method.

        ``python -m sentiment_repl.training`` trains a model on other texts.
        """
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self: _Self) -> _Self:
        return self  # nothing changes it, so copies can share it

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=False),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
        )
