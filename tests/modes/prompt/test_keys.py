from unittest.mock import Mock

import pytest

from sentiment_repl.classifier import Prediction
from sentiment_repl.modes.prompt.corrections import corrections_path
from sentiment_repl.modes.prompt.keys import FunctionKeys


@pytest.mark.parametrize(("label", "other"), [("positive", "neutral"), ("neutral", "positive")])
def test_a_correction_takes_the_most_probable_other_label(label: str, other: str) -> None:
    keys = FunctionKeys(Mock(), Mock())
    probabilities = {"negative": 0.1, "neutral": 0.4, "positive": 0.5}
    keys.last = Prediction("good", label, 0.5, (), probabilities=probabilities)
    keys.correct()
    assert corrections_path().read_text() == f"label,text\n{other},good\n"


def test_f2_names_the_option_for_a_longer_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    FunctionKeys(Mock(), Mock()).explain("good " * 1000)
    assert "--explain" in capsys.readouterr().out
