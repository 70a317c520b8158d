from sentiment_repl.modes.prompt.colours import STYLE, label_style


def test_a_label_of_any_name_has_a_style() -> None:
    for label in ("positive", "negative", "neutral"):
        assert STYLE.get_attrs_for_style_str(label_style(label)).color
    assert not STYLE.get_attrs_for_style_str(label_style("so so bg:red")).bgcolor
