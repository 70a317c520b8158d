import pytest

from sentiment_repl.classifier import Classifier, Prediction
from sentiment_repl.modes.prompt.corrections import corrections_path
from sentiment_repl.modes.prompt.keys import FunctionKeys
from tests.modes.prompt.conftest import Compute


@pytest.mark.parametrize(
    ("label", "other"), [("positive", "neutral"), ("neutral", "positive"), ("negative", "positive")]
)
def test_a_correction_takes_the_most_probable_other_label(
    classifier: Classifier, compute: Compute, label: str, other: str
) -> None:
    keys = FunctionKeys(lambda: classifier, compute(""))
    probabilities = {"negative": 0.1, "neutral": 0.4, "positive": 0.5}
    keys.last = Prediction("good", label, 0.5, (), probabilities=probabilities)
    keys.correct()
    assert corrections_path().read_text() == f"label,text\n{other},good\n"


def test_a_sentence_too_long_to_explain_names_the_option_that_does(
    classifier: Classifier, compute: Compute, capsys: pytest.CaptureFixture[str]
) -> None:
    FunctionKeys(lambda: classifier, compute("")).explain("good " * 1000)
    assert "--explain" in capsys.readouterr().out
