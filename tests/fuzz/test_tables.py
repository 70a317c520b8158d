"""Tables, JSON lines and archives: no row is lost in silence, and no output is cut off."""

import codecs
import contextlib
import csv
import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl.data.labels import read_labelled
from sentiment_repl.errors import Failure
from sentiment_repl.files.rows import fit
from sentiment_repl.files.tally import Tally
from tests.fuzz import strategies
from tests.fuzz.conftest import RunCli, assert_harmless, memory_limit, share
from tests.fuzz.strategies import damaged, encode_rows, pack

pytestmark = pytest.mark.slow

DIALECTS = st.sampled_from(strategies.DIALECTS)
TABLES = st.builds(encode_rows, strategies.ROWS, st.sampled_from(",\t"), DIALECTS)
JSON_LINES = strategies.OBJECTS.map(lambda lines: "\n".join(lines).encode())
CODECS = st.sampled_from(["utf-8", "utf-8", "latin-1", "utf-16", "utf-32", "utf-7"])
SOUND_CODECS = ["utf-8", "utf-8", "utf-8-sig", "utf-16"]
HUGE = [b"a" * 2**26, b"\0" * 2**26, b'"' * 2**26, b'"\n' * 2**17, b"\n" * 2**17]
HUGE += [b'1","what a lovely day\n' * 2**15, b"," * 2**18, "\ufdfa".encode() * 2**20]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def classify(run_cli: RunCli, source: Path, target: str = "out.jsonl") -> tuple[list[Any], int]:
    """Classify a file. Return the rows of the output, and how many could not be read."""
    path = source.with_name(target)
    path.unlink(missing_ok=True)
    code, out, err = run_cli("--model", "article", "--input", source, "--output", path)
    assert (out, list(source.parent.glob("*.part"))) == ("", [])
    assert_harmless(err)
    *_, last = err.splitlines()
    if not path.exists():
        assert code in (1, 2)
        assert last.startswith("sentiment-repl: ")
        return [], -1
    content = path.read_bytes()
    content = content.decode("utf-16" if content.startswith(codecs.BOM_UTF16) else "utf-8-sig")
    if target.endswith("jsonl"):
        rows = [[*json.loads(line).values()] for line in content.split("\n")[:-1]]
    else:
        rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))[1:]
    summary = re.search(r"(?:([\d,]+) of )?([\d,]+) rows?(.*; (?:they|([\d,]+)))?", last)
    numbers = [summary[1] or "0", summary[2], summary[4] or (summary[1] if summary[3] else "0")]
    unreadable, total, kept = (int(number.replace(",", "")) for number in numbers)
    assert (code, len(rows)) == (unreadable > 0, total - unreadable + kept)
    return rows, unreadable


def read_for_training(capsys: pytest.CaptureFixture[str], source: Path) -> None:
    with contextlib.suppress(Failure), memory_limit():
        with Tally() as tally:
            rows = list(read_labelled([source], tally))
        assert len(rows) == tally.rows
        assert all(row.text.strip() and row.label in ("negative", "positive") for row in rows)
    assert_harmless(capsys.readouterr().err)


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
@pytest.mark.parametrize("name", ["in.csv", "in.tsv.gz"])
@share(4)
@given(rows=strategies.ROWS, dialect=DIALECTS, codec=st.sampled_from(SOUND_CODECS))
def test_every_row_and_every_cell_is_kept(
    run_cli, folder, target, name, rows, dialect, codec
) -> None:
    if "tsv" in name:
        rows = [[cell.replace("\t", " ") for cell in row] for row in rows]
    content = encode_rows(rows, "\t" if "tsv" in name else ",", dialect)
    (folder / name).write_bytes(pack(name, content.decode().encode(codec)))
    short = [row for row in rows if len(row) < 3]
    found, unreadable = classify(run_cli, folder / name, target)
    if rows and len(short) == len(rows):
        assert unreadable == -1
    else:
        assert [row[:3] for row in found] == [fit(row[:3], 3, ",") for row in rows]
        assert unreadable == len(short)


@share(4)
@given(strategies.OBJECTS, st.lists(strategies.LINES))
def test_every_sound_object_and_every_line_is_kept(run_cli, folder, objects, lines) -> None:
    objects.insert(0, '{"text": "good"}')
    (folder / "in.jsonl").write_text("\n".join(objects))
    kept = [json.loads(line) for line in objects if line not in strategies.NO_OBJECTS]
    found, unreadable = classify(run_cli, folder / "in.jsonl")
    assert [row[0] for row in found] == [one.get("text") for one in kept]
    unread = len(objects) - len(kept) + objects.count(strategies.NUMBER_OBJECT)
    assert unreadable == unread
    (folder / "in.txt").write_bytes(b"".join(line + b"\n" for line in [b"good", *lines]))
    found, unreadable = classify(run_cli, folder / "in.txt")
    assert (len(found), unreadable) == (1 + len(lines), 0)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".txt", ".csv.gz", ".zip"])
@share(4)
@given(TABLES | JSON_LINES, CODECS, st.booleans(), st.data())
def test_a_damaged_file(
    run_cli, capsys, folder, ending, content, codec, is_packed_first, data
) -> None:
    content = content.decode(errors="replace").encode(codec, "replace")
    content = pack(ending, content) if is_packed_first else content
    content = data.draw(damaged(content))
    source = folder / f"in{ending}"
    source.write_bytes(content if is_packed_first else pack(ending, content))
    classify(run_cli, source)
    read_for_training(capsys, source)


@pytest.mark.parametrize("content", HUGE, ids=lambda content: repr(content[:2]))
def test_a_small_archive_of_a_huge_file(run_cli, capsys, folder, content) -> None:
    (folder / "in.csv.gz").write_bytes(gzip.compress(b"label,text\n" + content))
    classify(run_cli, folder / "in.csv.gz")
    read_for_training(capsys, folder / "in.csv.gz")
