"""Tab completion of words from the vocabulary."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

_WORD_BEFORE_CURSOR = re.compile(r"[^\W_][\w']*$")


class VocabularyCompleter(Completer):
    """Completes the word before the cursor.

    :param words: returns the words in alphabetical order; none while the model loads.
    """

    def __init__(self, words: Callable[[], Sequence[str]]) -> None:
        self._words = words

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """Yield the longer words that start with the word before the cursor."""
        match = _WORD_BEFORE_CURSOR.search(document.current_line_before_cursor)
        if match is None:
            return
        typed, words = match[0], self._words()
        prefix = typed.lower()
        match_case = str.upper if typed.isupper() and len(typed) > 1 else str
        for index in range(bisect_left(words, prefix), len(words)):
            word = words[index]
            if not word.startswith(prefix):
                return
            if len(word) > len(typed):
                rest = match_case(word[len(typed) :])
                yield Completion(typed + rest, start_position=-len(typed))
