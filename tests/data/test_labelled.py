import gzip
import zipfile
from pathlib import Path

import pytest

from sentiment_repl.errors import DataError
from sentiment_repl.data import labelled
from sentiment_repl.data.labels import Row, Tally
from tests.conftest import DATA


def read(path: Path, **columns: str) -> tuple[list[Row], Tally]:
    tally = Tally()
    return list(labelled.read_all([path], tally, **columns)), tally


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


SENTIMENT140 = (
    '"0","1","date","NO_QUERY","user","so sad, really"\n"4","2","","","","a ""good"" day"\n'
)


def test_sentiment140(tmp_path: Path) -> None:
    rows, tally = read(write(tmp_path / "data.csv", SENTIMENT140))
    assert rows == [Row(0, "so sad, really"), Row(1, 'a "good" day')]
    assert (tally.rows, tally.unreadable) == (2, 0)


def test_the_article_s_layout(tmp_path: Path) -> None:
    content = (
        'ItemID,Sentiment,SentimentSource,SentimentText\r\n1,0,S140,so sad\r\n2,1,Kaggle,"a, b"\r\n'
    )
    assert read(write(tmp_path / "data.csv", content))[0] == [Row(0, "so sad"), Row(1, "a, b")]


def test_any_header(tmp_path: Path) -> None:
    path = write(
        tmp_path / "data.tsv", "Review\tStars\tVerdict\nfine\t5\tpos\nawful\t1\tNegative\n"
    )
    columns = {"label_column": "verdict", "text_column": "review"}
    assert read(path, **columns)[0] == [Row(1, "fine"), Row(0, "awful")]


def test_label_tab_text(tmp_path: Path) -> None:
    rows, tally = read(
        write(tmp_path / "data.tsv", 'neg\tan "open quote\nneutral\tso\npos\tfine\n')
    )
    assert rows == [Row(0, 'an "open quote'), Row(1, "fine")]
    assert tally.neutral == 1


@pytest.mark.parametrize("text", ["Oh well, sure, whatever", "a\ttab", '"'])
def test_label_tab_text_with_anything_in_the_first_text(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path / "data.txt", f"neg\t{text}\npos\tfine\n"))[0] == [
        Row(0, text),
        Row(1, "fine"),
    ]


@pytest.mark.parametrize(
    ("labels", "rows", "unreadable"),
    [("0 1 1", 3, 0), ("0 2 4 4", 3, 0), ("1 2 3 4 5", 1, 4), ("4 1", 1, 1), ("0 neg POS 4", 4, 0)],
)
def test_a_file_keeps_to_one_scale(tmp_path: Path, labels: str, rows: int, unreadable: int) -> None:
    content = "label,text\n" + "".join(f"{label},x\n" for label in labels.split())
    _, tally = read(write(tmp_path / "data.csv", content))
    assert (tally.rows, tally.unreadable) == (rows, unreadable)


def test_files_of_several_layouts_together(tmp_path: Path) -> None:
    own = write(tmp_path / "own.csv", "mood,words\n1,mine\n")
    theirs = write(tmp_path / "theirs.csv", SENTIMENT140)
    rows = labelled.read_all([theirs, own], Tally(), label_column="mood", text_column="words")
    assert [row.text for row in rows] == ["so sad, really", 'a "good" day', "mine"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "data.csv", "label,text\n1,déjà vu café\n".encode(encoding))
    assert read(path)[0] == [Row(1, "déjà vu café")]


def test_encodings_mixed_in_one_file(tmp_path: Path) -> None:
    path = write(tmp_path / "data.csv", b"label,text\n1,caf\xc3\xa9\n0,caf\xe9\n")
    assert read(path)[0] == [Row(1, "café"), Row(0, "café")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines(tmp_path: Path, newline: str) -> None:
    path = write(tmp_path / "data.csv", newline.join(["label,text", "1,a", "", '0,"b', 'c"']))
    assert read(path)[0] == [Row(1, "a"), Row(0, "b\nc")]


def test_gzip_and_zip(tmp_path: Path) -> None:
    packed = tmp_path / "data.csv.gz"
    packed.write_bytes(gzip.compress(SENTIMENT140.encode()))
    assert len(read(packed)[0]) == 2
    archive = tmp_path / "data.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("read me.txt", "no table")
        file.writestr("training.1600000.processed.noemoticon.csv", SENTIMENT140)
    assert len(read(archive)[0]) == 2
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("testdata.manual.2009.06.14.csv", SENTIMENT140 * 2)
    assert len(read(archive)[0]) == 2  # the public archive's training table is known
    assert len(read(Path(f"{archive}:testdata.manual.2009.06.14.csv"))[0]) == 4


def test_an_archive_packed_on_macos(tmp_path: Path) -> None:
    archive = tmp_path / "DATA.ZIP"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("folder/data.csv", SENTIMENT140)
        file.writestr("__MACOSX/folder/._data.csv", b"\x00\x05\x16\x07")
    assert len(read(archive)[0]) == 2
    assert len(read(Path(f"{archive}:folder/data.csv"))[0]) == 2


def test_an_archive_of_several_tables_wants_a_choice(tmp_path: Path) -> None:
    archive = tmp_path / "data.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.csv", SENTIMENT140)
        file.writestr("b.csv", SENTIMENT140)
    with pytest.raises(DataError, match="2 tables in it.*MEMBER"):
        read(archive)
    with pytest.raises(DataError, match="c.csv"):
        read(Path(f"{archive}:c.csv"))


def test_what_cannot_be_read_is_counted_and_named(tmp_path: Path) -> None:
    path = write(
        tmp_path / "data.csv",
        'label,text\n1,good\n1,too,many\n9,what label\n0,\n1,"closed" wrongly\n0,bad\n',
    )
    rows, tally = read(path)
    assert rows == [Row(1, "good"), Row(0, "bad")]
    assert [problem.line for problem in tally.problems] == [3, 4, 5, 6]
    assert "data.csv:4: a label '9'" in tally.problems_shown()
    assert str(tally) == "2 rows read, 4 rows could not be read"


def test_only_the_first_problems_are_shown_but_all_are_counted(tmp_path: Path) -> None:
    _, tally = read(write(tmp_path / "data.csv", "label,text\n" + "x,y\n" * 1000))
    assert tally.unreadable == 1000
    assert tally.problems_shown().splitlines()[-1] == "… and 995 more"


@pytest.mark.parametrize("name", ["data.csv", "data.csv.gz"])
def test_a_line_without_end_costs_itself(tmp_path: Path, name: str) -> None:
    content = b"label,text\n1,good\n" + b"1," * 2**20 + b"\n0,bad\n"
    packed = gzip.compress(content) if name.endswith(".gz") else content
    rows, tally = read(write(tmp_path / name, packed))
    assert rows == [Row(1, "good"), Row(0, "bad")]
    assert "data" in tally.problems_shown() and ":3: a line of more than" in tally.problems_shown()


def test_a_row_of_tabs_is_one_without_a_text(tmp_path: Path) -> None:
    rows, tally = read(write(tmp_path / "data.tsv", "label\ttext\n1\tgood\n\t\n\n"))
    assert (len(rows), tally.unreadable) == (1, 1)


def test_an_archive_damaged_inside_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", "label,text\n" + "1,good day\n" * 99)
    packed = bytearray((tmp_path / "data.zip").read_bytes())
    packed[50:60] = b"\xff" * 10
    with pytest.raises(DataError, match="data.zip: it can't be read"):
        read(write(tmp_path / "data.zip", bytes(packed)))


def test_names_in_an_archive_drive_no_terminal(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        for name in ("a\x1b[2J.csv", "b.csv"):
            archive.writestr(name, "label,text\n")
    with pytest.raises(DataError) as caught:
        read(tmp_path / "data.zip")
    assert "\x1b" not in str(caught.value)


def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    for after in (3, 500):  # it ends with the file, or far behind
        content = 'label,text\n1,good\n0,"oh no\n' + "1,fine\n" * after
        rows, tally = read(write(tmp_path / "data.csv", content))
        assert rows == [Row(1, "good")] + [Row(1, "fine")] * after
        assert [problem.line for problem in tally.problems] == [3]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("missing.csv", None, "can't be read"),
        ("short.csv.gz", gzip.compress(SENTIMENT140.encode() * 100)[:-20], "can't be read"),
        ("not.csv.gz", b"plain", "can't be read"),
        ("not.zip", b"plain", "can't be read"),
        ("odd.csv", b"mood,words\n1,x\n", "odd.csv:1: the header 'mood, words'.*--label-column"),
        ("half.csv", b"label,words\n1,x\n", "--text-column"),
        ("empty.csv", b"", "empty.csv:1:"),
        ("long.csv", b"x" * 200_000 + b",y\n", "no line of a table"),
        ("wide.csv", "label,text\n1,x\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_cannot_be_used(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        write(tmp_path / name, content)
    with pytest.raises(DataError, match=complaint):
        read(tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="can't be read"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("thinknook_sample.csv", (6163, 0, 1)),  # its last row is cut before the text
        ("sentiment140_manual.tsv", (359, 139, 0)),
        ("sanders.tsv", (1091, 2333, 0)),
        ("semeval2016_devtest.tsv", (1319, 681, 0)),
    ],
)
def test_real_files(name: str, counts: tuple[int, int, int]) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not here (../shared/data)")
    _, tally = read(DATA / name)
    assert (tally.rows, tally.neutral, tally.unreadable) == counts
