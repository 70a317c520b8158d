#!/usr/bin/env python3
"""Draw results/prompt.svg: the screen of a real run of the prompt.

Types some sentences into the program in a pseudo-terminal and draws what then stands on
the screen. Takes a few seconds. Needs the extra test (pip install '.[test]') and a system
with pseudo-terminals (not Windows).
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import _console

if TYPE_CHECKING:
    from pyte.screens import Char, Screen

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURE = REPOSITORY / "results" / "prompt.svg"
PROMPT = "Input a sentence to be evaluated, or Enter to quit:"
COLUMNS, LINES = 100, 13
F2 = "\x1bOQ"
TYPED = (
    # A sentence, the keys after it, and what stands in the answer.
    ("what a lovely day for a picnic", "\r", "%"),
    ("this kumquat is delicious", "\r", "%"),
    ("The meeting is at 3 pm", "\r", "%"),
    ("I thought it would be boring but it wasn't :)", "\r", "%"),
    ("", F2, "words:"),
    ("not bad at all, but the kumquats were awful", "", ""),
)
WIDTH, HEIGHT, MARGIN = 8.43, 19, 14  # of a character, and around all of them, in pixels
INK, PAPER = "#d4d4d4", "#1e1e1e"


def screen() -> "Screen":
    """The terminal after all of it has been typed."""
    import pexpect
    import pyte

    display = pyte.Screen(COLUMNS, LINES)
    stream = pyte.Stream(display)

    def last() -> str:
        return next((line.rstrip() for line in display.display[-2::-1] if line.strip()), "")

    with tempfile.TemporaryDirectory() as home:
        program = pexpect.spawn(
            sys.executable,
            ["-m", "sentiment_repl", "--no-history"],
            env={**os.environ, "HOME": home, "TERM": "xterm-256color"},
            cwd=REPOSITORY,
            dimensions=(LINES, COLUMNS),
            encoding="utf-8",
        )

        def until(condition: Callable[[], bool]) -> None:
            while not condition():
                output = program.read_nonblocking(4096, timeout=30)
                stream.feed(output)
                if "\x1b[6n" in output:  # prompt_toolkit asks where the cursor is
                    program.send(f"\x1b[{display.cursor.y + 1};1R")

        def type_(sentence: str, keys: str, answer: str) -> None:
            program.send(sentence)
            if sentence:
                until(lambda: last().endswith(sentence[-10:]) and "%" in display.display[-1])
            if keys:
                before = "".join(display.display[:-1]).count(answer)
                program.send(keys)
                until(
                    lambda: (
                        last() == PROMPT and "".join(display.display[:-1]).count(answer) > before
                    )
                )

        until(lambda: last() == PROMPT and display.display[-1].startswith("F1"))
        for typed in TYPED:
            type_(*typed)
        until(lambda: any(cell.strikethrough for cell in display.buffer[display.cursor.y].values()))
        program.close(force=True)
    return display


def svg(display: "Screen") -> str:
    """The screen as a picture."""
    width, height = COLUMNS * WIDTH + 2 * MARGIN, LINES * HEIGHT + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
            'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" '
            f'fill="{INK}" role="img" aria-label="A session at the prompt">',
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
            *(piece for line in range(LINES) for piece in _line(display, line)),
            "</svg>\n",
        ]
    )


def _line(display: "Screen", number: int) -> Iterator[str]:
    y = MARGIN + (number + 0.75) * HEIGHT
    cells = [display.buffer[number][column] for column in range(COLUMNS)]
    column = 0
    for style, run in groupby(cells, key=_style):
        text = "".join(cell.data for cell in run)
        if text.strip():
            x = MARGIN + column * WIDTH
            yield (
                f'<text x="{x:.1f}" y="{y:.1f}" textLength="{len(text) * WIDTH:.1f}" '
                f'xml:space="preserve"{style}>{escape(text)}</text>'
            )
        column += len(text)


def _style(cell: "Char") -> str:
    lines = ["underline"] * cell.underscore + ["line-through"] * cell.strikethrough
    attributes = {
        "fill": "" if cell.fg == "default" else f"#{cell.fg}",
        "font-weight": "bold" if cell.bold else "",
        "font-style": "italic" if cell.italics else "",
        "text-decoration": " ".join(lines),
    }
    return "".join(f' {name}="{value}"' for name, value in attributes.items() if value)


def main() -> int:
    """Run the program; the return value is its exit code."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    PICTURE.write_text(svg(screen()), encoding="utf-8", newline="\n")
    print(PICTURE)
    return 0


if __name__ == "__main__":
    _console.run(main)
