"""Sessions at the prompt: keys, pastes, resizes and signals in any order, in any environment."""

import re
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.history import FileHistory

from tests.fuzz.conftest import share
from tests.fuzz.models import DISK
from tests.fuzz.strategies import SPECIAL, TEXTS, TWEETS
from tests.terminal.driver import CONTROL_C, ENTER, Terminal, paste

pytestmark = pytest.mark.slow
# The prompt fails on these, see results/robustness.md: Tab, Ctrl-R, and Shift with an arrow.
OPEN_FAULTS = {"\t", "\x12", *(f"\x1b[1;{n}{key}" for n in (2, 6) for key in "ABCD")}
KEYS = {
    *map(chr, range(1, 28)), "\x7f", *(f"\x1bO{key}" for key in "PQRS"), *(f"\x1b[{key}" for key in "ABCDFHZ"),
    *(f"\x1b[{n}~" for n in (2, 3, 5, 6, 15, 24)), *(f"\x1b{key}" for key in "bcdfltuy<>.#\x7f"),
    *(f"\x1b[1;{n}{key}" for n in (2, 5, 6) for key in "ABCD"),
}  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(sorted(KEYS - OPEN_FAULTS)) | TWEETS | SPECIAL),
    st.tuples(st.just("send"), TEXTS.map(paste)),
    st.tuples(st.just("resize"), st.integers(1, 200), st.integers(1, 60)),
    st.tuples(st.just("signal"), st.sampled_from([signal.SIGINT, signal.SIGTSTP, signal.SIGSTOP])),
    st.tuples(st.just("settle"), st.sampled_from([0, 0.01, 0.3])),
)
ENVIRONMENTS = [
    {}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"}, {"TERM": "dumb"}, {"TERM": ""}, {"TERM": "nonsense"}, {"NO_COLOR": "1"},
    {"PYTHONWARNINGS": "error"}, {"PYTHONUNBUFFERED": "1"}, {"COLUMNS": "x", "LINES": "-1"},
]  # fmt: skip
STEERS = re.compile("\x1b[]P_^]|[\x80-\x9f\u202a-\u202e\u2066-\u2069]")


@share(20, shrinks=False)
@given(
    TWEETS, st.lists(STEPS, max_size=30), st.sampled_from([ENTER, None, signal.SIGTERM, signal.SIGHUP]),
    st.sampled_from(ENVIRONMENTS), st.sampled_from(["nothing"] * 5 + sorted(DISK.keys() - {"huge file"})),
)  # fmt: skip
def test_a_session(tmp_path_factory, sentence, steps, end, environment, in_place_of_files) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "sound").write_bytes(b"\n+good\0\x1b]0;x\a\n+\xff\n" + bytes(range(256)) * 99)
    history, corrections = (home / "sentiment-repl" / name for name in ("history", "corrections.csv"))
    history.parent.mkdir()
    for path in (history, corrections):
        DISK[in_place_of_files](path, home / "sound")
    homes = dict.fromkeys(["HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"], str(home))
    with Terminal("--model", "article", **homes, **environment) as prompt:
        prompt.until_output("quit:")
        prompt.send(sentence)
        prompt.settle(0.05)  # a key that arrives with the text may be taken for a paste
        prompt.send(ENTER)
        prompt.until_output("quit:")
        for name, *args in [*steps, ("resize", 100, 40), ("send", CONTROL_C), ("send", "good day")]:
            if name == "signal" or args == [CONTROL_C]:
                prompt.settle()  # an answer that is being printed is an open fault, too
            encoded = [one.encode(errors="surrogatepass") if name == "send" else one for one in args]
            getattr(prompt, name)(*encoded)
            if name == "signal":
                prompt.settle(0.05)
                prompt.signal(signal.SIGCONT)
        prompt.settle()
        if end == ENTER:
            prompt.send(ENTER)
            prompt.settle()
            prompt.send(ENTER)
            assert prompt.exit_code() == 0
        elif end is None:
            assert prompt.hang_up() >= 0
        else:
            prompt.signal(end)
            assert prompt.exit_code() in (0, 130)  # 0: a step has ended it
        assert end is None or prompt.modes_are_restored()
    assert not re.search("Traceback|Unhandled|Press ENTER|never awaited", prompt.output)
    assert not STEERS.search(prompt.output)
    if in_place_of_files == "nothing":
        assert sentence in FileHistory(history).load_history_strings()
        assert history.stat().st_mode & 0o777 == 0o600
