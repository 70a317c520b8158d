"""The Python examples of the README run and print what their comments say."""

import re

import pytest

from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_python_examples_print_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    for library in ("pandas", "sklearn"):
        pytest.importorskip(library, reason="needs pip install '.[test]'")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL))
    expected = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)
    exec(code, {})
    printed = iter(capsys.readouterr().out.splitlines())
    assert expected and all(line in printed for line in expected)
