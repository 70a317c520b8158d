from pathlib import Path

from sentiment_repl.modes.prompt.corrections import append_correction


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
