"""What callers from other libraries pass and get."""

from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import Classifier, load


@pytest.fixture
def classifier(tiny_neutral: Path) -> Classifier:
    return load(folder=tiny_neutral)


def test_predict_gives_labels_and_none_where_there_is_none(classifier: Classifier) -> None:
    assert classifier.predict(["good", "zebra", "bad table table"]) == [
        "positive", None, "neutral",
    ]  # fmt: skip
    assert classifier.predict(iter([])) == []
    assert (classifier("good"), classifier("zebra")) == ("positive", None)


def test_predict_proba_has_a_column_for_each_class(classifier: Classifier) -> None:
    assert classifier.classes_.tolist() == ["negative", "neutral", "positive"]
    probabilities = classifier.predict_proba(["good", "zebra", "bad"])
    assert probabilities.shape == (3, 3)
    assert probabilities[[0, 2]].sum(axis=1) == pytest.approx(1)
    assert np.isnan(probabilities[1]).all()
    assert classifier.classes_[probabilities[[0, 2]].argmax(axis=1)].tolist() == [
        "positive", "negative",
    ]  # fmt: skip
    assert classifier.predict_proba([]).shape == (0, 3)


@pytest.mark.parametrize("missing", [None, float("nan"), np.float32("nan"), np.float64("nan")])
def test_a_missing_value_has_a_row_without_a_label(classifier: Classifier, missing) -> None:
    predictions = classifier.classify_batch(["good", missing, "bad"], explain=True)
    assert [prediction.label for prediction in predictions] == ["positive", None, "negative"]
    assert predictions[1] == classifier.classify(missing, explain=True)
    assert (predictions[1].text, predictions[1].uncertain) == ("", True)
    assert classifier.predict(["good", missing]) == ["positive", None]
    assert classifier.logits([missing]).tolist() == [[0, 0, 0]]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("lovely", r"one str; pass a list.* classify\(text\)"),
        (b"lovely", "one bytes; pass a list"),
        ({"a": "good"}, r"type dict; pass its values\(\)"),
        (None, "type NoneType; pass a list"),
        (3, "type int; pass a list"),
        (np.array([["good"]]), r"ndarray of 2 dimensions; pass one column"),
        (["good", "bad", 3], r"position 2 is of the type int, not a str; convert it, as in str\("),
        (["good", 1.5], "position 1 is of the type float"),
        (["good", b"x"], r"position 1 is of the type bytes, not a str; decode it"),
        ([["good"], "bad"], "position 0 is of the type list, not a str; pass one list"),
    ],
)
@pytest.mark.parametrize("method", ["classify_batch", "predict", "predict_proba", "logits"])
def test_what_is_not_many_texts_is_refused(
    classifier: Classifier, method: str, texts, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        getattr(classifier, method)(texts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (["a", "b"], r"type list; for many texts, call classify_batch\(texts\) or predict\(texts"),
        (np.array(["a"]), "type ndarray; for many texts"),
        (b"x", r"type bytes; decode it, as in text.decode\(\)"),
        (3, r"type int; convert it, as in str\(value\)"),
        (0.5, "type float; convert it"),
    ],
)
def test_what_is_not_one_text_is_refused(classifier: Classifier, text, message: str) -> None:
    for call in (classifier.classify, classifier):
        with pytest.raises(TypeError, match=message):
            call(text)


def test_a_series_of_pandas_keeps_its_length_and_index(classifier: Classifier) -> None:
    pandas = pytest.importorskip("pandas", reason="needs pip install '.[test]'")
    for dtype in (object, "string", "category", None):
        series = pandas.Series(["good", None, "bad"], index=[7, 3, 5], dtype=dtype)
        assert classifier.predict(series) == ["positive", None, "negative"]
        labels = series.map(classifier)
        assert labels.index.tolist() == [7, 3, 5]
        assert labels[labels.notna()].to_dict() == {7: "positive", 5: "negative"}
    mixed = pandas.Series(["good", pandas.NA, pandas.NaT, float("nan")], dtype=object)
    assert classifier.predict(mixed) == ["positive", None, None, None]
    frame = pandas.DataFrame({"text": ["good"]})
    with pytest.raises(TypeError, match="DataFrame of 2 dimensions; pass one column"):
        classifier.predict(frame)
    frame["label"] = classifier.predict(frame["text"])
    assert frame["label"].tolist() == ["positive"]


def test_a_classifier_is_the_last_step_of_a_pipeline(classifier: Classifier) -> None:
    pytest.importorskip("sklearn", reason="needs pip install '.[test]'")
    from sklearn.base import clone, is_classifier
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    whole = FunctionTransformer(lambda texts: [text.replace("gd", "good") for text in texts])
    pipeline = make_pipeline(whole, classifier)
    assert pipeline.predict(["gd", "bad"]) == ["positive", "negative"]
    assert pipeline.predict_proba(["gd"]).shape == (1, 3)
    assert pipeline.classes_.tolist() == list(classifier.labels)
    assert is_classifier(pipeline)
    assert clone(pipeline).fit(["bad"], ["positive"]).predict(["bad"]) == ["negative"]
    texts, labels = ["good", "bad", "gd", "bad good"] * 2, ["positive", "negative"] * 4
    assert cross_val_score(pipeline, texts, labels, cv=2, scoring="accuracy").tolist() == [1, 1]
