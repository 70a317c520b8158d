"""Training: all that needs TensorFlow and Keras, and what surrounds it.

``tables`` and ``metrics`` need neither and serve ``scripts/evaluate.py`` too. The
prompt imports nothing from here.
"""
