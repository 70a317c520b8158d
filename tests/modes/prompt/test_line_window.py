from prompt_toolkit.layout import Window

from sentiment_repl.modes.prompt.line_editor import _compute_message_once


def test_a_wrapped_line_has_the_message_in_its_first_row_and_computes_it_once() -> None:
    computed: list[tuple[int, int]] = []

    def message(line: int, row: int) -> str:
        computed.append((line, row))
        return "> "

    window = Window(get_line_prefix=message)
    _compute_message_once(window)
    assert window.get_line_prefix is not None
    shown = [window.get_line_prefix(line, row) for line in range(2) for row in range(1000)]
    assert shown[0] == "> " and not any(shown[1:])
    assert computed == [(0, 0)]
