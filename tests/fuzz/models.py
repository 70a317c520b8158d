"""Attacks on a model folder. A new attack is one more entry of a table."""

import contextlib
import gzip
import json
import math
import os
import re
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sentiment_repl import model_folder
from sentiment_repl.model_folder import MANIFEST, METRICS, MODEL, VOCABULARY, WEIGHTS
from tests.fuzz.strategies import damaged

Files = dict[str, bytes]  # the content of a model folder, by name
Draw = Callable[[st.SearchStrategy[Any]], Any]

CONTENTS = [
    b"", b"null", b"NaN", b"{}", b"\xff\xfe{\0}\0", b"\xef\xbb\xbf{}", b"PK\x03\x04", b"9" * 2**20,
    *(b"[" * n + b"]" * n for n in (500, 990, 5000, 10**5)), b'{"a":' * 5000,
    b'{"format":%d}' % 10**4000, b'"' + b"\\u0000" * 10**5 + b'"', gzip.compress(bytes(2**20)),
    *(b"[" + b"[]," * n + b"[]]" for n in (2**18, 2**21)), b"\x80\x04\x95c__builtin__\nexec\n.",
    json.dumps({f"w{n}": n for n in range(1, 3 * 10**5)}).encode(),
]  # fmt: skip
KINDS = ["Dense", "Lambda", "LSTM", "InputLayer", "linear", "relu", "softmax", "object", "float64"]
NUMBERS = (
    st.integers(-(2**70), 2**70) | st.integers(-1, 3) | st.floats() | st.none() | st.booleans()
)
VALUES = NUMBERS | st.text(max_size=9) | st.sampled_from([*KINDS, "A" * 10**5, [], {}, [[]]])
# A string, a number, and an array or object without another one in it.
ITEM = re.compile(r'"[^"]*"|-?\d[\d.]*|\[[^][]*\]|\{[^}{]*\}')
FLOATS = [math.nan, math.inf, -math.inf, 3e38, -3e38, 1e25, 1e5, 1e-45]


def damage_bytes(draw: Draw, files: Files) -> None:
    name = draw(st.sampled_from([*files]))
    files[name] = draw(damaged(files[name]))


def replace_content(draw: Draw, files: Files) -> None:
    contents = st.sampled_from([*CONTENTS, *files.values()])
    files[draw(st.sampled_from([*files]))] = draw(contents)


def change_json(name: str, draw: Draw, files: Files) -> None:
    """Replace a key or a value by another one, or repeat it."""
    content = files[name].decode()
    items = st.sampled_from([*ITEM.finditer(content)])
    old, other = draw(items), draw(items)[0]
    near = [str(int(old[0]) + n) for n in (1, -4)] if old[0].isdecimal() else ["", f"[{old[0]}]"]
    changes = st.sampled_from([*near, other, f"{old[0]}, {old[0]}", f"{old[0]}, {other}"])
    new = draw(changes | (VALUES | st.lists(NUMBERS, max_size=70)).map(json.dumps))
    files[name] = f"{content[: old.start()]}{new}{content[old.end() :]}".encode()


def change_weights(draw: Draw, files: Files) -> None:
    """Write a float to one place of a weight, or to all of it."""
    entry = draw(st.sampled_from([*json.loads(files[MANIFEST])["tensors"].values()]))
    size = math.prod(entry["shape"]) * (1 if entry.get("dtype") == "int8" else 4)
    first, count = draw(st.sampled_from([(0, size // 4), (size // 8 * 4, 1)]))
    new = np.full(count, draw(st.sampled_from(FLOATS)), "<f4").tobytes()
    content, start = files[WEIGHTS], entry["offset"] + first
    files[WEIGHTS] = content[:start] + new + content[start + len(new) :]


DAMAGES: dict[str, Callable[[Draw, Files], None]] = {
    "damaged bytes": damage_bytes,
    "another content": replace_content,
    "odd weights": change_weights,
    **{
        f"changed {name}": partial(change_json, name)
        for name in (MANIFEST, MODEL, VOCABULARY, METRICS)
    },
}
"""Each changes the files that it gets."""
LINKS = ["zero", "null", "tty", "../proc/self/mem", "../proc/self/fd", "../etc/passwd", ".."]
DISK: dict[str, Callable[[Path, Path], object]] = {
    "nothing": lambda path, sound: None,
    "folder": lambda path, sound: path.mkdir(),
    "named pipe": lambda path, sound: os.mkfifo(path),
    "unreadable file": lambda path, sound: path.touch(0),
    "huge file": lambda path, sound: (path.touch(), os.truncate(path, 2**33)),
    "link to a sound one": lambda path, sound: path.symlink_to(sound),
    "link to itself": lambda path, sound: path.symlink_to(path.name),
    **{f"link to {to}": lambda path, sound, to=to: path.symlink_to(f"/dev/{to}") for to in LINKS},
}
"""Each puts something in place of a file or a folder. The second path is a sound one."""


def repair_checksums(files: Files) -> None:
    """Correct sizes and checksums, as an attacker would."""
    with contextlib.suppress(Exception):  # there may be no manifest left to correct
        manifest = json.loads(files[MANIFEST])
        for name in files.keys() - {MANIFEST}:
            digest = sha256(files[name]).hexdigest()
            manifest["files"][name] = {"bytes": len(files[name]), "sha256": digest}
        files[MANIFEST] = json.dumps(manifest).encode()


def add_metrics(folder: Path) -> Path:
    """Add a ``metrics.json`` to a model folder that has none."""
    metrics = {"architecture": "article", "options": {"seed": 1}, "data": {"fingerprint": "f"}}
    (folder / METRICS).write_text(json.dumps(metrics))
    manifest = model_folder.read_manifest(folder)
    model_folder.write_manifest(folder, manifest["tensors"], manifest["labels"])
    return folder


def read_files(folder: Path) -> Files:
    """Return the content of the files that the programs read."""
    names = (MANIFEST, MODEL, VOCABULARY, WEIGHTS, METRICS)
    return {name: (folder / name).read_bytes() for name in names}
