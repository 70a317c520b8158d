"""Any text, for stress.py: what each step makes of it, alone, in a batch and in any position."""

import csv
import gzip
import io
import itertools
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _stress import REPOSITORY, SURVIVED, Report, check, some

from sentiment_repl import Classifier, Prediction, load, render
from sentiment_repl.modes import stream
from sentiment_repl.text import article_tokenizer, social_tokenizer
from sentiment_repl.modes.prompt.live import _spans

_CORPUS = REPOSITORY.parent / "shared" / "data" / "sentiment140_train.csv.gz"
_TWEETS = [
    "@someone NOT happy w/ this :( http://t.co/x1 #fail",
    "sooooo good!!! &lt;3 &amp; thanks :D xD",
    "i don't think it's bad... 10:30 is ok >.< ^_^",
    "caf\xe9 na\xefve \u2764\ufe0f \U0001f602\U0001f44d\U0001f3fd #\u65e5\u672c",
    "",
]
_BATCH = 250  # inputs of one case
_SHIPPED = 25  # one case in so many goes through the models that ship

_SPECIAL = [
    *"\0\a\b\t\n\v\f\r\x1b\x7f\x80\x85\x9b\x9d\xa0\xad\u0130\u0131\u0345\u03a3\u0600\u061c\u1e9e",
    *"\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067",
    *"\u2068\u2069\u20e3\u3099\ufdfa\ufe0f\ufeff\uff9e\uffff\ud800\udbff\udc00\udfff",
    *"\U0001d165\U0001f1e6\U0001f3fd\U0001f468\U000e0041\U000e0100\U0010ffff",
    "\x1b]0;owned\a", "\x1b[31;5m", "\x1b]52;c;cm0gLXJm\a", "\x1b[2J\x1b[H", "\x1bP+q\x1b\\",
    "\x9b31m", "\x1b]8;;http://x\x1b\\", "\x1b[200~", "\r\n", "\ufeff", "\ud83d\ude00",
    "&#", "&#x", "&lt;", "&amp;", "&#38;#38;", "&#0;", "&#xD800;", "&#1114112;", "&ampgood",
    "&#" + "9" * 5000 + ";", "&#" + "0" * 5000 + "65;", "&" * 40, "http://", "www.", "@", "#",
    ":-)", ":'(", ">:(", "<3", "</3", "^_^", "-_-", ">.<", "xD", "=]", "D:", "(:", "''", "``",
    "!" * 50, "." * 500, "a" * 500, "o" * 100, "\u0301" * 100, "\u20d0\u1dce" * 500, "((((:",
    "good ", "not ", "n't ", "USER ", "URL ", "12345678901234567890", "\u0663\u0664", "\xb2",
]  # fmt: skip
_PLANES = [(0, 0x7F), (0, 0xFF), (0x300, 0x36F), (0x2000, 0x2FFF), (0x1F000, 0x1FAFF)] + [
    (0, 0xFFFF),
    (0, 0x10FFFF),
]


def texts(count: int, seed: int, start: int = 0) -> dict[str, Any]:
    """Try texts: most of them tweets mutated, three in ten found by coverage."""
    report = Report("text", seed, start)
    with tempfile.TemporaryDirectory() as name:
        small = small_models(Path(name))
        shipped = [load("article"), load("default")]
        tweets = _tweets()
        guided = count * 3 // 10 if start == 0 else 0
        found = _guided(guided, seed, tweets) if guided >= 1000 else None
        left = count - (found["tried"] if found else 0)
        while left > 0:
            rng = report.random()
            inputs = [mutate(rng, tweets) for _ in range(_BATCH)]
            real = report.number % _SHIPPED == 0
            models = shipped if real else small
            report.run(
                "shipped models" if real else "small models",
                lambda r=rng, i=inputs, m=models: _try(r, i, m),
                len(inputs),
            )
            left -= len(inputs)
    figures = report.figures()
    if found is not None:
        figures["failures"] += found.pop("failures")
        for key in ("tried", "survived"):
            figures[key] += found[key]
    return figures | {"guided by coverage": found or "none"}


def _tweets() -> list[str]:
    if not _CORPUS.exists():
        return _TWEETS
    with gzip.open(_CORPUS, "rt", encoding="utf-8", newline="") as file:
        return _TWEETS + [row[5] for row in itertools.islice(csv.reader(file), 5000)]


def small_models(home: Path) -> list[Classifier]:
    """One of each kind, that knows the 2,000 most frequent words and is quick."""
    from _stress_models import dense, recurrent

    words = list(load("default").words)[:2000]
    dense(home / "dense", words)
    recurrent(home / "recurrent", words)
    return [load(folder=home / "dense"), load(folder=home / "recurrent")]


def mutate(rng: random.Random, tweets: list[str]) -> str:
    """A tweet with some things done to it."""
    if rng.random() < 0.1:
        low, high = rng.choice(_PLANES)
        return "".join(chr(rng.randint(low, high)) for _ in range(rng.randrange(60)))
    made = rng.choice(tweets)
    for _ in range(rng.choice([0, 1, 1, 2, 3, 8])):
        a, b = sorted((rng.randint(0, len(made)), rng.randint(0, len(made))))
        change = rng.randrange(7)
        if change == 0:
            made = made[:a] + "".join(some(rng, _SPECIAL)) + made[a:]
        elif change == 1:
            made = made[:a] + rng.choice(_SPECIAL) + made[b:]
        elif change == 2:
            made = made[:a] + made[b:]
        elif change == 3:
            made = made[:b] + made[a:b] * rng.choice([1, 2, 30]) + made[b:]
        elif change == 4:
            made = made[:a] + made[a:b].swapcase() + made[b:]
        elif change == 5:
            made = made[:a] + rng.choice(tweets)[-20:] + made[b:]
        else:
            low, high = rng.choice(_PLANES)
            made = made[:a] + chr(rng.randint(low, high)) + made[a + 1 :]
        made = made[:5000]
    if rng.random() < 0.0002:
        made *= 100_000 // (len(made) + 1)
    return made


def _try(rng: random.Random, inputs: list[str], models: list[Classifier]) -> str:
    for one in inputs:
        check_words(one)
    for model in models:
        answers = model.classify_batch(inputs)
        for one, answer in zip(inputs, answers):
            check_answer(one, answer)
        order = rng.sample(range(len(inputs)), len(inputs))
        again = model.classify_batch([inputs[i] for i in order])
        check([answers[i] for i in order] == again, "another order, another answer")
        for i in rng.sample(range(len(inputs)), 5):
            check(model.classify(inputs[i]) == answers[i], f"alone another answer: {inputs[i]!r}")
            check_explained(model, inputs[i], answers[i])
    _check_pipe(rng, inputs)
    return SURVIVED


def check_words(one: str) -> None:
    """Both ways of finding words, and the places of the words."""
    words = article_tokenizer.tokenize(one)
    found = article_tokenizer.spans(one)
    check(words == [word for word, _, _ in found], f"words: {one!r}")
    surfaces = social_tokenizer.surfaces(one)
    places = social_tokenizer.spans(one)
    check(surfaces == [surface for surface, _, _ in places], f"surfaces: {one!r}")
    # The complaint is made once: for each word of a long text it would take minutes.
    inside = all(0 <= start < end <= len(one) for _, start, end in found + places)
    check(inside, f"a place outside of {one!r}")
    tokens = [token for surface in surfaces for token in social_tokenizer.tokens_of(surface)]
    whole = all(word and not re.search(r"\s", word) for word, _ in tokens)
    check(whole and all(0 <= style < social_tokenizer.STYLES for _, style in tokens), repr(one))


def check_answer(one: str, answer: Prediction) -> None:
    """Its ranges, and what each format makes of it."""
    check(answer.text == one, f"an answer to {answer.text!r}")
    if answer.label is None:
        check(answer.confidence is None and answer.uncertain, f"{answer}")
    else:
        check(0.5 <= answer.confidence <= 1, f"{answer.confidence} for {one!r}")
    lines = [*render.out_of_vocabulary(answer), render.text(answer), render.tsv(answer)]
    for line in lines:
        check(harmless(line.replace("\t", " ")), f"drives the terminal: {line!r}")
    check(render.tsv(answer).count("\t") == 2, f"columns: {one!r}")
    line = render.jsonl(answer)
    check(line.isascii() and line.isprintable(), f"drives the terminal: {line!r}")
    check(json.loads(line)["text"] == json.loads(json.dumps(one)), f"another text: {one!r}")


def harmless(line: str) -> bool:
    """Whether a line moves no cursor and turns no writing, and is one line."""
    return line.translate(dict.fromkeys(map(ord, render.HARMLESS))).isprintable()


def check_explained(model: Classifier, one: str, answer: Prediction) -> None:
    """The same answer, with effects that are numbers and words that stand in the text."""
    explained = model.classify(one, explain=True)
    check(explained._replace(word_effects=None) == answer, f"explained another answer: {one!r}")
    effects = explained.word_effects or ()
    there = all(one[word.start : word.end] == word.word for word in effects)
    finite = all(abs(word.effect) < float("inf") for word in effects)
    check(there and finite, f"{effects} in {one!r}")
    check(harmless(render.text(explained)), f"drives the terminal: {one!r}")
    coloured = all(0 <= start < end <= len(one) for start, end, _ in _spans(model, explained))
    check(coloured, f"a colour outside of {one!r}")


def _check_pipe(rng: random.Random, inputs: list[str]) -> None:
    """A line for each line, whatever the bytes are and however they arrive."""
    lines = [one.encode(errors="surrogatepass").replace(b"\n", b"") for one in inputs]
    for i in rng.sample(range(len(lines)), len(lines) // 4):
        place = rng.randint(0, len(lines[i]))
        bad = rng.choice([b"\xff", b"\xc3", b"\xe2\x80", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\x80"])
        lines[i] = lines[i][:place] + bad + lines[i][place:]
    stream = b"\n".join(lines) + rng.choice([b"\n", b""])
    expected = stream.split(b"\n")[: None if stream[-1:] != b"\n" else -1]
    decode = stream.Decoder()
    pipe = io.BufferedReader(_Slow(stream, rng))
    read = [one for some in stream.read_batches(pipe) for one in decode(some)]
    check(len(read) == len(expected), f"{len(expected)} lines, {len(read)} read")
    for line, found in zip(expected, read):
        wanted = line.decode(errors="replace").removesuffix("\r")
        check(found == wanted or found == wanted.removeprefix("\ufeff"), f"{line!r}: {found!r}")


class _Slow(io.BytesIO):
    """A stream of which each read brings a piece."""

    def __init__(self, content: bytes, rng: random.Random) -> None:
        super().__init__(content)
        self._rng = rng

    def read(self, size: int | None = -1) -> bytes:
        """A piece of any size."""
        return super().read(self._rng.choice([1, 7, 1000, 1 << 16]))


# --- guided by coverage -----------------------------------------------------------------


def check_one(one: str, models: list[Classifier]) -> None:
    """All of the above for one text."""
    check_words(one)
    for model in models:
        answer = model.classify(one)
        check_answer(one, answer)
        check_explained(model, one, answer)


def _guided(count: int, seed: int, tweets: list[str]) -> dict[str, Any] | None:
    """Have atheris look for texts that take new ways; None if it is not installed."""
    with tempfile.TemporaryDirectory() as name:
        seeds = Path(name) / "seeds"
        seeds.mkdir()
        for number, one in enumerate([*_SPECIAL, *tweets[:300]]):
            (seeds / f"{number}").write_bytes(b"\0" + one.encode(errors="surrogatepass"))
        done = subprocess.run(
            [sys.executable, REPOSITORY / "scripts" / "_stress_guided.py"]
            + [str(count), str(seed), name],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
    said = done.stderr.decode(errors="replace")
    if "No module named 'atheris'" in said:
        return None
    runs = [int(number) for number in re.findall(r"Done (\d+) runs", said)]
    covered = [int(number) for number in re.findall(r"cov: (\d+)", said)]
    tried = runs[-1] if runs else 0
    return {
        "tried": tried,
        "survived": tried,
        "branches": max(covered, default=0),
        "failures": [said[-4000:]] if done.returncode != 0 or not runs else [],
    }
