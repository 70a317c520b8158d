# Commands for developers. `make check` runs what CI runs.
PYTHON ?= .venv/bin/python

.PHONY: check lint format types contracts test fast coverage fuzz

check: lint types contracts test

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types:
	$(PYTHON) -m mypy

contracts:
	$(PYTHON) -c "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

test:
	$(PYTHON) -m pytest

fast:
	$(PYTHON) -m pytest -m "not slow"

coverage:
	$(PYTHON) -m coverage erase
	$(PYTHON) -m coverage run -m pytest
	-$(PYTHON) -m coverage combine --quiet  # a killed process may leave nothing to combine
	$(PYTHON) -m coverage report --fail-under=90

# Half an hour or more of attacks with new random inputs. The suite runs a short, repeatable part.
fuzz:
	$(PYTHON) -m pytest tests/fuzz --hypothesis-profile=long
