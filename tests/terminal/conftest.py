import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":  # it has no pseudo-terminal for these tests
    collect_ignore_glob = ["test_*.py"]
else:
    from tests.terminal.screen import Open, Terminal

    @pytest.fixture
    def terminal(tiny: Path) -> Iterator[Open]:
        opened = []

        def open_terminal(*args: str, **environment: str) -> Terminal:
            opened.append(Terminal("--artifacts", str(tiny), *args, **environment))
            opened[-1].until_prompt()
            return opened[-1]

        yield open_terminal
        for one in opened:
            one.stop()
