"""Public sets from a server on loopback. The tests never ask the public hosts."""

import gzip
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sentiment_repl.data import public_sets, reserved
from sentiment_repl.data.download import Remote
from sentiment_repl.data.labels import LabelledText, read_labelled
from sentiment_repl.data.public_sets import PUBLIC_SETS, prepared_path
from sentiment_repl.data.reserved import short_hash
from sentiment_repl.data.split import split_key
from sentiment_repl.errors import DataError
from sentiment_repl.files.tally import Tally


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class PublicHost:
    """Serves the raw files that a test gives it."""

    def __init__(self, url: str, folder: Path, registry: dict[str, public_sets.PublicSet]) -> None:
        self._url, self.folder, self._registry = url, folder, registry

    def publish(self, name: str, *contents: bytes) -> None:
        """Let the registry have these raw files of a set."""
        remotes = []
        for number, content in enumerate(contents):
            file = f"{name}_{number}.{'zip' if content[:2] == b'PK' else 'txt'}"
            (self.folder / file).write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            remotes.append(Remote(f"{self._url}/{file}", digest, len(content)))
        self._registry[name] = replace(PUBLIC_SETS[name], files=tuple(remotes))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PublicHost]:
    folder = tmp_path / "host"
    folder.mkdir()
    registry = dict(PUBLIC_SETS)
    monkeypatch.setattr(public_sets, "PUBLIC_SETS", registry)
    handler = partial(Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield PublicHost(f"http://127.0.0.1:{server.server_port}", folder, registry)
        server.shutdown()


def pack(member: str, content: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, content)
    return packed.getvalue()


def prepared_lines(name: str, folder: Path) -> list[str]:
    path = prepared_path(name, folder)
    assert path == folder / f"train_{name}.tsv.gz"
    return gzip.decompress(path.read_bytes()).decode().splitlines()


TREES = r"""
(3 (2 It) (4 (4 (2 's) (3 (2 ``) (3 (3 fun) (2 '')))) (2 .)))
(1 (2 -LRB-) (1 (0 (1 Ca) (1 (2 n't) (2 act))) (2 (2 ,) (2 (2 singer\/dancer) (2 -RRB-)))))
(2 (2 A) (2 (2 ') (2 (2 70s) (2 film))))
"""
GOEMOTIONS = """\
Wow, good  job\t0,15\ta1
Why?\t7\ta2
I like it but it hurts\t18,25\ta3
It is Monday\t27\ta4
Nice, or whatever\t27,0\ta5
Awful " thing\t3\ta6
"""
REVIEWS = [
    {"description": "Rude waiter,\ncold food.", "review_majority": "1"},
    {"description": "Fine food, rude waiter.", "review_majority": "3"},
    {"description": "We loved it.", "review_majority": "5"},
    {"description": "Raters disagree.", "review_majority": "no majority"},
]
EMOBANK = """\
id,split,V,A,D,text
1,train,2.6,3,3,"He said ""no"" again."
2,train,3.0,3,3,The train leaves at six.
3,train,3.4,3,3,What a lovely day.
4,train,2.7,3,3,Between negative and neutral.
5,train,3.3,3,3,Between neutral and positive.
6,test,4.0,3,3,Held out for tests.
7,train,3.0,3,3,Chapter two
"""
INTENTS = {
    "train": [["set an alarm for six", "alarm"], ["my card got declined", "card_declined"]],
    "val": [["what is the time", "time"]],
    "test": [["a text held out for tests", "alarm"]],
}


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        (
            "tweeteval",
            (b'I\\u2019m sad \\ud83d\\ude22\nMonday\n\\""Yes!\\"" she said\n', b"0\n1\n2\n"),
            ["neg\tI’m sad 😢", "neutral\tMonday", 'pos\t"Yes!" she said'],
        ),
        (
            "goemotions",
            (GOEMOTIONS.encode(),),
            ["pos\tWow, good job", "neutral\tIt is Monday", 'neg\tAwful " thing'],
        ),
        (
            "kaggle_tse",
            (
                b'textID,text,sentiment\na,"so, so sad",negative\nb, fine,positive\nc,ok,neutral\n',
                b"textID,text,sentiment\nb, fine,positive\n",
            ),
            ["neg\tso, so sad", "neutral\tok"],
        ),
        (
            "sst5",
            (pack("trees/train.txt", TREES.strip()),),
            ['pos\tIt\'s "fun".', "neg\t(Can't act, singer/dancer)", "neutral\tA' 70s film"],
        ),
        (
            "sst5_phrases",
            (pack("trees/train.txt", TREES.strip().splitlines()[0]),),
            ['pos\t\'s "fun".', 'pos\t"fun"'],
        ),
        (
            "cebab",
            (pack("CEBaB-v1.1/train_inclusive.json", json.dumps(REVIEWS)),),
            [
                "neg\tRude waiter, cold food.",
                "neutral\tFine food, rude waiter.",
                "pos\tWe loved it.",
            ],
        ),
        (
            "emobank",
            (EMOBANK.encode(),),
            [
                'neg\tHe said "no" again.',
                "neutral\tThe train leaves at six.",
                "pos\tWhat a lovely day.",
            ],
        ),
        (
            "stackoverflow",
            (b'id,dataset,text,oracle\n1,a,"No, never",-1\n2,a,Use a list,0\n3,a,Thanks Bo!,1\n',),
            ["neg\tNo, never", "neutral\tUse a list", "pos\tThanks Bo!"],
        ),
        (
            "neutral_clinc150",
            (json.dumps(INTENTS).encode(),),
            ["neutral\tset an alarm for six", "neutral\twhat is the time"],
        ),
    ],
)
def test_raw_files_become_a_prepared_set(
    name: str, raw: tuple[bytes, ...], expected: list[str], host: PublicHost, tmp_path: Path
) -> None:
    host.publish(name, *raw)
    assert prepared_lines(name, tmp_path) == expected


def test_training_reads_a_prepared_set(host: PublicHost, tmp_path: Path) -> None:
    host.publish("goemotions", GOEMOTIONS.encode())
    path = prepared_path("goemotions", tmp_path)
    assert path is not None
    assert list(read_labelled([path], Tally()))[1] == LabelledText("neutral", "It is Monday")


def test_duplicates_conflicts_and_texts_of_test_sets_are_left_out(
    host: PublicHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_a_test_set = short_hash(split_key("Reserved: for tests"))
    monkeypatch.setattr(reserved, "RESERVED_HASHES", {in_a_test_set})
    texts = b"Good day!\ngood DAY\nWho knows\nwho knows?\n \nreserved for tests\n:)\n:(\n"
    host.publish("tweeteval", texts, b"2\n2\n0\n1\n1\n1\n2\n0\n")
    assert prepared_lines("tweeteval", tmp_path) == ["pos\tGood day!", "pos\t:)", "neg\t:("]


def test_a_prepared_set_is_the_same_bytes_each_time_and_made_once(
    host: PublicHost, tmp_path: Path
) -> None:
    host.publish("goemotions", GOEMOTIONS.encode())
    one, two = (prepared_path("goemotions", tmp_path / name) for name in ("one", "two"))
    assert one is not None and two is not None
    assert one.read_bytes() == two.read_bytes()
    host.publish("goemotions", b"another layout")
    assert prepared_path("goemotions", tmp_path / "one") == one


def test_a_set_without_an_address_is_used_if_it_is_there(tmp_path: Path) -> None:
    assert prepared_path("restaurants", tmp_path) is None
    (tmp_path / "train_restaurants.tsv.gz").touch()
    assert prepared_path("restaurants", tmp_path) == tmp_path / "train_restaurants.tsv.gz"


def test_another_checksum_ends_in_a_sentence_that_says_what_to_do(
    host: PublicHost, tmp_path: Path
) -> None:
    host.publish("goemotions", GOEMOTIONS.encode())
    (host.folder / "goemotions_0.txt").write_bytes(b"something else")
    with pytest.raises(
        DataError, match=r"goemotions_0\.txt: the download failed .*put train_goemotions\.tsv\.gz "
    ):
        prepared_path("goemotions", tmp_path)
    assert not list(tmp_path.glob("*.gz"))


def test_every_address_is_pinned_and_has_a_converter() -> None:
    for public_set in PUBLIC_SETS.values():
        assert public_set.about and public_set.licence
        assert bool(public_set.files) == (public_set.name in public_sets.CONVERTERS)
        assert all(len(file.sha256) == 64 and file.bytes > 0 for file in public_set.files)
