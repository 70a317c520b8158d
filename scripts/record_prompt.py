#!/usr/bin/env python3
"""Record results/prompt.svg: the screen after a few sentences at the real prompt.

Takes a few seconds. Needs a Unix system and the extra dev: pip install '.[dev]'.
"""

import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyte.screens import Char

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

PICTURE = REPOSITORY / "results" / "prompt.svg"
COLUMNS, ROWS = 100, 14
FONTS = "ui-monospace, Menlo, Consolas, monospace"
SENTENCES = (
    "what a lovely day for a picnic",
    "this kumquat is delicious",
    "The meeting is at 3 pm",
    "I thought it would be boring but it wasn't :)",
)
UNFINISHED = "not bad at all, but the kumquats were awful"


def main() -> int:
    """Run the program and return its exit code."""
    from rich.console import Console
    from rich.text import Text

    from tests.terminal.driver import ENTER, F2, Terminal

    with Terminal("--no-history", "--model", "default", columns=COLUMNS, rows=ROWS) as prompt:
        prompt.until_prompt()
        for sentence in SENTENCES:
            prompt.send(sentence)
            prompt.settle()  # until the words have their colours
            prompt.send(ENTER)
            prompt.until_prompt()
        prompt.send(F2)
        prompt.until_shown("words:")
        prompt.until_prompt()
        prompt.send(UNFINISHED)
        prompt.until(lambda: prompt.style("kumquats").strikethrough)
        prompt.settle()
        screen = prompt.screen
        lines = [
            Text.assemble(
                *((cell.data, _style(cell)) for cell in map(row.__getitem__, range(COLUMNS)))
            )
            for row in map(screen.buffer.__getitem__, range(ROWS))
        ]
    console = Console(width=COLUMNS, record=True, file=io.StringIO())
    for line in lines:
        line.rstrip()
        console.print(line)
    picture = console.export_svg(title="sentiment-repl", unique_id="prompt")
    # No web font: GitHub does not load it, and a reader's own monospaced font will do.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    picture = picture.replace("Fira Code, monospace", FONTS)
    picture = "".join(f"{line.rstrip()}\n" for line in picture.splitlines())
    PICTURE.write_text(picture, encoding="utf-8", newline="\n")
    print(PICTURE)
    return 0


def _style(cell: "Char") -> str:
    """Return the style of a cell of the screen, as rich writes it."""
    attributes = {
        "bold": "bold",
        "italics": "italic",
        "underscore": "underline",
        "strikethrough": "strike",
        "reverse": "reverse",
    }
    words = [word for name, word in attributes.items() if getattr(cell, name)]
    return " ".join(words if cell.fg == "default" else [*words, f"#{cell.fg}"])


if __name__ == "__main__":
    from sentiment_repl.program import run_program

    run_program(main, "dev")
