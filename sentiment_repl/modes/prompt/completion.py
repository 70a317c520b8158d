"""Completes a word from the dictionary."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

_WORD = re.compile(r"[^\W_][\w']*$")


class DictionaryCompleter(Completer):
    """The words of the dictionary that begin as the word before the cursor does.

    :param words: brings the words in the order of the alphabet; none while they load.
    """

    def __init__(self, words: Callable[[], Sequence[str]]) -> None:
        self._words = words

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """As prompt_toolkit asks for it."""
        match = _WORD.search(document.current_line_before_cursor)
        if match is None:
            return
        begun, words = match[0], self._words()
        rest = str.upper if begun.isupper() and len(begun) > 1 else str
        for place in range(bisect_left(words, begun.lower()), len(words)):
            word = words[place]
            if not word.startswith(begun.lower()):
                return
            if len(word) > len(begun):
                yield Completion(begun + rest(word[len(begun) :]), start_position=-len(begun))
