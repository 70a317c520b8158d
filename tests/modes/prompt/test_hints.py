import pytest

from sentiment_repl.modes.prompt.hints import QUIT_HINT, hint_for


@pytest.mark.parametrize("word", ["exit", "quit", ":q", " Quit ", "exit()", ":wq"])
def test_words_for_leaving(word: str) -> None:
    assert hint_for(word, "help hint") == QUIT_HINT


@pytest.mark.parametrize("word", ["help", "?", "HELP", ":help"])
def test_words_for_help(word: str) -> None:
    assert hint_for(word, "help hint") == "help hint"


@pytest.mark.parametrize("entry", ["I quit", "help me", "??", ":)", "exit\nhelp", "quit!"])
def test_sentences_with_these_words_are_sentences(entry: str) -> None:
    assert hint_for(entry, "help hint") == ""
