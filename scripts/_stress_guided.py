"""Texts guided by coverage, for _stress_text.py: COUNT SEED FOLDER, with seeds in the folder."""

import sys
from pathlib import Path

import _stress  # noqa: F401  where the package is
import atheris

with atheris.instrument_imports(include=["sentiment_repl"]):
    import _stress_text


def main() -> None:
    """Run so many inputs; libFuzzer ends the process, and says on the standard error how."""
    count, seed, home = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    models = _stress_text.small_models(home)

    def one(data: bytes) -> None:
        form, rest = data[:1], data[1:]
        if form > b"\x80":
            text = rest.decode("utf-16-le", "replace")
        elif form > b"\x60":
            text = rest.decode("latin-1")
        else:
            text = rest.decode("utf-8", "surrogateescape")
        _stress_text.check_one(text, models)

    options = [f"-runs={count}", f"-seed={seed}", "-max_len=600", "-timeout=60"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={home}/", f"{home}/seeds"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
