from unittest.mock import Mock

import pytest

from sentiment_repl.classifier import Prediction
from sentiment_repl.modes.prompt.corrections import corrections_path
from sentiment_repl.modes.prompt.keys import FunctionKeys

TWO = {"negative": 0.2, "positive": 0.8}
THREE = {"negative": 0.1, "neutral": 0.4, "positive": 0.5}


def keys_after(text: str, label: str, probabilities: dict[str, float]) -> FunctionKeys:
    """Return the keys after a sentence has got a label."""
    keys = FunctionKeys(Mock(), Mock())
    keys.last = Prediction(text, label, probabilities[label], (), probabilities=probabilities)
    return keys


def saved_rows() -> list[str]:
    return corrections_path().read_text().splitlines()[1:]


@pytest.mark.parametrize(
    ("label", "question"),
    [
        ("positive", {"n": "negative", "u": "neutral"}),
        ("neutral", {"n": "negative", "p": "positive"}),
        ("negative", {"u": "neutral", "p": "positive"}),
    ],
)
def test_f4_asks_which_of_the_other_two_labels_is_right(
    label: str, question: dict[str, str]
) -> None:
    keys = keys_after("good", label, THREE)
    assert keys.correct() == "" and keys.question == question
    assert not corrections_path().exists()
    for answer in question.values():
        keys.save(answer)
        assert saved_rows() == [f"{answer},good"]
        keys.correct()  # takes it back
        assert saved_rows() == []


def test_labels_of_any_name_can_be_chosen() -> None:
    keys = keys_after("good", "positive", {"so so": 0.1, "mixed": 0.1, "positive": 0.8})
    keys.correct()
    assert keys.question == {"1": "so so", "2": "mixed"}


def test_f4_with_two_labels_saves_the_other_one_and_f4_again_takes_it_back() -> None:
    keys = keys_after("good", "positive", TWO)
    for _ in range(2):
        assert keys.correct().startswith("Saved as negative: good\n") and not keys.question
        assert saved_rows() == ["negative,good"]
        assert keys.correct() == "No longer saved as negative: good"
        assert saved_rows() == []


def test_a_correction_that_somebody_removed_from_the_file_is_not_taken_back() -> None:
    keys = keys_after("good", "positive", TWO)
    keys.correct()
    corrections_path().write_text("label,text\nnegative,bad\n")
    assert "no longer in this file" in keys.correct()
    assert saved_rows() == ["negative,bad"]


def test_f2_names_the_option_for_a_longer_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    FunctionKeys(Mock(), Mock()).explain("good " * 1000)
    assert "--explain" in capsys.readouterr().out
