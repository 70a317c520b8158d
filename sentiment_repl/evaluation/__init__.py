"""How good a model is: metrics, calibration, bias, baselines, the model card and the audit.

Needs neither TensorFlow nor Keras. ``python -m sentiment_repl.evaluation FILE`` measures a
model on labelled texts.
"""
