"""Model folders for stress.py: good ones, damaged in every way that we could think of.

Half of the damaged ones have their checksums put right, as somebody would who means harm.
Each must be refused with one sentence and exit code 2, or answer as a model does.
"""

import gzip
import json
import math
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from _stress import REFUSED, REPOSITORY, SURVIVED, Report, Wrong, captured, check, one_sentence

from sentiment_repl import artifacts, cli, dictionary
from sentiment_repl.artifacts import DICTIONARY, MANIFEST, METRICS, MODEL, WEIGHTS
from sentiment_repl.tweet import STYLES

Files = dict[str, bytes]

TEXTS = ["good", "so bad, not a GOOD day", "", "zzz", "good day " * 70]
_EVERY = 50  # one case in so many goes through a program of its own
_ODD_NUMBERS = (-1, 0, 1, 2, 0.5, 1.5, 2**31, 2**63, 10**30, -(10**30), 1e308, math.nan, math.inf)
_ODD_VALUES = (*_ODD_NUMBERS, None, True, False, "", "1", "\0\x1b]0;x\a", [], {}, [[]], {"": 0})
_ODD_FLOATS = (math.nan, math.inf, -math.inf, 3e38, -3e38, 1e25, 1e5, 1e-45, -0.0)


def models(count: int, seed: int, start: int = 0) -> dict[str, Any]:
    """Try damaged model folders."""
    report = Report("models", seed, start)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)  # for those who are not root
        good = _good_folders(home)
        for _ in range(count):
            rng = report.random()
            base = rng.choices(list(good), [45, 45, 5, 5])[0]
            kind = rng.choice([*_HARMS, *_ON_DISK])
            repaired = rng.random() < 0.5
            # Nobody, whom a forbidden folder is tried as, may not run a Python of root's.
            alone = report.number % _EVERY == 0 and kind != "forbidden"
            folder = home / "model"
            files = _read(good[base])
            if kind in _HARMS:
                harmed = dict(files)
                _HARMS[kind](rng, harmed)
                if repaired:
                    _repair(harmed)
                _write(folder, harmed)
                expected = None if repaired or harmed == files else REFUSED
                if harmed == files:
                    expected = SURVIVED
            else:
                _write(folder, files)
                _ON_DISK[kind](rng, folder, good[base])
                expected = None
            report.run(kind, lambda f=folder, e=expected, k=kind, a=alone: _try(f, e, k, a))
            _remove(folder)
    return report.figures()


def _try(folder: Path, expected: str | None, kind: str, alone: bool) -> str:
    if kind == "forbidden" and os.geteuid() == 0:
        os.setegid(65534)
        os.seteuid(65534)
    code, out, err = (_program if alone else _in_process)(
        ["--artifacts", str(folder), "--format", "jsonl", "--explain", *TEXTS]
    )
    outcome = judge(code, out, err)
    if expected == REFUSED and outcome != REFUSED and not _only_manifest(folder):
        raise Wrong("a damaged file was read for a good one")
    if expected == SURVIVED:
        check(outcome == SURVIVED, f"a good folder was refused: {err!r}")
    return outcome


def _only_manifest(folder: Path) -> bool:
    """Whether all that differs is in the manifest, which has no checksum of its own."""
    files = json.loads((folder / MANIFEST).read_bytes())["files"]
    return all(
        sha256((folder / name).read_bytes()).hexdigest() == files[name]["sha256"]
        for name in (MODEL, DICTIONARY, WEIGHTS)
    )


def judge(code: int, out: bytes, err: bytes) -> str:
    """Whether a model was refused as it should be, or answers as it should."""
    if code == 2:
        check(not out, f"refused, but it wrote {out[:200]!r}")
        one_sentence(err)
        return REFUSED
    check(code == 0, f"exit code {code}: {err.decode()[-2000:]}")
    check(not err, f"on the standard error: {err.decode()[-2000:]}")
    lines = out.decode("ascii").split("\n")
    check(len(lines) == len(TEXTS) + 1, f"{len(lines) - 1} answers")
    for text, line in zip(TEXTS, lines):
        _check_answer(text, json.loads(line, parse_constant=_no_number))
    return SURVIVED


def _no_number(name: str) -> None:
    raise Wrong(f"{name} in an answer")


def _check_answer(text: str, answer: dict[str, Any]) -> None:
    check(answer["text"] == text, f"an answer to {answer['text']!r}")
    confidence, label = answer["confidence"], answer["label"]
    if label is None:
        check(confidence is None, f"no label, but {confidence}")
    else:
        check(label in ("negative", "positive") and 0.5 <= confidence <= 1, f"{label} {confidence}")
    for word in answer["word_effects"]:
        check(text[word["start"] : word["end"]] == word["word"], word)


def _in_process(arguments: list[str]) -> tuple[int, bytes, bytes]:
    with captured() as written:
        code = cli.main(arguments)
        return (code, *written())


def _program(arguments: list[str]) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    return done.returncode, done.stdout, done.stderr


# --- good folders -----------------------------------------------------------------------


def _good_folders(home: Path) -> dict[str, Path]:
    """A small model of each kind, and those that ship; each must answer."""
    folders = {"a small dense model": home / "dense", "a small recurrent one": home / "recurrent"}
    dense(home / "dense", ["good", "bad", "day"])
    recurrent(home / "recurrent", ["good", "bad", "day", "not"])
    for name in ("article", "default"):
        folders[name] = artifacts.shipped()[name]
    return folders


def _save(
    folder: Path, words: list[str], layers: list[dict[str, Any]], weights: dict[str, np.ndarray]
) -> None:
    folder.mkdir()
    model = {"class_name": "Sequential", "config": {"name": "small", "layers": layers}}
    (folder / MODEL).write_text(json.dumps(model))
    columns = {word: column for column, word in enumerate(words, start=1)}
    (folder / DICTIONARY).write_text(dictionary.dumps(columns))
    content, tensors = bytearray(b"\x89HDF\r\n\x1a\n"), {}
    for name, values in weights.items():
        tensors[name] = {"offset": len(content), "shape": list(values.shape)}
        if values.dtype == np.int8:
            tensors[name]["dtype"] = "int8"
        content += values.tobytes()
    (folder / WEIGHTS).write_bytes(content)
    (folder / METRICS).write_text("{}\n")
    artifacts.write_manifest(folder, tensors, uncertain_below=0.6)


def dense(folder: Path, words: list[str]) -> None:
    """Write a small model of the article's kind, of random weights."""
    rng = np.random.default_rng(1)
    layers = [
        {"class_name": "InputLayer", "config": {"name": "bag"}},
        {"class_name": "Dense", "config": {"name": "first", "units": 8, "activation": "relu"}},
        {"class_name": "Dropout", "config": {"name": "dropout", "rate": 0.5}},
        {"class_name": "Dense", "config": {"name": "output", "units": 2, "activation": "softmax"}},
    ]
    shapes: dict[str, Any] = {
        "first/kernel": (len(words) + 1, 8),
        "first/bias": 8,
        "output/kernel": (8, 2),
        "output/bias": 2,
    }
    weights = {name: rng.normal(0, 1, size).astype(np.float32) for name, size in shapes.items()}
    _save(folder, words, layers, weights)


def recurrent(folder: Path, words: list[str]) -> None:
    """Write a small model of the default kind, of random weights."""
    columns = len(words) + 1
    rng = np.random.default_rng(1)
    kinds = [
        ("StoredWords", {"name": "words", "columns": columns, "units": 8}),
        ("LightRecurrence", {"name": "one", "units": 4, "window": 3}),
        ("LightRecurrence", {"name": "two", "units": 4, "window": 1}),
        ("MaxAndMean", {"name": "largest_and_mean"}),
        ("Dense", {"name": "output", "units": 2, "activation": "softmax"}),
    ]
    layers = [{"class_name": kind, "config": config} for kind, config in kinds]
    shapes: dict[str, Any] = {
        "words/scales": columns,
        "words/styles": (STYLES, 8),
        "one/kernel": (24, 16),
        "one/bias": 16,
        "two/kernel": (8, 16),
        "two/bias": 16,
        "output/kernel": (16, 2),
        "output/bias": 2,
    }
    weights = {name: rng.normal(0, 0.1, size).astype(np.float32) for name, size in shapes.items()}
    rows = rng.integers(-128, 128, (columns, 8)).astype(np.int8)
    _save(folder, words, layers, {"words/rows": rows, **weights})


def _read(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _write(folder: Path, files: Files) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        folder.chmod(0o700)
        shutil.rmtree(folder)
    elif folder.is_symlink() or folder.exists():
        folder.unlink()


def _repair(files: Files) -> None:
    """Put sizes and checksums right, as far as there is a manifest to do so in."""
    try:
        manifest = json.loads(files[MANIFEST])
        for name, content in files.items():
            if name != MANIFEST:
                manifest["files"][name] = {
                    "bytes": len(content),
                    "sha256": sha256(content).hexdigest(),
                }
        files[MANIFEST] = json.dumps(manifest).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass


# --- what is done to the bytes ----------------------------------------------------------


def _any_file(rng: random.Random, files: Files) -> str:
    return rng.choice(sorted(files))


def _truncate(rng: random.Random, files: Files) -> None:
    name = _any_file(rng, files)
    files[name] = files[name][: rng.choice([0, 1, rng.randrange(len(files[name]))])]


def _flip_bits(rng: random.Random, files: Files) -> None:
    name = _any_file(rng, files)
    content = bytearray(files[name])
    for _ in range(rng.choice([1, 1, 8, 100])):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    files[name] = bytes(content)


def _move_bytes(rng: random.Random, files: Files) -> None:
    name = _any_file(rng, files)
    content = files[name]
    a, b = (rng.randrange(len(content)) for _ in range(2))
    files[name] = content[:a] + rng.choice([rng.randbytes(8), content[b : b + 64]]) + content[a:]


def _swap_files(rng: random.Random, files: Files) -> None:
    a, b = rng.sample(sorted(files), 2)
    files[a], files[b] = files[b], files[a]


def _other_content(rng: random.Random, files: Files) -> None:
    name = _any_file(rng, files)
    size = rng.choice([10, 500, 5000, 100_000, 2**20 - 10])
    files[name] = rng.choice(
        [
            b"",
            b"null",
            b"NaN",
            b"[" * size,
            b'{"a":' * size,
            b"[" * (size := min(size, 990)) + b"]" * size,
            b'{"format":' + b"[" * size + b"]" * size + b"}",
            b'{"format": %d}' % 10 ** min(size, 4000),
            b"9" * size,
            b'"' + b"\\u0000" * size + b'"',
            b"[" + b"[]," * size + b"[]]",
            b"[" + b"[]," * (2**21) + b"[]]",
            b"\xff\xfe" + b"{\0}\0",
            b"\xef\xbb\xbf{}",
            b"\x80\x04\x95c__builtin__\nexec\n.",  # what a pickle looks like
            b"PK\x03\x04" + rng.randbytes(100),
            gzip.compress(bytes(2**20)),
            rng.randbytes(1000),
        ]
    )


def _walk(rng: random.Random, value: Any) -> tuple[Any, Any] | None:
    """A container inside a JSON value, and one of its keys or places."""
    found = None
    while isinstance(value, (dict, list)) and value:
        key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
        if found is None or rng.random() < 0.7:
            found = value, key
        value = value[key]
    return found


def _json(rng: random.Random, files: Files) -> None:
    """Drop, double, rename, retype and move what stands in a JSON file."""
    name = rng.choice([MANIFEST, MANIFEST, MODEL, MODEL, DICTIONARY])
    whole = json.loads(files[name])
    for _ in range(rng.choice([1, 1, 1, 3])):
        if (found := _walk(rng, whole)) is None:
            break
        inside, key = found
        change = rng.randrange(6)
        if change == 0:
            del inside[key]
        elif change == 1:
            inside[key] = rng.choice(_ODD_VALUES)
        elif change == 2 and isinstance(inside, dict):
            inside[rng.choice(["", "x", "\0", f"{key} ", "A" * 1000])] = inside.pop(key)
        elif change == 3 and isinstance(inside, list):
            inside.insert(rng.randrange(len(inside) + 1), inside[key])
        elif change == 4 and (other := _walk(rng, whole)):
            inside[key] = json.loads(json.dumps(other[0][other[1]]))
        else:
            inside[key] = [inside[key]] if rng.random() < 0.5 else str(inside[key])
    files[name] = json.dumps(whole).encode()


def _double_key(rng: random.Random, files: Files) -> None:
    """The same key twice, which json takes silently."""
    name = rng.choice([MANIFEST, MODEL, DICTIONARY])
    text = files[name].decode()
    keys = list(json.loads(text))
    value = rng.choice(["1", "2", "null", "[]", '"x"', "{}"])
    files[name] = f"{text.rstrip()[:-1]}, {json.dumps(rng.choice(keys))}: {value}}}".encode()


def _tensors(rng: random.Random, files: Files) -> None:
    """Wrong shapes, places and types of the weights."""
    manifest = json.loads(files[MANIFEST])
    tensors = manifest["tensors"]
    size = len(files[WEIGHTS])
    for _ in range(rng.choice([1, 1, 2])):
        name = rng.choice(list(tensors))
        entry = tensors[name]
        change = rng.randrange(7)
        if change == 0:
            entry["offset"] = rng.choice(
                [*_ODD_VALUES, size, size - 1, entry["offset"] + rng.choice([-4, -1, 1, 4])]
            )
        elif change == 1:
            entry["shape"] = rng.choice(
                [[], [0], [0, 2], [2, 0], [size], [1, size // 8], [size // 8, 2], [10**9] * 2]
                + [[1] * 70, entry["shape"][::-1], [*entry["shape"], 1], [2**32, 2**32], "12"]
            )
        elif change == 2:
            entry["shape"] = [max(0, n + rng.choice([-1, 0, 1])) for n in entry["shape"]]
        elif change == 3:
            entry["dtype"] = rng.choice(["int8", "float32", "float64", "object", "O", "", 3, None])
        elif change == 4:
            tensors[name] = dict(tensors[rng.choice(list(tensors))])
        elif change == 5:
            tensors[rng.choice(["x/kernel", "output/kernel", ""])] = tensors.pop(name)
        else:
            del tensors[name]
    files[MANIFEST] = json.dumps(manifest).encode()


def _numbers(rng: random.Random, files: Files) -> None:
    """Weights that are no numbers, or far too large."""
    content = bytearray(files[WEIGHTS])
    manifest = json.loads(files[MANIFEST])
    names = rng.choices(list(manifest["tensors"]), k=rng.choice([1, 2, 9]))
    number = rng.choice(_ODD_FLOATS)
    for name in names:
        entry = manifest["tensors"][name]
        if entry.get("dtype") == "int8":
            continue
        count = math.prod(entry["shape"])
        for place in rng.choice([[rng.randrange(count)], range(count)]):
            struct.pack_into("<f", content, entry["offset"] + 4 * place, number)
    files[WEIGHTS] = bytes(content)


def _layers(rng: random.Random, files: Files) -> None:
    """Other kinds, orders and settings of layers."""
    model = json.loads(files[MODEL])
    layers = model["config"]["layers"]
    for _ in range(rng.choice([1, 1, 2])):
        place = rng.randrange(len(layers))
        change = rng.randrange(7)
        if change == 0:
            layers.insert(rng.randrange(len(layers) + 1), layers[place])
        elif change == 1 and len(layers) > 1:
            del layers[place]
        elif change == 2:
            rng.shuffle(layers)
        elif change == 3:
            layers[place]["class_name"] = rng.choice(
                ["Lambda", "Dense", "InputLayer", "StoredWords", "LSTM", "\x1b[2J" * 200, 7, None]
            )
        elif change == 4:
            layers[place]["config"]["activation"] = rng.choice(
                ["linear", "relu", "sigmoid", "softmax", "selu", ["softmax"], None, "x" * 10**5]
            )
        elif change == 5:
            layers[place]["config"]["window"] = rng.choice(_ODD_VALUES)
        else:
            layers *= rng.choice([2, 50])
    files[MODEL] = json.dumps(model).encode()


def _words(rng: random.Random, files: Files) -> None:
    """A dictionary with gaps, repeats, and words that no text has."""
    words = json.loads(files[DICTIONARY])
    for _ in range(rng.choice([1, 1, 3])):
        word = rng.choice(list(words))
        change = rng.randrange(6)
        if change == 0:
            words[word] = rng.choice([*_ODD_VALUES, words[rng.choice(list(words))]])
        elif change == 1 and len(words) > 1:
            del words[word]
        elif change == 2:
            words[rng.choice(["x", "", " ", "\0", "\ud800", "\x1b[2J", "y" * 10**5])] = words.pop(
                word
            )
        elif change == 3:
            words[f"extra{rng.random()}"] = len(words) + 1
        elif change == 4:
            other = rng.choice(list(words))
            words[word], words[other] = words[other], words[word]
        else:
            many = rng.choice([10, 1000, 300_000])
            words.update((f"w{i}", len(words) + 1 + i) for i in range(many))
    files[DICTIONARY] = json.dumps(words).encode()


def _settings(rng: random.Random, files: Files) -> None:
    manifest = json.loads(files[MANIFEST])
    key = rng.choice(["uncertain_below", "format", "files", "tensors"])
    manifest[key] = rng.choice([*_ODD_VALUES, "A" * 10**5, dict(manifest)])
    files[MANIFEST] = json.dumps(manifest).encode()


def _wide(rng: random.Random, files: Files) -> None:
    """A network whose layers would take gigabytes, for little in the file."""
    units = rng.choice([2000, 3000, 10**5, 10**6])
    layers = [
        {"class_name": "Dense", "config": {"name": f"l{i}", "activation": "relu"}}
        for i in range(rng.choice([1, 2, 1000]))
    ]
    layers[-1]["config"]["activation"] = "softmax"
    sizes = [4, *[units] * (len(layers) - 1), 2]
    content, tensors = b"", {}
    zeros = bytes(min(4 * max(a * b for a, b in zip(sizes, sizes[1:])), 60 * 2**20))
    for i, (rows, columns) in enumerate(zip(sizes, sizes[1:])):
        far = rng.random() < 0.5 and len(content) < 30 * 2**20  # in places of their own
        tensors[f"l{i}/kernel"] = {"offset": len(content) * far, "shape": [rows, columns]}
        content = content + zeros if far or not content else content
        tensors[f"l{i}/bias"] = {"offset": len(content) * far, "shape": [columns]}
        content = content + zeros[: 4 * columns] if far else content
    files[WEIGHTS] = content
    files[DICTIONARY] = b'{"good": 1, "bad": 2, "day": 3}'
    files[MODEL] = json.dumps({"class_name": "Sequential", "config": {"layers": layers}}).encode()
    files[MANIFEST] = json.dumps({**json.loads(files[MANIFEST]), "tensors": tensors}).encode()


def _hdf5(rng: random.Random, files: Files) -> None:
    """An HDF5 file that unpacks to gigabytes, or whose data are in another file."""
    try:
        import h5py
    except ModuleNotFoundError:
        return
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "made.h5"
        with h5py.File(path, "w") as file:
            if rng.random() < 0.5:
                file.create_dataset(
                    "bomb", (2**28,), "f4", chunks=(2**22,), compression="gzip", fillvalue=0
                )[: 2**22] = 0
            else:
                file["link"] = h5py.ExternalLink("/etc/passwd", "/")
                file.create_dataset("outside", (64,), "i1", external=[("/etc/passwd", 0, 64)])
        files[WEIGHTS] = path.read_bytes()


_HARMS: dict[str, Callable[[random.Random, Files], None]] = {
    "cut": _truncate,
    "flipped bits": _flip_bits,
    "bytes put in": _move_bytes,
    "files swapped": _swap_files,
    "other content": _other_content,
    "JSON changed": _json,
    "a key twice": _double_key,
    "weights misplaced": _tensors,
    "odd weights": _numbers,
    "layers changed": _layers,
    "dictionary changed": _words,
    "settings changed": _settings,
    "wide layers": _wide,
    "HDF5": _hdf5,
}


# --- what is done on the disk -----------------------------------------------------------


def _one_path(rng: random.Random, folder: Path) -> Path:
    return folder / rng.choice([MANIFEST, MODEL, DICTIONARY, WEIGHTS])


def _link(rng: random.Random, folder: Path, good: Path) -> None:
    path = _one_path(rng, folder)
    path.unlink()
    path.symlink_to(
        rng.choice(
            [good / path.name, "/etc/passwd", "/dev/zero", "/dev/null", "/dev/tty", path.name]
            + ["/nowhere", "/proc/self/mem", "/proc/self/environ", "..", "/"]
        )
    )


def _no_file(rng: random.Random, folder: Path, good: Path) -> None:
    path = _one_path(rng, folder)
    path.unlink()
    rng.choice([lambda: None, path.mkdir, lambda: os.mkfifo(path)])()


def _giant(rng: random.Random, folder: Path, good: Path) -> None:
    """A file of gigabytes, and a manifest that says so."""
    path = _one_path(rng, folder)
    size = rng.choice([2**20 + 1, 2**23 + 1, 2**26, 2**26 + 1, 2**33])
    with open(path, "r+b") as file:
        file.truncate(size)
    if path.name != MANIFEST:
        manifest = json.loads((folder / MANIFEST).read_text())
        manifest["files"][path.name]["bytes"] = size
        (folder / MANIFEST).write_text(json.dumps(manifest))


def _forbidden(rng: random.Random, folder: Path, good: Path) -> None:
    if rng.random() < 0.3:
        folder.chmod(rng.choice([0o000, 0o600, 0o444]))
    else:
        _one_path(rng, folder).chmod(0o000)


def _no_folder(rng: random.Random, folder: Path, good: Path) -> None:
    shutil.rmtree(folder)
    rng.choice(
        [
            lambda: None,
            folder.touch,
            folder.mkdir,
            lambda: os.mkfifo(folder),
            lambda: folder.symlink_to(folder.name),
            lambda: folder.symlink_to(good),
            lambda: folder.symlink_to("/proc/self/fd"),
        ]
    )()


_ON_DISK: dict[str, Callable[[random.Random, Path, Path], None]] = {
    "a link": _link,
    "no file": _no_file,
    "giant": _giant,
    "forbidden": _forbidden,
    "no folder": _no_folder,
}
