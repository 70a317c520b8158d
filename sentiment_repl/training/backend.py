"""TensorFlow and Keras, imported without their start-up messages.

The other modules of this package import both from here, and never directly.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

from sentiment_repl.runtime import keep_freed_memory

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hide what C++ code writes to standard error. Show it if the block raises.

    TensorFlow writes its first lines before it reads any setting.
    """
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as hidden:
        os.dup2(hidden.fileno(), 2)
        try:
            yield
        except BaseException:
            hidden.seek(0)
            os.write(real, hidden.read())
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)


keep_freed_memory()
with _quiet_stderr():
    import keras
    import tensorflow as tf

    tf.constant(0)  # the first operation writes the last messages

__all__ = ["keras", "tf"]
