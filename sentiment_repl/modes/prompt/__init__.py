"""The prompt on a terminal: prompt_toolkit with a live preview, function keys and a history."""
