"""Colours the words of the sentence that is being typed."""

from collections.abc import Callable, Hashable

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from sentiment_repl.modes.prompt.live import LiveReading, Span


class EffectLexer(Lexer):
    """A style for each word by how it moves the answer, as far as that is known.

    Until the newest text has been read, the words of the line at the cursor that have not
    moved keep the styles that they had.
    """

    def __init__(self, live: LiveReading) -> None:
        self._live = live
        self._last: list[tuple[Span, str]] = []  # of the line at the cursor, with the words

    def invalidation_hash(self) -> Hashable:
        """Changes when the same text is to be coloured anew."""
        return self._live.version, self._live.enabled

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """A function from the number of a line to its pieces with their styles."""

        def get_line(number: int) -> StyleAndTextTuples:
            line = document.lines[number]
            return _styled(line, self._spans(line, number == document.cursor_position_row))

        return get_line

    def _spans(self, line: str, at_cursor: bool) -> list[Span]:
        look = self._live.look(line) if self._live.enabled else None
        spans = look.spans if look and look.complete else []
        if at_cursor:
            if self._live.enabled and line and not (look and look.complete):
                spans = [span for span, word in self._last if line[span[0] : span[1]] == word]
            else:
                self._last = [(span, line[span[0] : span[1]]) for span in spans]
        return spans


def _styled(line: str, spans: list[Span]) -> StyleAndTextTuples:
    pieces: StyleAndTextTuples = []
    done = 0
    for start, end, style in spans:
        if start >= done:  # the two halves of "&lt;3" share one place
            pieces += [("", line[done:start]), (style, line[start:end])]
            done = end
    return [*pieces, ("", line[done:])]
