from fnmatch import fnmatch
from pathlib import Path

import pytest

from sentiment_repl.data.label_sets import parse_meanings
from sentiment_repl.data.labels import read_labelled
from sentiment_repl.errors import UsageError
from sentiment_repl.files.tally import Tally

SHORT = {"negative": "-", "neutral": "=", "positive": "+"}


def read(tmp_path: Path, values: list[str], *given: str) -> list[str]:
    """Return the labels of a table with these values, one character each."""
    path = tmp_path / "reviews.csv"
    path.write_text("label,text\n" + "".join(f'"{value}",some text\n' for value in values))
    rows = read_labelled([path], Tally(), meanings=parse_meanings(given))
    return [SHORT[row.label] for row in rows]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ("0 1", "- +"),
        ("0 1 2", "- = +"),  # TweetEval
        ("-1 0 1", "- = +"),
        ("-1 1", "- +"),
        ("0 4", "- +"),
        ("0 2 4", "- = +"),  # Sentiment140
        ("0 1 2 3 4", "- - = + +"),  # SST-5
        ("1 2 3 4 5", "- - = + +"),  # stars
        ("1 5", "- +"),
        ("0.0 1.0", "- +"),
        ("1. +2 3.00 4 5", "- - = + +"),
        ("True FALSE", "+ -"),
        ("LABEL_0 label_1", "- +"),
        ("LABEL_0 LABEL_1 LABEL_2", "- = +"),
        ("__label__pos __label__NEG", "+ -"),
        ("NEG Neutral POSITIVE neu", "- = + ="),
    ],
)
def test_known_sets_of_labels(tmp_path: Path, values: str, labels: str) -> None:
    # A set means the same in any order.
    for order in (1, -1):
        assert read(tmp_path, values.split()[::order]) == labels.split()[::order]


def test_labels_in_words_and_with_blanks(tmp_path: Path) -> None:
    assert read(tmp_path, [" pos ", "neg\t", " 1", "0 "]) == ["+", "-", "+", "-"]
    stars = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
    assert read(tmp_path, stars) == ["-", "-", "=", "+", "+"]
    much = ["Extremely Negative", "Negative", "very positive"]
    assert read(tmp_path, much) == ["-", "-", "+"]


UNCLEAR = {
    # Sentiment140 without positive texts, or 0, 1 and 2 without neutral ones.
    "0 2 2": "labels 0 and 2 have no clear meaning (2: 2 rows, 0: 1 row); * --labels 0=neg,2=pos (",
    "1 1": "label 1 has no clear meaning (1: 2 rows); * --labels 1=pos (",  # or one star
    "1 2": "--labels 1=neg,2=pos (",
    "1 2 3": "--labels 1=neg,2=neutral,3=pos (",
    "-2 -1 1 2": "--labels=-2=neg,-1=neg,1=pos,2=pos (",
    "0 1 2 3 4 5": "--labels 0=neg,1=neg,2=neg,3=pos,4=pos,5=pos (",
    "1 2 3 4": "--labels 1=neg,2=neg,3=pos,4=pos (",
    "0 1 7": "labels 0, 1 and 7 have",
    "neg pos mixed": "label 'mixed' has * ('neg': 1 row, 'pos': 1 row, 'mixed': 1 row); "
    "* --labels mixed=skip (",
    "0 1 off;topic": "--labels 'off;topic=skip' (",
    "1 2 3 3.5 4 5": "label '3.5' has",
}


@pytest.mark.parametrize("values", UNCLEAR)
def test_unclear_labels_are_refused_with_their_rows_and_an_option(
    tmp_path: Path, values: str
) -> None:
    with pytest.raises(UsageError) as error:
        read(tmp_path, values.split())
    complaint = UNCLEAR[values].replace("(", "[(]")
    assert fnmatch(str(error.value), f"{tmp_path / 'reviews.csv'}: *{complaint}*")


def test_a_column_of_many_values_is_hardly_the_label(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="99 labels .* 87 more .*--label-column") as error:
        read(tmp_path, [f"0.{number:02}\n" for number in range(99)])
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("values", "given", "labels"),
    [
        ("1 2 3 4 5", ["1=neg,2=neg,3=neutral,4=pos,5=pos"], "- - = + +"),
        ("1 2 3", ["1=pos, 2=NEUTRAL", "3=negative"], "+ = -"),  # the other way round
        ("LABEL_0 LABEL_1", ["label_0=pos,LABEL_1=neg"], "+ -"),
        ("1.0 2.0", ["1=neg,2=pos"], "- +"),
        ("neg pos mixed", ["Mixed=skip"], "- +"),
        ("neg pos neutral", ["neutral=skip"], "- +"),
        ("0 1 unsure", ["unsure=neutral"], "- + ="),
        ("-1 -2 2", ["-1=neutral,-2=neg,2=pos"], "= - +"),
        ("0,5 1,5", ["0,5=neg,1,5=pos"], "- +"),
    ],
)
def test_a_user_says_what_labels_mean(
    tmp_path: Path, values: str, given: list[str], labels: str
) -> None:
    assert read(tmp_path, values.split(), *given) == labels.split()


def test_a_user_who_names_a_number_names_all(tmp_path: Path) -> None:
    # Without 2, 0 and 1 would mean something else.
    with pytest.raises(UsageError, match="labels 0 and 1 have .*--labels 2=skip,0=neg,1=pos "):
        read(tmp_path, ["0", "1", "2"], "2=skip")
    # What was said stands in the example, and is a part of its scale.
    with pytest.raises(UsageError, match="--labels 0=neg,1=neutral,2=pos "):
        read(tmp_path, ["0", "1", "2"], "0=neg")


@pytest.mark.parametrize("given", ["", "1", "1=", "1=good", "1=neg;2=pos", "=neg", "1=neg 2=pos"])
def test_meanings_that_are_not_understood(given: str) -> None:
    with pytest.raises(UsageError, match="--labels"):
        parse_meanings([given])


def test_a_value_has_one_meaning() -> None:
    with pytest.raises(UsageError, match="'1' has two meanings"):
        parse_meanings(["1=neg,LABEL_1=pos"])


@pytest.mark.parametrize(
    ("values", "given", "note"),
    [
        ("0 1", [], ""),
        ("0 2 4", [], ""),
        ("neg pos neutral", [], ""),
        ("1 2", ["1=neg,2=pos"], ""),
        ("1 3 4 5", [], "labels read: 1 as negative, 3 as neutral, 4 and 5 as positive; --labels"),
        ("pos x neg x", ["x=skip"], "2 rows with the label 'x' left out"),
        ("0 1", ["2=skip"], "none of its rows has a label that --labels names"),
    ],
)
def test_a_note_says_what_a_reader_could_doubt(
    tmp_path: Path, values: str, given: list[str], note: str, capsys: pytest.CaptureFixture[str]
) -> None:
    read(tmp_path, values.split(), *given)
    printed = capsys.readouterr().err
    assert f"reviews.csv: {note}" in printed if note else not printed
