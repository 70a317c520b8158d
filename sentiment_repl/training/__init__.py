"""Training: everything that needs TensorFlow, Keras or PyTorch, and nothing else.

``python -m sentiment_repl.training`` trains a model. ``python -m sentiment_repl.training.finetune``
fine-tunes a teacher. Nothing outside this package imports it.
"""
