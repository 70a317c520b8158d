"""Colours the words of the sentence that is being typed."""

from collections.abc import Callable, Hashable

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from sentiment_repl.interactive.live import LiveReading, Span


class EffectLexer(Lexer):
    """A style for each word by how it moves the answer, as far as that is known.

    Until the newest text has been read, its words keep the colours that they had.
    """

    def __init__(self, live: LiveReading) -> None:
        self._live = live
        self._last: list[tuple[str, str]] = []  # words and styles of the line read last
        self._places: list[Span] = []

    def invalidation_hash(self) -> Hashable:
        """Changes when the same text is to be coloured anew."""
        return self._live.version, self._live.enabled

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """A function from the number of a line to its pieces with their styles."""

        def get_line(number: int) -> StyleAndTextTuples:
            line = document.lines[number]
            if not self._live.enabled:
                return [("", line)]
            look = self._live.look(line)
            if look and look.prediction.word_effects is not None:
                spans = look.spans
                if number == document.cursor_position_row:
                    self._places = spans
                    self._last = [(line[start:end], style) for start, end, style in spans]
            else:
                spans = [
                    (start, end, style)
                    for (start, end, style), (word, _) in zip(self._places, self._last)
                    if line[start:end] == word
                ]
            return _styled(line, spans)

        return get_line


def _styled(line: str, spans: list[Span]) -> StyleAndTextTuples:
    pieces: StyleAndTextTuples = []
    done = 0
    for start, end, style in spans:
        if start >= done:  # the two halves of "&lt;3" share one place
            pieces += [("", line[done:start]), (style, line[start:end])]
            done = end
    return [*pieces, ("", line[done:])]
