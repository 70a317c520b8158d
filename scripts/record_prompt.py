#!/usr/bin/env python3
"""Record results/prompt.svg: the screen after a few sentences at the real prompt.

Takes a few seconds. Needs a Unix system and the extra dev: pip install '.[dev]'.
"""

import io
import re
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyte.screens import Char, Screen

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))  # the terminal driver is not part of the package

PICTURE = REPOSITORY / "results" / "prompt.svg"
COLUMNS, ROWS = 100, 13
FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
SENTENCES = (
    "what a lovely day for a picnic",
    "this kumquat is delicious",
    "The meeting is at 3 pm",
    "I thought it would be boring but it wasn't :)",
)
UNFINISHED = "not bad at all, but the kumquats were awful"
STYLES = {  # attribute of a cell in pyte: style in rich
    "bold": "bold",
    "italics": "italic",
    "underscore": "underline",
    "strikethrough": "strike",
}


def main() -> int:
    """Run the program and return its exit code."""
    picture = to_svg(record_screen())
    PICTURE.write_text(picture, encoding="utf-8", newline="\n")
    print(PICTURE)
    return 0


def record_screen() -> "Screen":
    """Type the sentences at the prompt, and return what the terminal then shows."""
    from tests.terminal.driver import ENTER, F2, Terminal

    with Terminal("--no-history", "--model", "default", columns=COLUMNS, rows=ROWS) as prompt:

        def type_sentence(sentence: str) -> None:
            prompt.send(sentence)
            prompt.until(lambda: "%" in prompt.toolbar)
            prompt.settle()  # the colours follow the label

        prompt.until_prompt()
        for sentence in SENTENCES:
            type_sentence(sentence)
            prompt.send(ENTER)
            prompt.until_prompt()
        prompt.send(F2)
        prompt.until_shown("words:")
        prompt.until_prompt()
        type_sentence(UNFINISHED)
        return prompt.screen


def to_svg(screen: "Screen") -> str:
    """Return a picture of a screen."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    console = Console(width=COLUMNS, record=True, file=io.StringIO())
    for row in range(ROWS):
        cells = [screen.buffer[row][column] for column in range(COLUMNS)]
        line = Text.assemble(
            *(
                ("".join(cell.data for cell in run), style)
                for style, run in groupby(cells, style_of)
            )
        )
        line.rstrip()
        console.print(line)
    picture = console.export_svg(title="sentiment-repl", theme=MONOKAI, unique_id="prompt")
    # GitHub does not load web fonts. A reader's own monospaced font is used instead.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    picture = picture.replace("Fira Code, monospace", FONTS)
    return "".join(f"{line.rstrip()}\n" for line in picture.splitlines())


def style_of(cell: "Char") -> str:
    """Return the style of a cell of the screen, as rich writes it."""
    words = [style for attribute, style in STYLES.items() if getattr(cell, attribute)]
    return " ".join(words if cell.fg == "default" else [*words, f"#{cell.fg}"])


if __name__ == "__main__":
    from sentiment_repl.program import run_program

    run_program(main, "dev")
