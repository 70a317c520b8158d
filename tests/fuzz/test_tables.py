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
from tests.fuzz.harness import assert_harmless, bounded, run_cli, share
from tests.fuzz.models import DISK
from tests.fuzz.strategies import (
    BAD_OBJECTS, LINES, NEWLINES, OBJECTS, SOUND_ROWS, UNEVEN_ROWS, damaged, encode_rows, pack,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def classify(source: Path, target: str) -> tuple[list[list[str]], int]:
    """Classify a file. Return the rows of the output, and how many could not be read."""
    path = source.with_name(target)
    path.unlink(missing_ok=True)
    args = ["--model", "article", "--input", str(source), "--output", str(path)]
    code, out, err = run_cli(*args)
    last = err.splitlines()[-1]
    assert out == ""
    assert_harmless(err)
    assert not list(source.parent.glob("*.part"))
    if not path.exists():
        assert code in (1, 2)
        assert last.startswith("sentiment-repl: ")
        return [], -1
    content = path.read_text("utf-8") if path.suffix == ".jsonl" else path.read_bytes().decode()
    if path.suffix == ".jsonl":
        rows = [[*json.loads(line).values()] for line in content.split("\n")[:-1]]
    else:
        lines = io.StringIO(content, newline="")
        header, *rows = csv.reader(lines, delimiter="," if path.suffix == ".csv" else "\t")
        assert all(len(row) == len(header) for row in rows)
    bad, all_rows = re.search(r"(?:([\d,]+) of )?([\d,]+) rows?", last).groups(default="0")
    unreadable = int(bad.replace(",", ""))
    assert len(rows) == int(all_rows.replace(",", "")) - unreadable
    assert code == (1 if unreadable else 0)
    return rows, unreadable


@pytest.mark.parametrize("target", ["out.csv", "out.tsv", "out.jsonl"])
@pytest.mark.parametrize("name", ["in.csv", "in.tsv.gz"])
@share(4)
@given(rows=st.lists(SOUND_ROWS | UNEVEN_ROWS), newline=NEWLINES, mark=st.sampled_from(["", "\ufeff"]))
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
@given(st.lists(OBJECTS | BAD_OBJECTS))
def test_every_sound_object_is_kept(folder: Path, lines: list[str]) -> None:
    lines.insert(0, '{"text": "good"}')
    sound = [json.loads(line)["text"] for line in lines if re.match(r'{"text": "[^"]*", |', line)]
    (folder / "in.jsonl").write_text("\n".join(lines))
    found, unreadable = classify(folder / "in.jsonl", "out.jsonl")
    assert [row[0] for row in found] == sound
    assert unreadable == len(lines) - len(sound)


@share(4)
@given(st.lists(LINES))
def test_every_line_of_a_text_is_kept(folder: Path, lines: list[bytes]) -> None:
    (folder / "in.txt").write_bytes(b"".join(line + b"\n" for line in [b"good", *lines]))
    found, unreadable = classify(folder / "in.txt", "out.csv")
    assert (len(found), unreadable) == (1 + len(lines), 0)


def read_for_training(source: Path) -> None:
    err = io.StringIO()
    with bounded(), contextlib.redirect_stderr(err), contextlib.suppress(Failure), Tally() as tally:
        rows = list(read_labelled([source], tally))
        assert len(rows) == tally.rows
        assert all(row.text.strip() and row.label in ("negative", "positive") for row in rows)
    assert_harmless(err.getvalue())


TABLES = st.builds(
    encode_rows, st.lists(SOUND_ROWS | UNEVEN_ROWS, max_size=9), st.sampled_from(",\t"), NEWLINES
)
JSON_LINES = st.lists(OBJECTS | BAD_OBJECTS).map(lambda lines: "\n".join(lines).encode())
ENDINGS = [".csv", ".tsv", ".jsonl", ".txt", ".csv.gz", ".zip"]
ENCODINGS = ["utf-8", "utf-8", "latin-1", "utf-16", "utf-32", "utf-7"]


@pytest.mark.parametrize("ending", ENDINGS)
@share(4)
@given(TABLES | JSON_LINES, st.sampled_from(ENCODINGS), st.booleans(), st.data())
def test_a_damaged_file(folder, ending, content, encoding, damage_last, data) -> None:
    content = content.decode(errors="replace").encode(encoding, "replace")
    content = content if damage_last else data.draw(damaged(content))
    content = pack(ending, content)
    source = folder / f"in{ending}"
    source.write_bytes(data.draw(damaged(content)) if damage_last else content)
    classify(source, "out.jsonl")
    read_for_training(source)


@pytest.mark.slow
@pytest.mark.parametrize("piece", [b"a", b"\0", b'"', b'"\n', b"\n"])
def test_a_small_archive_of_a_huge_file(folder: Path, piece: bytes) -> None:
    source = folder / "in.csv.gz"
    with gzip.open(source, "wb", 1) as file:
        file.write(b"label,text\n")
        for _ in range(100):
            file.write(piece * (2**20 // len(piece)))
    classify(source, "out.csv")
    read_for_training(source)


@pytest.mark.parametrize("kind", set(DISK) - {"named pipe", "link to /dev/zero", "huge file"})
@pytest.mark.parametrize("ending", ENDINGS)
def test_something_else_in_place_of_a_file(tmp_path: Path, ending: str, kind: str) -> None:
    (tmp_path / "sound").write_bytes(pack(ending, b"label,text\n1,good\n"))
    DISK[kind](tmp_path / f"in{ending}", tmp_path / "sound")
    classify(tmp_path / f"in{ending}", "out.jsonl")
    read_for_training(tmp_path / f"in{ending}")
