from prompt_toolkit.document import Document

from sentiment_repl.modes.prompt.colours import UNKNOWN_WORD
from sentiment_repl.modes.prompt.lexer import ContributionLexer
from tests.modes.prompt.conftest import Compute

GOOD = ("class:word.positive class:word.strong", "good")
BAD = ("class:word.negative class:word.strong", "bad")


def styled(lexer: ContributionLexer, text: str, line: int = 0) -> list[tuple[str, str]]:
    fragments = [fragment[:2] for fragment in lexer.lex_document(Document(text))(line)]
    assert "".join(word for _, word in fragments) == text.split("\n")[line]
    return [fragment for fragment in fragments if fragment[0]]


def test_words_are_styled_by_their_contribution(compute: Compute) -> None:
    lexer = ContributionLexer(compute(""))
    before = lexer.invalidation_hash()
    compute("good day, bad zebra")
    assert lexer.invalidation_hash() != before
    assert styled(lexer, "good day, bad zebra") == [GOOD, BAD, (UNKNOWN_WORD, "zebra")]


def test_unmoved_words_keep_their_style_until_the_new_preview(compute: Compute) -> None:
    lexer = ContributionLexer(compute("good bad"))
    assert styled(lexer, "good bad") == [GOOD, BAD]
    assert styled(lexer, "good ba") == [GOOD]
    assert styled(lexer, "xgood bad") == []
    assert styled(lexer, "") == []
    assert styled(lexer, "good day") == []  # a new sentence


def test_each_line_of_a_paste_has_its_own_styles(compute: Compute) -> None:
    lexer = ContributionLexer(compute("good bad"))
    assert styled(lexer, "good day\ngood bad", line=1) == [GOOD, BAD]
    assert styled(lexer, "good day\ngood bad", line=0) == []
