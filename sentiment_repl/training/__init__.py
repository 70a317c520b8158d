"""Training: all that needs TensorFlow and Keras, and what surrounds it.

``evaluation``, ``metrics`` and ``tables`` need neither, and no more than the prompt
does, which imports nothing from here.
"""
