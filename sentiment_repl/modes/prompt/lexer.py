"""Colours each word of the line by its contribution."""

from collections.abc import Callable, Hashable

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from sentiment_repl.modes.prompt.live_preview import LivePreview, StyledSpan


class ContributionLexer(Lexer):
    """Styles words as the live preview says.

    While the preview of a changed line is computed, words that have not moved keep their style.
    """

    def __init__(self, preview: LivePreview) -> None:
        self._preview = preview
        # The styled spans of the line at the cursor, each with its word.
        self._last: list[tuple[StyledSpan, str]] = []

    def invalidation_hash(self) -> Hashable:
        """Return a value that changes when the same text needs other styles."""
        return self._preview.version, self._preview.enabled

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Return a function from a line number to the styled fragments of that line."""

        def get_line(number: int) -> StyleAndTextTuples:
            line = document.lines[number]
            if number == document.cursor_position_row:
                return _to_fragments(line, self._spans_at_cursor(line))
            return _to_fragments(line, self._complete_spans(line) or [])

        return get_line

    def _complete_spans(self, line: str) -> list[StyledSpan] | None:
        preview = self._preview.get(line) if self._preview.enabled else None
        return preview.spans if preview is not None and preview.complete else None

    def _spans_at_cursor(self, line: str) -> list[StyledSpan]:
        spans = self._complete_spans(line)
        if spans is None and self._preview.enabled and line:
            return [span for span, word in self._last if line[span[0] : span[1]] == word]
        self._last = [(span, line[span[0] : span[1]]) for span in spans or []]
        return spans or []


def _to_fragments(line: str, spans: list[StyledSpan]) -> StyleAndTextTuples:
    fragments: StyleAndTextTuples = []
    done = 0
    for start, end, style in spans:
        if start >= done:  # the two halves of "&lt;3" have the same place
            fragments += [("", line[done:start]), (style, line[start:end])]
            done = end
    return [*fragments, ("", line[done:])]
