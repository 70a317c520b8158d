import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

if sys.platform == "win32":  # it has no pseudo-terminals
    collect_ignore_glob = ["test_*.py"]
else:
    from tests.terminal.driver import Terminal

    Open = Callable[..., Terminal]

    @pytest.fixture
    def terminal(tiny: Path) -> Iterator[Open]:
        """Open a terminal with the tiny model, and wait for the prompt."""
        with ExitStack() as terminals:

            def open_terminal(*args: str, **environment: str) -> Terminal:
                opened = Terminal("--artifacts", str(tiny), *args, **environment)
                terminals.enter_context(opened).until_prompt()
                return opened

            yield open_terminal
