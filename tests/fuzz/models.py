"""Attacks on a model folder. A new attack is one more entry of a table."""

import contextlib
import gzip
import json
import math
import os
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sentiment_repl.model_folder import MANIFEST, MODEL, VOCABULARY, WEIGHTS
from tests.fuzz.strategies import damaged

Files = dict[str, bytes]  # the content of a model folder, by name
Draw = Callable[[st.SearchStrategy[Any]], Any]

CONTENTS = [
    b"", b"null", b"NaN", b"{}", b"\xff\xfe{\0}\0", b"\xef\xbb\xbf{}", b"PK\x03\x04", b"9" * 2**20,
    *(b"[" * n + b"]" * n for n in (500, 990, 5000, 10**5)), b'{"a":' * 5000, b'{"format":%d}' % 10**4000,
    b'"' + b"\\u0000" * 10**5 + b'"', *(b"[" + b"[]," * n + b"[]]" for n in (2**18, 2**21)),
    b"\x80\x04\x95c__builtin__\nexec\n.", gzip.compress(bytes(2**20)),
    json.dumps({f"w{n}": n for n in range(1, 3 * 10**5)}).encode(),
]  # fmt: skip
VALUES = [
    -1, 0, 1, 2, 0.5, 1.5, 2**31, 2**63, 10**30, 1e308, math.nan, math.inf, None, True, "", "1", [], {},
    [[]], {"": 0}, [0], [0, 2], [10**9] * 2, [1] * 70, "A" * 10**5, "\x1b[2J" * 200, "\ud800", "object",
    "Dense", "Lambda", "LSTM", "InputLayer", "linear", "relu", "softmax", ["positive", "\x1b]0;x\a"],
]  # fmt: skip
FLOATS = [math.nan, math.inf, -math.inf, 3e38, -3e38, 1e25, 1e5, 1e-45]


def damage_bytes(draw: Draw, files: Files) -> None:
    name = draw(st.sampled_from([*files]))
    files[name] = draw(damaged(files[name]))


def replace_content(draw: Draw, files: Files) -> None:
    contents = st.sampled_from([*CONTENTS, *files.values()])
    files[draw(st.sampled_from([*files]))] = draw(contents)


def change_weights(draw: Draw, files: Files) -> None:
    """Write a float to one place of a weight, or to all of it."""
    entry = draw(st.sampled_from([*json.loads(files[MANIFEST])["tensors"].values()]))
    size = math.prod(entry["shape"]) * (1 if entry.get("dtype") == "int8" else 4)
    first, count = draw(st.sampled_from([(0, size // 4), (size // 8 * 4, 1)]))
    content, new = files[WEIGHTS], np.full(count, draw(st.sampled_from(FLOATS)), "<f4").tobytes()
    start = entry["offset"] + first
    files[WEIGHTS] = content[:start] + new + content[start + len(new) :]


def change_json(name: str, draw: Draw, files: Files) -> None:
    """Set, copy or delete a value, or repeat a key."""
    whole = json.loads(files[name])
    items = st.sampled_from(list(walk(whole)))
    (inside, key), (source, other) = draw(items), draw(items)
    value, extra = inside[key], ""
    odd = [*VALUES, [value], str(value), *([value + 1, value - 4] if type(value) is int else [])]
    odd += [value * 2, value * 50] if isinstance(value, list) else []
    change = draw(st.sampled_from(["set", "set", "copy", "delete", "repeat"]))
    if change == "set":
        inside[key] = draw(st.sampled_from(odd))
    elif change == "copy":
        inside[key] = json.loads(json.dumps(source[other]))
    elif change == "delete":
        del inside[key]
    else:
        extra = f", {json.dumps(draw(st.sampled_from([*whole])))}: 1"
    files[name] = f"{json.dumps(whole)[:-1]}{extra}}}".encode()


def walk(inside: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each value in a JSON value as its container and its key."""
    for key in [*inside] if isinstance(inside, dict) else range(len(inside)):
        yield inside, key
        if isinstance(inside[key], dict | list):
            yield from walk(inside[key])


DAMAGES: dict[str, Callable[[Draw, Files], None]] = {
    "damaged bytes": damage_bytes,
    "another content": replace_content,
    "odd weights": change_weights,
    **{f"changed {name}": partial(change_json, name) for name in (MANIFEST, MODEL, VOCABULARY)},
}
"""Each changes the files that it gets."""
LINKS = [
    "/dev/zero",
    "/dev/null",
    "/dev/tty",
    "/proc/self/mem",
    "/proc/self/fd",
    "/etc/passwd",
    "/",
    "..",
]
DISK: dict[str, Callable[[Path, Path], object]] = {
    "nothing": lambda path, sound: None,
    "folder": lambda path, sound: path.mkdir(),
    "named pipe": lambda path, sound: os.mkfifo(path),
    "unreadable file": lambda path, sound: path.touch(0),
    "huge file": lambda path, sound: (path.touch(), os.truncate(path, 2**33)),
    "link to a sound one": lambda path, sound: path.symlink_to(sound),
    "link to itself": lambda path, sound: path.symlink_to(path.name),
    **{f"link to {to}": lambda path, sound, to=to: path.symlink_to(to) for to in LINKS},
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
