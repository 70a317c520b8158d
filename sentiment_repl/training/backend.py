"""TensorFlow and Keras, imported without their start-up noise.

Other modules of this package take both from here and never import them first.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

from sentiment_repl.runtime import keep_freed

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hold back what C++ writes to the standard error; show it if the block fails.

    TensorFlow writes its first lines before it looks at any setting.
    """
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(real, held.read())
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)


keep_freed()
with _quiet_stderr():
    import keras
    import tensorflow as tf

    tf.constant(0)  # the last of the noise comes with the first operation

__all__ = ["keras", "tf"]
