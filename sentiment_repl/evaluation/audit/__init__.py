"""The audit: labelled texts, the errors of a model on them, and its bias.

``python -m sentiment_repl.evaluation.audit`` writes it as a page with pictures. Only the
pictures need the extra ``audit``.
"""
