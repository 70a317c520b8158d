"""Tables, JSON lines and archives: no row is lost in silence, and no output is cut off."""

import contextlib
import csv
import gzip
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl.data.labels import read_labelled
from sentiment_repl.errors import Failure
from sentiment_repl.files.tally import Tally
from tests.fuzz.conftest import assert_harmless, run_cli, share
from tests.fuzz.models import DISK
from tests.fuzz.strategies import BAD_OBJECTS, LINES, NEWLINES, OBJECTS, ROWS
from tests.fuzz.strategies import damaged, encode_rows, pack

ENDINGS = [".csv", ".tsv", ".jsonl", ".txt", ".csv.gz", ".zip"]
CODECS = st.sampled_from(["utf-8", "utf-8", "latin-1", "utf-16", "utf-32", "utf-7"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def classify(source: Path, target: str = "out.jsonl") -> tuple[list[list[str]], int]:
    """Classify a file. Return the rows of the output, and how many could not be read."""
    path = source.with_name(target)
    path.unlink(missing_ok=True)
    code, out, err = run_cli("--model", "article", "--input", str(source), "--output", str(path))
    assert (out, list(source.parent.glob("*.part"))) == ("", [])
    assert_harmless(err)
    if not path.exists():
        assert code in (1, 2)
        assert err.splitlines()[-1].startswith("sentiment-repl: ")
        return [], -1
    content = path.read_bytes().decode()
    if target.endswith("jsonl"):
        rows = [[*json.loads(line).values()] for line in content.split("\n")[:-1]]
    else:
        rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))[1:]
    bad, total = re.search(r"(?:([\d,]+) of )?([\d,]+) rows?", err.splitlines()[-1]).groups("0")
    assert len(rows) == int(total.replace(",", "")) - int(bad.replace(",", ""))
    assert code == (bad != "0")
    return rows, int(bad.replace(",", ""))


def read_for_training(source: Path) -> None:
    with contextlib.redirect_stderr(io.StringIO()) as err, contextlib.suppress(Failure):
        with Tally() as tally:
            rows = list(read_labelled([source], tally))
        assert len(rows) == tally.rows
        assert all(row.text.strip() and row.label in ("negative", "positive") for row in rows)
    assert_harmless(err.getvalue())


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
@pytest.mark.parametrize("name", ["in.csv", "in.tsv.gz"])
@share(4)
@given(rows=ROWS, newline=NEWLINES, mark=st.sampled_from(["", "\ufeff"]))
def test_every_cell_of_a_sound_row_is_kept(folder, target, name, rows, newline, mark) -> None:
    if "tsv" in name:
        rows = [[cell.replace("\t", " ") for cell in row] for row in rows]
    content = mark.encode() + encode_rows(rows, "\t" if "tsv" in name else ",", newline)
    (folder / name).write_bytes(pack(name, content))
    sound = [row for row in rows if len(row) == 3]
    found, unreadable = classify(folder / name, target)
    assert [row[:3] for row in found] == sound
    assert unreadable == (len(rows) - len(sound) if sound or not rows else -1)


@share(4)
@given(OBJECTS, st.lists(LINES))
def test_every_sound_object_and_every_line_is_kept(folder, objects, lines) -> None:
    objects.insert(0, '{"text": "good"}')
    (folder / "in.jsonl").write_text("\n".join(objects))
    sound = [json.loads(line)["text"] for line in objects if line not in BAD_OBJECTS]
    found, unreadable = classify(folder / "in.jsonl")
    assert ([row[0] for row in found], unreadable) == (sound, len(objects) - len(sound))
    (folder / "in.txt").write_bytes(b"".join(line + b"\n" for line in [b"good", *lines]))
    found, unreadable = classify(folder / "in.txt")
    assert (len(found), unreadable) == (1 + len(lines), 0)


@pytest.mark.parametrize("ending", ENDINGS)
@share(4)
@given(
    st.builds(encode_rows, ROWS, st.sampled_from(",\t"), NEWLINES) | OBJECTS.map("\n".join).map(str.encode),
    CODECS, st.booleans(), st.data(),
)  # fmt: skip
def test_a_damaged_file(folder, ending, content, codec, is_packed_first, data) -> None:
    content = content.decode(errors="replace").encode(codec, "replace")
    if is_packed_first:
        content = data.draw(damaged(pack(ending, content)))
    else:
        content = pack(ending, data.draw(damaged(content)))
    (folder / f"in{ending}").write_bytes(content)
    classify(folder / f"in{ending}")
    read_for_training(folder / f"in{ending}")


@pytest.mark.parametrize("piece", [b"a" * 2**26, b"\0" * 2**26, b'"' * 2**26, b'"\n' * 2**17, b"\n" * 2**17])
def test_a_small_archive_of_a_huge_file(folder: Path, piece: bytes) -> None:
    (folder / "in.csv.gz").write_bytes(gzip.compress(b"label,text\n" + piece))
    classify(folder / "in.csv.gz")
    read_for_training(folder / "in.csv.gz")


@pytest.mark.parametrize("kind", sorted(DISK.keys() - {"named pipe", "huge file", "link to /dev/zero"}))
def test_something_else_in_place_of_a_file(tmp_path: Path, kind: str) -> None:
    (tmp_path / "sound").write_bytes(b"label,text\n1,good\n")
    DISK[kind](tmp_path / "in.csv", tmp_path / "sound")
    classify(tmp_path / "in.csv")
    read_for_training(tmp_path / "in.csv")
