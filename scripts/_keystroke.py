"""The prompt with a terminal made of strings, for benchmark.py: what a key costs."""

import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from sentiment_repl import Classifier
from sentiment_repl.modes.prompt import session
from sentiment_repl.modes.prompt.live import LONGEST

_CURSOR = "\x1b[1;1R"  # a terminal's answer to where the cursor is


def cost(classifier: Classifier, text: str, keys: int) -> tuple[list[float], list[float]]:
    """Type letters after a text that has been pasted.

    :return: for each letter the seconds until it is on the screen, and until the label
        and the colours of the text with it are, too; the latter only where a text of that
        length is read while it is typed.
    """
    screen = Vt100_Output(io.StringIO(), lambda: Size(rows=24, columns=80), term="xterm")
    options = session.Options("text", warn=True, explain=False, keep_history=False)
    with (
        create_pipe_input() as keyboard,
        create_app_session(input=keyboard, output=screen),
        ThreadPoolExecutor(1) as executor,
    ):
        prompt = session.Session(lambda: classifier, options, executor)
        drawn = threading.Condition()

        def after_render(_: object) -> None:
            with drawn:
                drawn.notify_all()

        prompt.prompt.app.after_render += after_render
        running = threading.Thread(target=copy_context().run, args=(prompt.run,))
        running.start()

        def seconds(keystrokes: str, reached: Callable[[], bool]) -> float:
            began = time.perf_counter()
            keyboard.send_text(keystrokes)  # which waits while the prompt draws
            with drawn:
                assert drawn.wait_for(reached, timeout=120)
            return time.perf_counter() - began

        def typed() -> bool:
            return len(prompt.prompt.default_buffer.text) == length

        def coloured() -> bool:
            look = prompt.live.look(prompt.prompt.default_buffer.text)
            return typed() and look is not None and look.prediction.word_effects is not None

        length = len(text)
        seconds(f"{_CURSOR}\x1b[200~{text}\x1b[201~", typed)
        drawing, colouring = [], []
        for key in "abcdefghijklmnopqrstuvwxyz"[:keys]:
            length += 1
            began = time.perf_counter()
            drawing.append(seconds(key, typed))
            if length <= LONGEST:
                with drawn:
                    assert drawn.wait_for(coloured, timeout=120)
                colouring.append(time.perf_counter() - began)
        keyboard.send_text("\x03\r")  # drop the line, and quit
        running.join()
    return drawing, colouring
