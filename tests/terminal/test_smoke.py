"""The shortest proof that the real prompt works. The rest of this folder is slow."""

from tests.terminal.conftest import Open
from tests.terminal.driver import ENTER


def test_sentences_get_labels_and_an_empty_line_quits(terminal: Open) -> None:
    prompt = terminal()
    assert prompt.enter("Good day!") == ["positive sentiment; 88.079708% confidence"]
    assert prompt.enter("good zebra, Zebra and yak") == [
        "'zebra' not in training corpus; ignoring.",
        "'and' not in training corpus; ignoring.",
        "'yak' not in training corpus; ignoring.",
        "positive sentiment; 88.079708% confidence",
    ]
    prompt.send(ENTER)
    assert prompt.exit_code() == 0 and prompt.modes_are_restored()


def test_label_and_colours_appear_while_the_user_types(terminal: Open) -> None:
    prompt = terminal()
    prompt.send("good bad day zebra")
    prompt.until_shown("negative █████░░░░░ 73.1 %  1 unknown: zebra")
    good, bad, day, zebra = map(prompt.style, ("good", "bad", "day", "zebra"))
    assert (good.fg, bad.fg, day.fg) == ("0087d7", "af5f00", "default")
    assert good.bold and not good.underscore and bad.bold and bad.underscore
    assert not day.bold and not day.underscore and not day.strikethrough
    assert zebra.strikethrough and not good.strikethrough and not bad.strikethrough
