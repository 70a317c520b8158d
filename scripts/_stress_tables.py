"""Malformed tables, JSON lines, text and archives, for stress.py: no row is lost in silence.

Each is answered as --input does it, and tables are read as training does it.
"""

import contextlib
import csv
import gzip
import io
import json
import os
import random
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from _stress import REFUSED, SURVIVED, Report, check
from _stress_text import _SPECIAL as SPECIAL
from _stress_text import small_models

from sentiment_repl import Classifier
from sentiment_repl.errors import Failure
from sentiment_repl.modes import file as files
from sentiment_repl.files.lines import LONGEST
from sentiment_repl.data import labelled as training

_TEXTS = ["good", "bad day", 'a "quoted" word', "one\nand two", "", " ", "caf\xe9 \u2028", "=1+1"]
_ENCODINGS = ["utf-8", "utf-8", "utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-32", "utf-7"]


class Made(NamedTuple):
    """The bytes of a file, and what reading them must count, where that is known."""

    content: bytes
    ending: str
    read: int | None = None
    reported: int | None = None


def tables(count: int, seed: int, start: int = 0) -> dict[str, Any]:
    """Try malformed files."""
    report = Report("tables", seed, start)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        classifier = small_models(home)[0]
        for _ in range(count):
            rng = report.random()
            kind = rng.choice(list(_KINDS))
            folder = home / "work"
            folder.mkdir()
            report.run(kind, lambda r=rng, k=kind, f=folder: _KINDS[k](r, f, classifier))
            for path in folder.iterdir():
                path.rmdir() if path.is_dir() else path.unlink()
            folder.rmdir()
    return report.figures()


# --- what is made -----------------------------------------------------------------------


def _rows(rng: random.Random) -> Made:
    """A table of which each row is known to be good or bad."""
    ending = rng.choice([".csv", ".tsv"])
    delimiter = "," if ending == ".csv" else "\t"
    newline = rng.choice(["\n", "\r\n", "\r"])
    out = io.StringIO(newline="")
    # csv.writer itself quotes no end of a line but its own.
    quoting = csv.QUOTE_MINIMAL if newline == "\r\n" else csv.QUOTE_ALL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(["label", "text", "n"])
    good = bad = 0
    for _ in range(rng.choice([1, 5, 60, 1100])):
        if rng.random() < 0.8:
            text = rng.choice(_TEXTS) if rng.random() < 0.8 else rng.choice(SPECIAL)
            # A lone surrogate is in no file, a NUL makes a row bad, training wants a text.
            text = re.sub("[\ud800-\udfff\0]", "", text).strip() or "x"
            writer.writerow([rng.choice("01"), text, "7"])
            good += 1
        else:
            fields = rng.choice([["1"], ["1", "good"], ["1", "good", "7", ""], ["", "", "", ""]])
            out.write(delimiter.join(fields) + newline)
            bad += 1
        if rng.random() < 0.05:
            out.write(newline)
    return Made(out.getvalue().encode(), ending, good, bad)


def _json_lines(rng: random.Random) -> Made:
    """JSON lines of which each is known to be good or bad, the first one good."""
    lines, good, bad = ['{"text": "good", "n": 1}'], 1, 0
    for _ in range(rng.choice([0, 5, 60, 1100])):
        if rng.random() < 0.7:
            text = rng.choice([*_TEXTS, *SPECIAL])
            lines.append(json.dumps({"text": text, "n": 2}, ensure_ascii=rng.random() < 0.5))
            good += 1
        else:
            lines.append(
                rng.choice(
                    ["{", "[]", "7", "null", '"text"', '{"text": 3}', '{"text": null}', "{}"]
                    + ['{"text": "a" "b"}', "[" * 5000, "9" * 5000, '{"text": "x"', "\x1b[2J"]
                    + ['{"text": "x"} {"text": "y"}', "{'text': 'x'}", '{"text": "x",}', "nul"]
                )
            )
            bad += 1
        if rng.random() < 0.05:
            lines.append("")
    content = rng.choice(["\n", "\r\n"]).join(lines) + rng.choice(["\n", ""])
    return Made(content.encode(errors="surrogatepass"), ".jsonl", good, bad)


def _plain(rng: random.Random) -> Made:
    """Any bytes as plain text: each line is a text, unless it is too long."""
    lines = [rng.choice(SPECIAL).encode(errors="surrogatepass") for _ in range(rng.randrange(50))]
    lines += [rng.randbytes(rng.randrange(40)) for _ in range(rng.randrange(20))]
    lines = [line.replace(b"\n", b"") for line in lines]
    rng.shuffle(lines)
    too_long = rng.random() < 0.02
    if too_long:
        lines.insert(rng.randint(0, len(lines)), b"a" * (LONGEST + rng.choice([-1, 0, 1, 10])))
    long = sum(len(line.decode(errors="replace")) + 1 > LONGEST - 1 for line in lines)
    content = b"".join(line + b"\n" for line in lines)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"PK"):
        return Made(content, ".txt")
    return Made(content, ".txt", None if too_long else len(lines), None if too_long else long)


def _broken(rng: random.Random) -> Made:
    """A table or JSON lines with its bytes mixed up."""
    made = rng.choice([_rows, _rows, _json_lines])(rng)
    content = bytearray(made.content)
    encoding = rng.choice(_ENCODINGS)
    if encoding not in ("utf-8", "utf-8-sig") or rng.random() < 0.1:
        text = content.decode(errors="replace")
        content = bytearray(text.encode(encoding, errors="replace"))
    for _ in range(rng.choice([1, 1, 3, 10])):
        a, b = sorted((rng.randint(0, len(content)), rng.randint(0, len(content))))
        change = rng.randrange(5)
        if change == 0:
            content[a:a] = rng.choice(
                [b'"', b'"""', b"\0", b"\r", b"\n", b"\xff", b"\xe9", b"\t", b",", b"\x1a"]
                + [b'"' * 999, b"," * 5000, b"\xef\xbb\xbf", b"\n" * 300, b"x" * 140_000]
            )
        elif change == 1:
            del content[a : min(b, a + 50)]
        elif change == 2:
            content[a:a] = rng.randbytes(5)
        elif change == 3 and content:
            content[rng.randrange(len(content))] = rng.choice(b'"\0\r\n,\t\x80{}')
        else:
            content = content[: max(b, 1)]
    return Made(bytes(content), made.ending)


def _packed(rng: random.Random, content: bytes) -> bytes:
    """The content as gzip, whole or not."""
    half = len(content) // 2
    packed = gzip.compress(content)
    return rng.choice(
        [
            packed,
            gzip.compress(content[:half]) + gzip.compress(content[half:]),
            packed + bytes(100),
            packed + b"garbage",
            packed[: rng.randrange(len(packed))],
            packed[:-8] + bytes(8),
            content,
            b"",
            packed[:20] + rng.randbytes(10) + packed[30:],
        ]
    )


def _zip(rng: random.Random, content: bytes) -> bytes:
    """The content as a zip archive, whole or not."""
    out = io.BytesIO()
    methods = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    with zipfile.ZipFile(out, "w", rng.choice(methods)) as archive:
        names = ["a.csv", "../../a.csv", "/etc/a.csv", "a\x1b[2J.csv", "caf\xe9.csv", "x/.a.csv"]
        for name in rng.sample(names, rng.choice([1, 1, 1, 2, 3])):
            archive.writestr(name, content)
        if rng.random() < 0.3:
            archive.writestr("readme.txt", b"x")
    packed = bytearray(out.getvalue())
    if rng.random() < 0.6:
        for _ in range(rng.choice([1, 5, 50])):
            packed[rng.randrange(len(packed))] = rng.randrange(256)
    if rng.random() < 0.1:
        del packed[rng.randrange(len(packed)) :]
    return bytes(packed)


# --- what is tried ----------------------------------------------------------------------


def _answer(source: Path, made: Made, classifier: Classifier) -> str:
    """Answer a file: all of the output is there, with a row for each one answered, or none."""
    target = source.with_name("out.jsonl" if made.ending == ".jsonl" else "out.csv")
    if old := source.name.startswith("o"):
        target.write_bytes(b"old")
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            files.run(lambda: classifier, str(source), None, str(target))
        except Failure as error:
            _check_sentence(str(error))
            check(target.read_bytes() == b"old" if old else not target.exists(), "half an output")
            check(not list(source.parent.glob(".*")), "something is left")
            return REFUSED
    heard = said.getvalue()
    check(heard.replace("\n", "").replace("\t", " ").isprintable(), f"{heard!r}")
    closing = heard.splitlines()[-1]
    read, answered, reported = (
        int(number.replace(",", ""))
        for number in re.fullmatch(
            r".*: ([\d,]+) rows? read, ([\d,]+) answered, ([\d,]+) could not be read", closing
        ).groups()
    )
    check(read == answered + reported, closing)
    out = target.read_bytes().decode()
    if target.suffix == ".csv":
        rows = list(csv.reader(io.StringIO(out, newline=""), strict=True))
        check(len(rows) == answered + 1 and len({len(row) for row in rows}) == 1, closing)
    else:
        objects = [json.loads(line) for line in out.split("\n")[:-1]]
        check(len(objects) == answered and all("label" in one for one in objects), closing)
    if made.read is not None:
        check((answered, reported) == (made.read, made.reported), f"{closing}, made: {made[2:]}")
    return SURVIVED


def _train(source: Path, made: Made) -> str:
    """Read a file as training does."""
    tally = training.Tally()
    try:
        rows = list(training.read_all([source], tally))
    except Failure as error:
        _check_sentence(str(error))
        return REFUSED
    check(len(rows) == tally.rows, "other rows than counted")
    check(all(row.text.strip() and row.label in (0, 1) for row in rows), "a row without a text")
    shown = tally.problems_shown().replace("\n", "").replace("\t", " ")
    check(shown.isprintable(), f"drives the terminal: {shown!r}")
    if made.read is not None:
        check(
            (tally.rows, tally.unreadable) == (made.read, made.reported), f"{tally} of {made[2:]}"
        )
    return SURVIVED


def _check_sentence(sentence: str) -> None:
    check(0 < len(sentence) < 3000, f"no sentence: {sentence[:500]!r}")
    check(sentence.replace("\t", " ").isprintable(), f"drives the terminal: {sentence!r}")


def _both(rng: random.Random, folder: Path, made: Made, classifier: Classifier) -> str:
    source = folder / f"{rng.choice('io')}n{made.ending}"
    source.write_bytes(made.content)
    outcome = _answer(source, made, classifier)
    if made.ending in (".csv", ".tsv"):
        _train(source, made)
    return outcome


def _known(make: Callable[[random.Random], Made]) -> Callable[..., str]:
    return lambda rng, folder, classifier: _both(rng, folder, make(rng), classifier)


def _gzip_case(rng: random.Random, folder: Path, classifier: Classifier) -> str:
    made = rng.choice([_rows, _broken, _json_lines])(rng)
    packed = _packed(rng, made.content)
    whole = False
    with contextlib.suppress(OSError, EOFError, zlib.error):
        whole = gzip.decompress(packed) == made.content
    counts = made[2:] if whole else (None, None)
    return _both(rng, folder, Made(packed, f"{made.ending}.gz", *counts), classifier)


def _zip_case(rng: random.Random, folder: Path, classifier: Classifier) -> str:
    made = rng.choice([_rows, _broken])(rng)
    source = folder / "in.zip"
    source.write_bytes(_zip(rng, made.content))
    return _train(source, Made(b"", ".zip"))


def _bomb(rng: random.Random, folder: Path, classifier: Classifier) -> str:
    """A small archive of one endless line, or of ten million short ones without a text."""
    piece = rng.choice([b"a" * 2**20, b"\0" * 2**20, b'"' * 2**20, b'"\n' * 2**19])
    size = rng.choice([10, 600])
    if rng.random() < 0.5:
        source = folder / "in.csv.gz"
        with gzip.open(source, "wb", 1) as out:
            out.write(b"label,text\n")
            for _ in range(size if b"\n" not in piece else 1):
                out.write(piece)
        if rng.random() < 0.5:
            return _answer(source, Made(b"", ".csv"), classifier)
    else:
        source = folder / "in.zip"
        with (
            zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("a.csv", "w") as member,
        ):
            member.write(b"label,text\n")
            for _ in range(size if b"\n" not in piece else 1):
                member.write(piece)
    return _train(source, Made(b"", ".csv"))


def _no_file(rng: random.Random, folder: Path, classifier: Classifier) -> str:
    """Something else in the place of a file."""
    source = folder / rng.choice(["in.csv", "in.csv.gz", "in.jsonl", "in.txt", "in.zip"])
    kind = rng.randrange(6)
    if kind == 0:
        source.mkdir()
    elif kind == 1:
        source.symlink_to(rng.choice([source.name, "/nowhere", "/dev/null", "/proc/self/mem"]))
    elif kind == 2:
        source.touch()
    elif kind == 3:
        source.write_bytes(rng.choice([b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\0", b",", b'"']))
    elif kind == 4:
        os.mkfifo(source)
        if os.fork() == 0:
            with contextlib.suppress(OSError):
                source.write_bytes(_rows(rng).content)
            os._exit(0)
    made = Made(b"", source.suffix if source.suffix != ".gz" else ".csv")
    if source.suffix == ".zip" or (kind != 4 and rng.random() < 0.5):
        return _train(source, made)
    return _answer(source, made, classifier)


_KINDS: dict[str, Callable[[random.Random, Path, Classifier], str]] = {
    "rows": _known(_rows),
    "JSON lines": _known(_json_lines),
    "plain text": _known(_plain),
    "broken": _known(_broken),
    "broken again": _known(_broken),
    "gzip": _gzip_case,
    "zip": _zip_case,
    "no file": _no_file,
    "bomb": _bomb,
}
