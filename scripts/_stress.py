"""What the parts of stress.py share: a way to try a case, and the counts.

Needs a system with fork.
"""

import os
import pickle
import random
import resource
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy comes, as in cli.py

SURVIVED, REFUSED = "survived", "refused"

_MOST_MEMORY = 500 * 2**20  # bytes that a case may take, all of the program included
_ROOM = 3 * 2**30  # of addresses, most of them never used; past it the machine is in danger
_SECONDS = 120  # of waiting, or of work


class Wrong(Exception):
    """What a case must not do."""


def check(holds: object, what: object) -> None:
    """Fail the case unless something holds."""
    if not holds:
        raise Wrong(what)


class Report:
    """Tries cases and counts what became of them.

    :param name: the part of stress.py, to say how a failure is repeated.
    :param start: the number of the first case; the same seed and number are the same case.
    :param apart: whether each case has a process of its own; those that start programs need none.
    """

    def __init__(self, name: str, seed: int, start: int = 0, apart: bool = True) -> None:
        self._name, self._seed, self.number, self._is_apart = name, seed, start, apart
        self._outcomes: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._failures: list[str] = []
        self._peak = 0

    def random(self) -> random.Random:
        """The random numbers of the case that comes next."""
        return random.Random(f"{self._seed} {self.number}")

    def run(self, kind: str, case: Callable[[], str | None], inputs: int = 1) -> None:
        """Try a case.

        :param case: returns ``REFUSED``, or ``SURVIVED`` or nothing; what it raises is a failure.
        :param inputs: how many inputs it holds.
        """
        outcome, peak = _apart(case) if self._is_apart else (_outcome(case), 0)
        if outcome in (SURVIVED, REFUSED) and peak > _MOST_MEMORY:
            outcome = f"took {peak >> 20} MB"
        self._kinds[kind] += inputs
        self._peak = max(self._peak, peak)
        if outcome in (SURVIVED, REFUSED):
            self._outcomes[outcome] += inputs
        else:
            self._failures.append(
                f"{kind}: {outcome.strip()} (repeat it: stress.py {self._name} "
                f"--seed {self._seed} --start {self.number} --count 1)"
            )
            print(self._failures[-1], file=sys.stderr, flush=True)
        self.number += 1

    def figures(self) -> dict[str, Any]:
        """The counts, and a line for each case that failed."""
        memory = {"peak_mb": self._peak >> 20} if self._is_apart else {}
        return {
            "tried": self._kinds.total(),
            "survived": self._outcomes[SURVIVED],
            "refused": self._outcomes[REFUSED],
            "kinds": dict(sorted(self._kinds.items())),
            **memory,
            "failures": self._failures,
        }


def _outcome(case: Callable[[], str | None]) -> str:
    """What a case returns, or what is wrong with it."""
    try:
        return case() or SURVIVED
    except Wrong as error:
        return f"{error}"
    except KeyboardInterrupt:
        raise
    except BaseException:
        return traceback.format_exc()


def _apart(case: Callable[[], str | None]) -> tuple[str, int]:
    """The outcome of a case in a process of its own, and the bytes that it took."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (_ROOM, _ROOM))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(_SECONDS)
        try:
            os.write(writing, pickle.dumps(_outcome(case)[-4000:]))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status, usage = os.wait4(child, 0)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if not answer:
        number = os.WTERMSIG(status)
        what = "hung" if number in (signal.SIGALRM, signal.SIGXCPU) else "died"
        return f"{what} (signal {number})", peak
    return pickle.loads(answer), peak


@contextmanager
def captured() -> Iterator[Callable[[], tuple[bytes, bytes]]]:
    """Take what is written to the standard output and error, by whomever, inside the block."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush()
        sys.stderr.flush()
        kept = os.dup(1), os.dup(2)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)

        def written() -> tuple[bytes, bytes]:
            sys.stdout.flush()
            sys.stderr.flush()
            out.seek(0)
            err.seek(0)
            return out.read(), err.read()

        try:
            yield written
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, descriptor in enumerate(kept, start=1):
                os.dup2(descriptor, number)
                os.close(descriptor)


def one_sentence(err: bytes) -> str:
    """The only line of a standard error, which must be one that a person can read."""
    text = err.decode()
    check("Traceback" not in text and "Warning:" not in text, text)
    check(text.count("\n") == 1 and text.endswith("\n"), f"not one line: {text[:2000]!r}")
    check(text.startswith("sentiment-repl: ") and len(text) < 800, f"no sentence: {text[:2000]!r}")
    check(text[:-1].isprintable(), f"drives the terminal: {text!r}")
    return text


def some(rng: random.Random, choices: Sequence[Any], most: int = 4) -> list[Any]:
    """One to ``most`` of the choices."""
    return [rng.choice(choices) for _ in range(rng.randint(1, most))]
