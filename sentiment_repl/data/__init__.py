"""Labelled texts: where they come from, how they are read, split and encoded."""
