import zipfile
from pathlib import Path

import pytest

from sentiment_repl.data.labels import LabelledText, read_labelled
from sentiment_repl.errors import FileError, UsageError
from sentiment_repl.files.tally import Tally
from tests.conftest import DATA
from tests.files.helpers import write_file

NEG, NEUTRAL, POS = "negative", "neutral", "positive"
SENTIMENT140 = (
    '"0","1","date","NO_QUERY","user","so sad, really"\n"4","2","","","","a ""good"" day"\n'
)
SENTIMENT140_ROWS = [(NEG, "so sad, really"), (POS, 'a "good" day')]


def read(*paths: Path, **columns: str) -> list[LabelledText]:
    return list(read_labelled(paths, Tally(), **columns))


ARTICLE = 'ItemID,Sentiment,SentimentSource,SentimentText\r\n1,0,S140,so sad\r\n2,1,K,"a, b"\r\n'
JSON = '{"text": "a", "label": 1}\n{"text": "b", "label": "neg"}\n{"text": "c", "label": 0}'
FASTTEXT = "__label__pos Great, CD\n__label__NEG  a\tb\n__label__positive\tso\n"
TABS = 'neg\tan "open quote\n\nneutral\ta, b\tc\npos\t"all"\n'
TABS_ROWS = [(NEG, 'an "open quote'), (NEUTRAL, "a, b\tc"), (POS, '"all"')]


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("in.csv", SENTIMENT140, SENTIMENT140_ROWS),
        ("in.csv.gz", SENTIMENT140, SENTIMENT140_ROWS),
        ("in", SENTIMENT140, SENTIMENT140_ROWS),
        ("in.csv", ARTICLE, [(NEG, "so sad"), (POS, "a, b")]),
        ("in.csv", "\nReview\tLabel\na, b, c\tpos\n", [(POS, "a, b, c")]),
        ("in.jsonl.gz", JSON, [(POS, "a"), (NEG, "b"), (NEG, "c")]),
        ("in.tsv", TABS, TABS_ROWS),
        ("in.txt", TABS, TABS_ROWS),
        ("in.txt", "0\tso sad\n1\tgood\tday\n", [(NEG, "so sad"), (POS, "good\tday")]),
        ("in.txt", FASTTEXT, [(POS, "Great, CD"), (NEG, "a\tb"), (POS, "so")]),
    ],
)
def test_layouts(tmp_path: Path, name: str, content: str, rows: list[tuple[str, str]]) -> None:
    assert read(write_file(tmp_path / name, content)) == rows


def test_columns_can_be_named_and_layouts_mixed(tmp_path: Path) -> None:
    own = write_file(tmp_path / "own.tsv", "Words\tText\tMood\nmine\tx\tPos \n")
    theirs = write_file(tmp_path / "theirs.csv", SENTIMENT140)
    columns = {"label_column": "mood", "text_column": "words"}
    assert read(theirs, own, **columns) == [*SENTIMENT140_ROWS, (POS, "mine")]


def test_a_part_of_sentiment140_has_its_labels(tmp_path: Path) -> None:
    # Alone, neither 0 nor 0 and 2 would have a clear meaning.
    rows = [f'"{label}","1","date","NO_QUERY","user","some text"\n' for label in "002"]
    part = write_file(tmp_path / "in.csv", "".join(rows))
    assert [row.label for row in read(part)] == [NEG, NEG, NEUTRAL]
    with pytest.raises(UsageError, match=r"label 1 has .* --labels 1=pos "):
        read(write_file(part, "".join([*rows, rows[0].replace("0", "1", 1)])))


def test_rows_that_cannot_be_read_are_counted_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_file(
        tmp_path / "in.tsv", "label\ttext\n1\tgood\n1\n \tno label\n0\t\n\t\n0\tbad\n"
    )
    with Tally() as tally:
        rows = list(read_labelled([path], tally))
    assert rows == [(POS, "good"), (NEG, "bad")]
    assert (tally.rows, tally.unreadable) == (2, 4)
    printed = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in printed[:-1]] == ["3", "4", "5", "6"]
    assert f"{path}:4: no label" in printed[1] and f"{path}:5: no text" in printed[2]
    assert read(write_file(tmp_path / "in.txt", "neg\ta\nb\n\npos\t \n")) == [(NEG, "a")]
    assert "in.txt:2: not a label, a tab and a text" in capsys.readouterr().err
    labels = write_file(tmp_path / "in.txt", "__label__neg a\n__label__neg  __label__pos b\n")
    assert read(labels) == [(NEG, "a")]
    assert "in.txt:2: not one __label__ and a text" in capsys.readouterr().err


def test_the_training_table_of_the_public_archive_is_known(tmp_path: Path) -> None:
    path = tmp_path / "trainingandtestdata.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("testdata.manual.2009.06.14.csv", SENTIMENT140 * 2)
        archive.writestr("training.1600000.processed.noemoticon.csv", SENTIMENT140)
    assert read(path) == SENTIMENT140_ROWS
    assert len(read(Path(f"{path}:testdata.manual.2009.06.14.csv"))) == 4


@pytest.mark.parametrize(
    ("content", "error", "complaint"),
    [
        ("mood,text\n1,x\n", UsageError, "no column named sentiment, .*--label-column: 'mood'"),
        ("label,words\n1,x\n", UsageError, "--text-column: 'label', 'words'"),
        ("label,text,tweet\n1,x,y\n", UsageError, "more than one .* --text-column"),
        ("Sentiment,label,text\n1,0,x\n", UsageError, "more than one .* --label-column"),
        ("1\t0\tid, label and text\n", UsageError, "no column named sentiment"),
        ("", FileError, "is empty"),
        ("x" * 2**22 + ",y\n", FileError, r"in\.csv:1: .*more than"),
        ('"' + "label,text\n" * 9, FileError, r"in\.csv:1: "),
        ("x" * 200_000 + ",y\n", UsageError, "no column named sentiment"),
    ],
)
def test_a_file_that_cannot_be_used(
    tmp_path: Path, content: str, error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        read(write_file(tmp_path / "in.csv", content))


@pytest.mark.slow
def test_real_files() -> None:
    for name, counts in {
        "thinknook_sample.csv": (6163, 0, 1),  # its last row is cut before the text
        "sentiment140_manual.tsv": (359, 139, 0),
        "sanders.tsv": (1091, 2333, 0),
        "semeval2016_devtest.tsv": (1319, 681, 0),
    }.items():
        if not (DATA / name).exists():
            pytest.skip(f"needs ../shared/data/{name}")
        tally = Tally()
        neutral = sum(row.label == NEUTRAL for row in read_labelled([DATA / name], tally))
        assert (tally.rows - neutral, neutral, tally.unreadable) == counts, name


LABELLED = "id;label;text\n1;neg;it’s so sad, really\n2;pos;good café\n"
LABELLED_ROWS = [(NEG, "it’s so sad, really"), (POS, "good café")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_encodings_and_delimiters_are_found_as_for_input(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    content = LABELLED.replace(";", delimiter).encode(encoding)
    assert read(write_file(tmp_path / "in.csv", content)) == LABELLED_ROWS


def test_parquet_and_excel_are_read(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    openpyxl = pytest.importorskip("openpyxl")
    texts = [text for _, text in LABELLED_ROWS]
    pq.write_table(pa.table({"text": texts, "label": [0, 1]}), tmp_path / "in.parquet")
    book = openpyxl.Workbook()
    for row in [["label", "text"], [0, texts[0]], [1.0, texts[1]]]:
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    assert read(tmp_path / "in.parquet") == LABELLED_ROWS
    assert read(tmp_path / "in.xlsx") == LABELLED_ROWS
