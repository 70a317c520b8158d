"""The function keys of the prompt, and the help that F1 prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit.filters import Condition
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from sentiment_repl import render
from sentiment_repl.modes.prompt.corrections import (
    append_correction,
    corrections_path,
    remove_correction,
)
from sentiment_repl.modes.prompt.live_preview import MAX_LENGTH, LivePreview
from sentiment_repl.modes.prompt.output import print_line, run_above
from sentiment_repl.modes.prompt.settings import settings_path

if TYPE_CHECKING:  # importing these brings NumPy, and the prompt is drawn before that
    from sentiment_repl.classifier import Classifier
    from sentiment_repl.prediction import Prediction

HELP = """\
  Enter       Classify the sentence. On an empty line: quit, like Ctrl-D.
  F1, Alt-h   Show this help.
  F2, Alt-i   Show each word's contribution: how much the log-odds of "positive"
              would drop without it. +1 moves 50 % to 73 %.
              On an empty line: the words of the last sentence.
  F3, Alt-p   Turn the live preview on or off. Words are coloured: blue pushes
              towards positive, orange and underlined towards negative. Bold
              pushes hard. A struck-through word is unknown and ignored.
              In the bar, - is negative, = neutral, + positive.
  F4, Alt-r   The last label was wrong: save the sentence with the right one. If
              two others are possible, F4 asks. F4 again takes it back.
  Tab         Complete a word of the vocabulary.
  Up, Ctrl-R  Find earlier sentences. Right accepts a grey suggestion.
  Ctrl-C      Discard the line.
  Without an Alt key: press Esc, then at once the letter (not with vi keys).
  For vi keys, or a start without live preview: {settings}"""
"""What F1 prints, when the place of the settings is filled in."""

_ALT_KEYS = {"h": Keys.F1, "i": Keys.F2, "p": Keys.F3, "r": Keys.F4}

_MAX_SHOWN = 60  # characters of a saved sentence
_LABEL_KEYS = {"negative": "n", "neutral": "u", "positive": "p"}
_OTHER_LABEL_KEYS = "123456789"  # the place of a label of another name


def add_alt_keys() -> None:
    """Let Alt and a letter stand for a function key, which some terminals keep for themselves.

    A terminal sends Escape and the letter. The parser of the input decides, not a key binding:
    Escape alone has a meaning of its own among the vi keys.
    """
    for letter, key in _ALT_KEYS.items():
        ANSI_SEQUENCES[f"\x1b{letter}"] = key


class _Correction(NamedTuple):
    """A row of the corrections file."""

    label: str
    text: str


class FunctionKeys:
    """What F1 to F4 do. They print above the prompt, and F4 may ask in the toolbar.

    :param classifier: returns the classifier; waits until it is loaded.
    """

    def __init__(self, classifier: Callable[[], Classifier], preview: LivePreview) -> None:
        self.last: Prediction | None = None
        """The last prediction that has a label."""
        self.question: dict[str, str] = {}
        """The keys that answer the question of F4, each with its label; empty if it is not open."""
        self._classifier = classifier
        self._preview = preview
        self._answers: dict[str, str] = {}  # for the key that is being handled
        self._saved: _Correction | None = None

    def bindings(self) -> KeyBindings:
        """Return the key bindings. ``before_key`` has to be called before each key."""
        bindings = KeyBindings()

        def bind(key: str, action: Callable[[str], None]) -> None:
            @bindings.add(key)
            def _(event: KeyPressEvent) -> None:
                line = event.current_buffer.document.current_line
                run_above(lambda: action(line))

        bind("f1", lambda line: print_line(HELP.format(settings=_settings_place())))
        bind("f2", self.explain)
        bind("f3", self.toggle_preview)

        @bindings.add("f4")
        def _(event: KeyPressEvent) -> None:
            _print_later(self.correct())

        self._bind_answers(bindings)
        return bindings

    def _bind_answers(self, bindings: KeyBindings) -> None:
        def bind(key: str) -> None:
            @bindings.add(key, filter=Condition(lambda: key in self._answers), eager=True)
            def _(event: KeyPressEvent) -> None:
                _print_later(self.save(self._answers[key]))

        for key in (*_LABEL_KEYS.values(), *_OTHER_LABEL_KEYS):
            bind(key)
        # Any other key cancels and does what it always does. These would quit or lose the line.
        for key in ("escape", "enter", "c-c", "c-d", "f4"):
            asked = Condition(lambda: bool(self._answers))
            bindings.add(key, filter=asked, eager=True)(lambda event: None)

    def before_key(self, _: object = None) -> None:
        """Let the next key, and no later one, answer an open question."""
        self._answers, self.question = self.question, {}

    def explain(self, line: str) -> None:
        """Print the contributions of a line; of the last sentence if the line is empty."""
        sentence = line if line.strip() else self.last.text if self.last else ""
        if not sentence:
            print("Type a sentence first. F2 shows the contribution of each word.")
        elif len(sentence) > MAX_LENGTH:
            print("This sentence is too long for F2. Use: sentiment-repl --explain")
        else:
            prediction = self._classifier().classify(sentence, explain=True)
            unlabelled = prediction.label is None
            print_line(render.CANNOT_TELL if unlabelled else render.explanation(prediction))

    def toggle_preview(self, line: str) -> None:
        """Turn the live preview on or off."""
        self._preview.enabled = not self._preview.enabled
        self._preview.request(line)

    def correct(self) -> str:
        """Handle F4: save the last sentence with another label, ask for it, or take it back.

        :return: what to print; empty if a question is open.
        """
        if self.last is None:
            return "There is no label to correct yet."
        if self._saved is not None and self._saved.text == self.last.text:
            return self._take_back(self._saved)
        choices = {
            _LABEL_KEYS.get(label, str(place)): label
            for place, label in enumerate(self.last.probabilities or (), start=1)
            if label != self.last.label
        }
        if len(choices) == 1:
            return self.save(*choices.values())
        self.question = choices
        return ""

    def save(self, label: str) -> str:
        """Save the last sentence with a label, as training data. Return what to print."""
        assert self.last is not None
        correction = _Correction(label, self.last.text)
        path: Path | str = "corrections.csv"
        try:
            path = corrections_path()
            append_correction(path, *correction)
        except OSError as error:
            return f"{_shown(path)}: the correction can't be saved: {error.strerror or error}"
        self._saved = correction
        return (
            f"Saved as {label}: {_shown(correction.text, _MAX_SHOWN)}\n"
            f"To train on it, add this file to --data: {_shown(path)}"
        )

    def _take_back(self, correction: _Correction) -> str:
        path: Path | str = "corrections.csv"
        try:
            path = corrections_path()
            removed = remove_correction(path, *correction)
        except OSError as error:
            return f"{_shown(path)}: the correction can't be removed: {error.strerror or error}"
        self._saved = None
        if not removed:
            return f"{_shown(path)}: the correction is no longer in this file"
        return f"No longer saved as {correction.label}: {_shown(correction.text, _MAX_SHOWN)}"


def _settings_place() -> str:
    try:
        return f"write keys = vi or preview = off to\n  {_shown(settings_path())}"
    except OSError:  # no home directory
        return "see --help"


def _shown(text: object, most: int | None = None) -> str:
    """Return a text that is safe to print, shortened to a number of characters."""
    whole = str(text)
    return render.escape(whole if most is None or len(whole) <= most else f"{whole[:most]}...")


def _print_later(message: str) -> None:
    """Print a message above the prompt when the key has been handled."""
    if message:
        run_above(lambda: print_line(message))
