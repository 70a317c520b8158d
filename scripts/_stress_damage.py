"""What can be done to a model folder, for _stress_models.py: to its bytes, or on the disk."""

import gzip
import json
import math
import os
import random
import shutil
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import _stress  # noqa: F401  where the package is

from sentiment_repl.model_folder import DICTIONARY, MANIFEST, MODEL, WEIGHTS

Files = dict[str, bytes]  # what a folder holds, by name

_ODD_NUMBERS = (-1, 0, 1, 2, 0.5, 1.5, 2**31, 2**63, 10**30, -(10**30), 1e308, math.nan, math.inf)
_ODD_VALUES = (*_ODD_NUMBERS, None, True, False, "", "1", "\0\x1b]0;x\a", [], {}, [[]], {"": 0})
_ODD_FLOATS = (math.nan, math.inf, -math.inf, 3e38, -3e38, 1e25, 1e5, 1e-45, -0.0)


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


# Each changes the files that it is given.
ON_BYTES: dict[str, Callable[[random.Random, Files], None]] = {
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


# Each is given the folder, and a good one beside it.
ON_DISK: dict[str, Callable[[random.Random, Path, Path], None]] = {
    "a link": _link,
    "no file": _no_file,
    "giant": _giant,
    "forbidden": _forbidden,
    "no folder": _no_folder,
}
