"""Forward passes in NumPy, and how to build them from what Keras saved."""
