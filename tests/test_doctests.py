import doctest
import importlib
import pkgutil

import pytest

import sentiment_repl

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(sentiment_repl.__path__, "sentiment_repl.")
    if not module.name.startswith("sentiment_repl.training")  # needs TensorFlow and PyTorch
    and not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["sentiment_repl", *MODULES])
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
