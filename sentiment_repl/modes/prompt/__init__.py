"""The prompt on a terminal, made of prompt_toolkit's own parts."""
