"""What ``scripts/audit.py`` measures: labelled texts, and what a model made of them.

Needs neither TensorFlow nor Keras; what draws and what looks for wrong labels needs the
extra ``audit``.
"""
