from pathlib import Path

from sentiment_repl.modes.prompt.corrections import append_correction, remove_correction


def test_rows_follow_one_header_and_lone_surrogates_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    append_correction(path, "positive", "good \ud800 day")
    append_correction(path, "negative", 'bad, "day"')
    assert path.read_text() == 'label,text\npositive,good ? day\nnegative,"bad, ""day"""\n'


def test_a_file_edited_by_hand_gets_its_missing_newline_or_header(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_bytes(b"label,text\nnegative,no newline")
    append_correction(path, "positive", "good")
    assert path.read_text().splitlines() == ["label,text", "negative,no newline", "positive,good"]
    path.write_bytes(b"")
    append_correction(path, "positive", "good")
    assert path.read_text().splitlines() == ["label,text", "positive,good"]


def test_the_last_copy_of_a_row_is_removed_and_all_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    rows = [("positive", "good"), ("neutral", 'a "table"'), ("positive", "good"), ("negative", "x")]
    for label, text in rows:
        append_correction(path, label, text)
    assert remove_correction(path, "positive", "good")
    assert path.read_text() == 'label,text\npositive,good\nneutral,"a ""table"""\nnegative,x\n'
    assert remove_correction(path, "negative", "x")
    assert not remove_correction(path, "negative", "good")  # only a part of a row
    assert remove_correction(path, "neutral", 'a "table"')
    assert path.read_text() == "label,text\npositive,good\n"
