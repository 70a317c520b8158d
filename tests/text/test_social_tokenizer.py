import pytest

from sentiment_repl.text.social_tokenizer import (
    Token,
    emoji_words,
    normalize,
    split_surfaces_with_offsets,
    tokenize,
)
from sentiment_repl.text.vocabulary import ELONGATED, UPPERCASE


def words(text: str) -> list[str]:
    return [token.word for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I LOVE it!", ["i", "love", "it", "!"]),
        ("well,well...well", ["well", ",", "well", "...", "well"]),
        ("@bob_s http://x.y/z?a=b #win www.a.com", ["<user>", "<url>", "#win", "<url>"]),
        ("HTTP://X.COM Http://a https://localhost", ["<url>"] * 3),
        ("foo(): bar 「日本」", ["foo", "(", ")", ":", "bar", "「", "日本", "」"]),
        ("USER said URL", ["<user>", "said", "<url>"]),
        ("tom &amp; jerry &lt;3 &quot;hi&quot;", ["tom", "&", "jerry", "<3", '"', "hi", '"']),
        ("don’t “stop”", ["don't", '"', "stop", '"']),
        ("don´t donʼt don′t don`t", ["don't"] * 4),
        ("1\ufe0f\u20e3 self‑made", ["1", "self", "-", "made"]),
        ("తెలుగు မြန်မာ", ["తెలుగు", "မြန်မာ"]),
        ("gr8 b4 3pm 10:30", ["gr8", "b4", "3pm", "10", ":", "30"]),
        ("12 123 1234 123456", ["12", "000", "0000", "0000"]),
        ("naïve cafe\u0301 ﬁne", ["naïve", "café", "fine"]),
        ("हिन्दी سلام 日本", ["हिन्दी", "سلام", "日本"]),
        ("\u202e\x1b[31m\x00", ["[", "31m"]),
        ("", []),
        ("  \n\t\u00a0", []),
    ],
)
def test_forms_that_mean_the_same_become_the_same_token(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("faces", "expected"),
    [
        (":) :-) =) :] (: [= :o) :)))", ":)"),
        (":( :-( =( :[ ): :(((", ":("),
        (":D :-D =D xD XDD :DDD", ":D"),
        (";) ;-) ;]", ";)"),
        (":p :-P =p", ":P"),
        (":'( :'-(", ":'("),
        ("<3 <33", "<3"),
        ("</3", "</3"),
    ],
)
def test_emoticons_of_a_kind_become_one_token(faces: str, expected: str) -> None:
    assert set(words(faces)) == {expected}


@pytest.mark.parametrize(
    ("emoji", "expected"),
    [
        ("😀😂🤣😁", ":D"),
        ("😊😍🙂☺😄", ":)"),
        ("❤💕💙😘", "<3"),
        ("😢😭😡☹😞", ":("),
        ("💔", "</3"),
    ],
)
def test_emoji_of_a_kind_have_one_plainer_form(emoji: str, expected: str) -> None:
    assert [emoji_words(char) for char in emoji] == [[expected]] * len(emoji)


@pytest.mark.parametrize(
    ("hashtag", "expected"),
    [
        ("#WorstDayEver", ["#worst", "#day", "#ever"]),
        ("#worstdayever", ["#worstdayever"]),
        ("#NBAFinals #iPhone5", ["#nba", "#finals", "#iphone5"]),
        ("#ILoveYou #Top10Songs", ["#i", "#love", "#you", "#top10", "#songs"]),
        ("#2012Olympics #2012", ["0000", "#olympics", "0000"]),
        ("#so_GOOD! #DON'T", ["#so", "#good", "!", "#don't"]),
        ("#ÉtéIndien", ["#été", "#indien"]),
        ("# C# ## #_", ["c"]),
    ],
)
def test_a_hashtag_is_split_where_its_case_changes(hashtag: str, expected: list[str]) -> None:
    assert words(hashtag) == expected


def test_each_word_of_a_hashtag_has_its_own_features() -> None:
    assert tokenize("#NBASoooooGood") == [
        Token("#nba", UPPERCASE),
        Token("#soo", ELONGATED),
        Token("#good", 0),
    ]


def test_a_shortcode_reads_as_its_emoji() -> None:
    assert words(":joy: :heart: :+1: :thumbsup: :sob::fire:") == [*"😂❤👍👍😭🔥"]
    assert words(":face_with_tears_of_joy:") == ["😂"]
    for text in ("10:30:45", "9:100:30", "a :word: b", ":comma: :space: :null:", "re:Joy:"):
        assert normalize(text) == text


def test_a_shortcode_and_a_hashtag_keep_their_places() -> None:
    text = "R&amp;B good:joy:!! #BestDay"
    places = split_surfaces_with_offsets(text)
    assert [text[start:end] for _, start, end in places] == [
        "R", "&amp;", "B", "good", ":joy:", "!!", "#BestDay",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["\ufffd", "\ufffc", "👍🏽"[1], "\ufe0f", "#", "🇦🇹"])
def test_a_character_that_says_nothing_has_no_token(text: str) -> None:
    assert words(f"a{text} b") == ["a", "b"]


@pytest.mark.parametrize("text", ["None", " NaN\n", "nan", "NULL", "null", "N/A", "n/a", "<NA>"])
def test_a_missing_value_has_no_tokens_unless_it_is_part_of_a_text(text: str) -> None:
    assert tokenize(text) == list(split_surfaces_with_offsets(text)) == []
    assert tokenize(f"{text} good")[:-1]


@pytest.mark.parametrize(
    "text", ["(" * 200_000, "[:" * 100_000, ":" * 200_000, "a\u0315\u0300" * 50_000,
             "a" + "\u0315\u0300" * 100_000, "a'" * 100_000, "-_" * 100_000, "d:" * 100_000,
             "#" + "aB1_" * 50_000, "#" + "ab" * 100_000, ":ab" * 100_000],
)  # fmt: skip
def test_time_is_linear_in_the_length_of_a_text(text: str) -> None:
    """A pattern that restarts at every character would take minutes."""
    tokenize(text)


def test_an_emoji_is_a_token_and_its_plainer_form_may_be_the_words_of_its_name() -> None:
    assert words("🎂 👍🏽 ❤️") == ["🎂", "👍", "❤"]
    assert emoji_words("👍") == ["thumbs", "up"]
    assert emoji_words("🐳") == ["spouting", "whale"]  # not POUTING


@pytest.mark.parametrize(
    "text", ["re:Do", "(a):", "https:", "8:30pm", "a:b", "foo(bar)", "to do: x", "p; q",
             "(so!): ok", "10:3", "x=3", ">=3", "<300", "<3.5", "c:\\dir", "x://y", ":$5",
             "via:@bob", "a:*b*"],
)  # fmt: skip
def test_punctuation_in_times_and_code_is_not_an_emoticon(text: str) -> None:
    faces = {":)", ":(", ":D", ":P", ":O", ":/", ":S", ":3", "<3", ":$", ":@", ":*", ";)"}
    assert not faces & set(words(text))


def test_casing_and_elongation_are_kept_as_features() -> None:
    assert tokenize("so SO sooo SOOOO I") == [
        Token("so", 0),
        Token("so", UPPERCASE),
        Token("soo", ELONGATED),
        Token("soo", UPPERCASE + ELONGATED),
        Token("i", 0),
    ]


def test_runs_of_punctuation_are_shortened() -> None:
    assert words("no!!!!!! no!! wait....... what??????") == [
        "no", "!!!", "no", "!!", "wait", "...", "what", "???",
    ]  # fmt: skip


def test_the_fast_ascii_pattern_gives_the_same_tokens(tweets: list[tuple[int, str]]) -> None:
    for _, text in tweets:
        if text.isascii():
            assert tokenize(text) == tokenize(f"{text} é")[:-1]


@pytest.mark.parametrize("entity", ["&#" + "9" * 5000 + ";", "&#" + "0" * 5000 + "65;"])
def test_an_entity_of_thousands_of_digits_is_decoded(entity: str) -> None:
    character = normalize(entity)
    assert character == ("A" if "65" in entity else "\N{REPLACEMENT CHARACTER}")
    assert words(f"good {entity} day")[-1] == "day"


@pytest.mark.parametrize(
    "marks", ["\u1dc0\u1dce", "\u20d0\u20d3", "\uff9e\u0301", "\U0001d165\u0300"]
)
def test_a_letter_keeps_at_most_eight_combining_marks(marks: str) -> None:
    assert len(normalize("a" + marks * 1000)) < 20
    assert normalize("cafe" + "\u0301") == "caf\xe9"
