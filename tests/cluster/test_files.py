"""What becomes of rows, files and addresses."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason='needs the extra "cluster"')
pytest.importorskip("distributed", reason='needs the extra "cluster"')

import fsspec  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from sentiment_repl import load  # noqa: E402
from sentiment_repl.cluster import partitions, run, scoring  # noqa: E402
from sentiment_repl.errors import Exit, Failure, UsageError  # noqa: E402
from tests.cluster.conftest import Score  # noqa: E402
from tests.files.helpers import write_file  # noqa: E402

ADDED = ["label", "confidence", "uncertain", "probabilities"]


def write_parquet(name: str, row_group_size: int = 1000, **columns: Any) -> None:
    pq.write_table(pa.table(columns), name, row_group_size=row_group_size)


def labels(name: str = "out") -> list[str | None]:
    found: list[str | None] = pq.read_table(name)["label"].to_pylist()
    return found


def test_each_row_keeps_its_columns_and_its_place_and_gets_its_answer(
    score: Score, tiny_neutral: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "PARTITION_BYTES", 20_000)
    words = ["good", "bad table", "table", "bad bad good", "", "unknown"]
    texts = [f"{words[row % 6]} {row}" for row in range(3000)]
    columns = {
        "id": list(range(3000)),
        "when": [datetime.datetime(2017, 7, 1, 12, row % 60) for row in range(3000)],
        "review": texts,
        "tags": [["a"] * (row % 3) for row in range(3000)],
    }
    write_parquet("reviews.parquet", 700, **columns)
    assert score("*.parquet") == Exit.DONE
    assert len(list(Path("out").glob("*.parquet"))) > 2
    table = pq.read_table("out")
    assert table.schema.names == [*columns, *ADDED]
    assert table.select(list(columns)) == pq.read_table("reviews.parquet")
    for row, prediction in zip(table.to_pylist(), load(folder=tiny_neutral).classify_batch(texts)):
        assert row["label"] == prediction.label
        assert row["confidence"] == pytest.approx(prediction.confidence)
        assert row["probabilities"] == pytest.approx(prediction.probabilities)
        assert row["uncertain"] == prediction.uncertain


def test_a_row_that_cannot_be_scored_has_no_label_and_is_counted(
    score: Score, capsys: pytest.CaptureFixture[str]
) -> None:
    write_parquet("in.parquet", text=["good", None, "unknown", "bad", "good"])
    assert score("in.parquet") == Exit.DONE
    assert labels() == ["positive", None, None, "negative", "positive"]
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.endswith("out: 5 rows: 2 positive, 1 negative, 2 without a label")


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["good", None, "bad"], pa.large_string()),
        pa.array([b"good", None, b"bad \xff"], pa.binary()),
        pa.array(["good", None, "bad"]).dictionary_encode(),
        pa.array([b"good", None, b"bad \xff"], pa.binary()).cast(pa.string(), safe=False),
    ],
    ids=["large", "binary", "dictionary", "not UTF-8"],
)
def test_any_kind_of_text_is_read(score: Score, column: Any) -> None:
    pq.write_table(pa.table({"text": column}), "in.parquet")
    assert score("in.parquet") == Exit.DONE
    assert labels() == ["positive", None, "negative"]


def test_the_names_of_the_new_columns_are_free(score: Score) -> None:
    write_parquet("in.parquet", text=["good"], label=["mine"])
    score("in.parquet")
    assert pq.read_table("out").to_pylist()[0]["label"] == "mine"
    assert pq.read_table("out").to_pylist()[0]["label_2"] == "positive"


def test_csv_is_read_as_input_reads_it(score: Score, capsys: pytest.CaptureFixture[str]) -> None:
    write_file(Path("in.csv"), 'id,text,text\n7,"bad\nx",good\n8,bad\n9,bad,good caf\u00e9\n')
    assert score("in.csv", column="3") == Exit.FAILED
    rows = [list(row.values())[:4] for row in pq.read_table("out").to_pylist()]
    assert rows[0] == ["7", "bad\nx", "good", "positive"]
    assert (rows[1][:2], rows[1][3]) == (["8", "bad"], None)
    assert rows[2] == ["9", "bad", "good caf\u00e9", "positive"]
    err = capsys.readouterr().err
    assert "in.csv:4: 2 columns instead of 3\n" in err
    assert err.endswith("3 rows: 2 positive, 1 without a label; 1 could not be read in full\n")


def test_json_lines_become_columns_of_strings(score: Score) -> None:
    lines = ['{"text": "good", "n": 1}', "oops", '{"n": null, "text": "bad \\ud83d"}', '{"n": [1]}']
    write_file(Path("in.jsonl.gz"), "\n".join(lines))
    assert score("in.jsonl.gz") == Exit.FAILED
    table = pq.read_table("out").select(["text", "n", "label"])
    assert [list(row.values()) for row in table.to_pylist()] == [
        ["good", "1", "positive"],
        [None, None, None],
        ["bad \ufffd", None, "negative"],
        [None, "[1]", None],
    ]


def test_json_lines_with_a_late_key_are_scored(
    score: Score, capsys: pytest.CaptureFixture[str]
) -> None:
    write_file(Path("in.jsonl"), '{"text": "good"}\n' * 1000 + '{"text": "bad", "late": 1}\n')
    assert score("in.jsonl") == Exit.FAILED
    assert labels()[-2:] == ["positive", "negative"]
    assert "in.jsonl:1001: a key 'late'" in capsys.readouterr().err


def test_a_large_table_is_cut_and_its_parts_are_removed(
    score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "PARTITION_BYTES", 50_000)
    write_file(Path("in.tsv"), "id\ttext\n" + "".join(f"{row}\tgood\n" for row in range(10_000)))
    assert score("in.tsv") == Exit.DONE
    assert len(list(Path("out").iterdir())) > 1
    assert pq.read_table("out")["id"].to_pylist() == list(map(str, range(10_000)))


@pytest.mark.parametrize("name", ["empty.parquet", "empty.csv", "empty.jsonl"])
def test_a_file_without_rows_has_an_output_without_rows(score: Score, name: str) -> None:
    if name.endswith("parquet"):
        write_parquet(name, text=pa.array([], pa.string()))
    else:
        write_file(Path(name), "text\n" if name.endswith("csv") else "")
    assert score(name) == Exit.DONE
    assert labels() == []


def test_files_of_any_file_system_are_read_and_written(score: Score) -> None:
    with fsspec.open("memory://in/a.parquet", "wb") as file:
        pq.write_table(pa.table({"text": ["good"]}), file)
    with fsspec.open("memory://in/b.csv", "wb") as file:
        file.write(b"text\nbad\n")
    fs = fsspec.filesystem("memory")
    try:
        assert score("memory://in/*", output="memory://out/") == Exit.DONE
        assert {Path(path).name[0] for path in fs.ls("/out", detail=False)} == {"a", "b"}
        assert sorted(pq.read_table("/out", filesystem=fs)["label"].to_pylist()) == [
            "negative",
            "positive",
        ]
    finally:
        fs.rm("/in", recursive=True)
        fs.rm("/out", recursive=True)


def test_a_worker_gets_a_few_megabytes_of_text_at_once(
    score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    class Measured:
        labels = ("negative", "positive")

        def classify_batch(self, texts: list[str]) -> list[Any]:
            sizes.append(sum(map(len, texts)))
            return load("article").classify_batch([""] * len(texts))

    monkeypatch.setattr(scoring, "build_classifier", lambda *_, **__: Measured())
    texts = ["good"] * 2000 + [f"{row} {'good ' * 20_000}" for row in range(100)]
    write_parquet("in.parquet", 500, text=texts)
    assert score("in.parquet") == Exit.DONE
    assert sum(sizes) == sum(map(len, texts))
    assert max(sizes) < 2**22


def test_a_partition_that_fails_costs_itself_and_is_tried_again(
    score: Score, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_parquet("a.parquet", text=["good", "bad"])
    write_parquet("b.parquet", text=["good", "explode", "bad"])
    build = scoring.build_classifier

    class Explosive:
        def __init__(self, *args: Any, **options: Any) -> None:
            self._classifier = build(*args, **options)
            self.labels = self._classifier.labels

        def classify_batch(self, texts: list[str]) -> list[Any]:
            if "explode" in texts:
                raise OSError(28, "No space left on device")
            return self._classifier.classify_batch(texts)

    with monkeypatch.context() as broken:
        broken.setattr(scoring, "build_classifier", Explosive)
        assert score("*.parquet") == Exit.FAILED
    err = capsys.readouterr().err
    assert "b.parquet: [Errno 28] No space left on device\n" in err
    assert "5 rows: 1 positive, 1 negative; 3 are missing, and the same command" in err
    (only,) = Path("out").iterdir()
    assert only.name.startswith("a-")
    assert score("*.parquet") == Exit.DONE
    assert labels() == ["positive", "negative", "positive", None, "negative"]


def test_a_model_is_loaded_once_for_all_partitions(
    score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    build = scoring.build_classifier

    def count(*args: Any, **options: Any) -> Any:
        loaded.append(options)
        return build(*args, **options)

    monkeypatch.setattr(scoring, "build_classifier", count)
    for name in "abc":
        write_parquet(f"{name}.parquet", text=["good"])
    score("*.parquet")
    assert loaded == [{"neutral": True}]


def metadata(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pq.read_metadata(path).metadata[scoring.METADATA])
    return found


def times() -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in Path("out").iterdir()}


def test_the_same_command_writes_only_what_is_missing_or_damaged(
    score: Score, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "abcd":
        write_parquet(f"{name}.parquet", text=["good", "bad"])
    score("*.parquet")
    before = times()
    deleted, damaged, *kept = sorted(before)
    deleted.unlink()
    damaged.write_bytes(damaged.read_bytes()[:-10])
    assert score("*.parquet") == Exit.DONE
    after = times()
    assert sorted(after) == sorted(before)
    assert [path for path in sorted(after) if after[path] == before[path]] == kept
    assert labels() == ["positive", "negative"] * 4
    assert capsys.readouterr().err.endswith(
        "8 rows: 4 positive, 4 negative; 4 were there already\n"
    )


def test_another_input_or_option_replaces_the_output(score: Score) -> None:
    write_parquet("in.parquet", text=["good", "table"])
    score("in.parquet")
    (path,) = Path("out").iterdir()
    first = metadata(path)
    score("in.parquet", neutral=False)
    second = metadata(path)
    assert labels() == ["positive", "positive"]
    write_parquet("in.parquet", text=["bad"])
    score("in.parquet", neutral=False)
    assert labels() == ["negative"]
    assert (first["neutral"], second["neutral"]) == (True, False)
    assert len({first["key"], second["key"], metadata(path)["key"]}) == 3
    assert metadata(path)["source"] == str(Path("in.parquet").absolute())


def test_a_folder_with_other_files_is_refused(score: Score) -> None:
    write_parquet("in.parquet", text=["good"])
    Path("out").mkdir()
    write_parquet("out/old.parquet", text=["bad"])
    with pytest.raises(UsageError, match=r"'old\.parquet' is not from these files"):
        score("in.parquet")
    assert [path.name for path in Path("out").iterdir()] == ["old.parquet"]


@pytest.mark.parametrize(
    ("pattern", "column", "message"),
    [
        ("none/*", None, "none/*: there is no such file"),
        ("nowhere://a", None, "nowhere://a: Protocol not known: nowhere"),
        ("in.parquet", "review", "no column 'review'"),
        ("in.parquet", "id", "the column 'id' holds int64, not text"),
        ("in.parquet", None, "no column named text"),
        ("in.doc", None, "in.doc: its ending does not say what it is"),
    ],
)
def test_a_wrong_option_is_reported_before_any_work(
    score: Score, pattern: str, column: str | None, message: str
) -> None:
    write_parquet("in.parquet", id=[1], body=["good"])
    Path("in.doc").touch()
    with pytest.raises(UsageError) as error:
        score(pattern, column=column)
    assert message in str(error.value)
    assert not list(Path().glob("out/**/*.parquet"))


def test_a_damaged_file_is_named(score: Score) -> None:
    Path("in.parquet").write_bytes(b"PAR1 not Parquet")
    with pytest.raises(Failure, match=r"in\.parquet: Parquet magic bytes not found"):
        score("in.parquet")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "host"])
def test_a_scheduler_that_does_not_answer_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_CONNECT_SECONDS", 0.2)
    with pytest.raises(Failure, match=f"^{address}: no Dask scheduler answers: "):
        run.connect(address, None)
