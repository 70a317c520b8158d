"""Sessions at the prompt: keys, pastes, resizes and signals in any order, in any environment."""

import re
import signal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.history import FileHistory

from tests.fuzz.conftest import share
from tests.fuzz.models import DISK
from tests.fuzz.strategies import SPECIAL, TEXTS, TWEETS
from tests.modes.prompt.conftest import Type, classifier, executor, type_keys  # noqa: F401
from tests.terminal.driver import CONTROL_C, ENTER, Terminal, paste

pytestmark = pytest.mark.slow
KEYS = st.from_regex(
    r"[\x01-\x1b\x7f]|\x1b[b-y<>.#\x7f]|\x1bO[P-S]|\x1b\[([A-Z]|[2-6]~|1;[256][A-D])",
    fullmatch=True,
)
TYPED = st.lists(
    KEYS | st.characters(codec="utf-8") | st.sampled_from([paste("good\n\nbad"), "good ", "\x18r"]),
    max_size=40,
)
STEPS = st.one_of(
    st.tuples(st.just("send"), KEYS | TWEETS | SPECIAL),
    st.tuples(st.just("send"), TEXTS.map(paste)),
    st.tuples(st.just("resize"), st.integers(1, 200), st.integers(1, 60)),
    st.tuples(st.just("signal"), st.sampled_from([signal.SIGINT, signal.SIGTSTP, signal.SIGSTOP])),
    st.tuples(st.just("settle"), st.sampled_from([0, 0.01, 0.3])),
)
LAST_STEPS = [("resize", 100, 40), ("send", CONTROL_C), ("send", "good day"), ("settle", 0.3)]
ENDS = st.sampled_from([ENTER, None, signal.SIGTERM, signal.SIGHUP])
DUMB = {"TERM": "dumb"}
OBEYED = dict.fromkeys(b"\x13\x1a\x1c")  # a dumb terminal obeys Ctrl-S, Ctrl-Z and Ctrl-\ itself
ENVIRONMENTS = st.sampled_from([
    {}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, DUMB,
    {"SENTIMENT_REPL_KEYS": "vi"}, {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"}, {"PYTHONWARNINGS": "error"}, {"PYTHONUNBUFFERED": "1"},
    {"NO_COLOR": "1"}, {"TERM": ""}, {"TERM": "nonsense"},
    {"COLUMNS": "x", "LINES": "-1"},
])  # fmt: skip
IN_PLACE_OF_FILES = st.sampled_from([*["nothing"] * 9, *sorted(DISK.keys() - {"huge file"})])
STEERS = re.compile("\x1b[]P_^]|[\x80-\x9f\u202a-\u202e\u2066-\u2069]")


def play(prompt: Terminal, name: str, *args: Any) -> None:
    prompt.settle(0.05)  # while F1 prints, the terminal itself shows what is typed
    if name == "send":
        args = (args[0].encode(errors="surrogatepass"),)
    getattr(prompt, name)(*args)
    if name == "signal":
        prompt.settle(0.05)
        prompt.signal(signal.SIGCONT)


@share(4)
@given(TYPED, st.sampled_from(["emacs", "vi"]))
def test_no_sequence_of_keys_ends_in_an_error(
    type_keys: Type,  # noqa: F811
    typed: list[str],
    keys: str,
) -> None:
    type_keys("".join(typed), keys=keys)


@share(40)
@given(
    TWEETS.filter(str.isascii), st.lists(STEPS, max_size=30), ENDS, ENVIRONMENTS, IN_PLACE_OF_FILES
)
def test_a_session(tmp_path_factory, sentence, steps, end, environment, kind) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "sound").write_bytes(b"\n+good\0\x1b]0;x\a\n+\xff\n" + bytes(range(256)) * 99)
    (home / "sentiment-repl").mkdir()
    history = home / "sentiment-repl" / "history"
    for path in (history, history.with_name("corrections.csv")):
        DISK[kind](path, home / "sound")
    homes = dict.fromkeys(["HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"], str(home))
    with Terminal("--model", "article", **homes, **environment) as prompt:
        prompt.until_output("quit:")
        play(prompt, "send", sentence)
        play(prompt, "send", ENTER)  # with the text, it may be taken for a paste
        prompt.until_output("sentiment;")
        for name, *arguments in [*steps, *LAST_STEPS]:
            if environment == DUMB and name == "send":
                arguments = [arguments[0].translate(OBEYED)]
            play(prompt, name, *arguments)
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
    if environment != DUMB:  # it shows what is typed itself
        assert not STEERS.search(prompt.output)
    if kind == "nothing":
        assert sentence in FileHistory(history).load_history_strings()
        assert history.stat().st_mode & 0o777 == 0o600
