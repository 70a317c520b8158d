"""Completes a word from the dictionary, the most frequent first."""

from collections.abc import Callable, Iterator, Mapping

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

_OFFERED = 12


class DictionaryCompleter(Completer):
    """The words of the dictionary that begin as the word before the cursor does.

    :param words: brings the dictionary, in the order of frequency; None while it loads.
    """

    def __init__(self, words: Callable[[], Mapping[str, int] | None]) -> None:
        self._words = words

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """As prompt_toolkit asks for it."""
        begun = document.get_word_before_cursor(WORD=True)
        words = self._words()
        if not begun or words is None:
            return
        found = 0
        for word in words:
            if word.startswith(begun.lower()) and len(word) > len(begun):
                yield Completion(begun + word[len(begun) :], start_position=-len(begun))
                found += 1
                if found == _OFFERED:
                    return
