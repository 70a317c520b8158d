"""The function keys of the prompt, and the help that F1 prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from sentiment_repl import render
from sentiment_repl.modes.prompt.corrections import append_correction, corrections_path
from sentiment_repl.modes.prompt.live_preview import MAX_LENGTH, LivePreview
from sentiment_repl.modes.prompt.output import print_line, print_warning

if TYPE_CHECKING:  # importing these brings NumPy, and the prompt is drawn before that
    from sentiment_repl.classifier import Classifier
    from sentiment_repl.prediction import Prediction

HELP = """\
  Enter       Classify the sentence. On an empty line: quit, like Ctrl-D.
  F1          Show this help.
  F2          Show each word's contribution: how much the log-odds of "positive"
              would drop without it. +1 moves 50 % to 73 %.
              On an empty line: the words of the last sentence.
  F3          Turn the live preview on or off. Words are coloured: blue pushes
              towards positive, orange and underlined towards negative. Bold
              pushes hard. A struck-through word is unknown and ignored.
  F4          The last label was wrong: save the sentence with the other label.
  Tab         Complete a word of the vocabulary.
  Up, Ctrl-R  Find earlier sentences. Right accepts a grey suggestion.
  Ctrl-C      Discard the line."""

_MAX_SHOWN = 60  # characters of a saved sentence


class FunctionKeys:
    """What F1 to F4 do. All of them print above the prompt.

    :param classifier: returns the classifier; waits until it is loaded.
    """

    def __init__(self, classifier: Callable[[], Classifier], preview: LivePreview) -> None:
        self.last: Prediction | None = None
        """The last prediction that has a label."""
        self._classifier = classifier
        self._preview = preview
        self._saved = ""

    def bindings(self) -> KeyBindings:
        """Return the key bindings. Each action gets the line at the cursor."""
        bindings = KeyBindings()

        def bind(key: str, action: Callable[[str], None]) -> None:
            @bindings.add(key)
            def _(event: KeyPressEvent) -> None:
                line = event.current_buffer.document.current_line
                run_in_terminal(lambda: action(line))

        bind("f1", lambda line: print(HELP))
        bind("f2", self.explain)
        bind("f3", self.toggle_preview)
        bind("f4", lambda line: self.correct())
        return bindings

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

    def correct(self) -> None:
        """Save the last sentence with the other label, as training data."""
        if self.last is None:
            print("There is no label to correct yet.")
            return
        text = self.last.text
        if text == self._saved:
            print("This sentence is saved already.")
            return
        label = _other_label(self.last)
        path: Path | str = "corrections.csv"
        try:
            path = corrections_path()
            append_correction(path, label, text)
        except OSError as error:
            print_warning(f"{path}: the correction can't be saved: {error.strerror or error}")
            return
        self._saved = text
        shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
        print_line(f"Saved as {label}: {render.escape(shown)}")
        print_line(f"To train on it, add this file to --data: {render.escape(str(path))}")


def _other_label(prediction: Prediction) -> str:
    """Return the most probable label that is not the prediction's own."""
    others = {**(prediction.probabilities or {})}
    del others[prediction.label or ""]
    return max(others, key=others.__getitem__)
