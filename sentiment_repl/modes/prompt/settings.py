"""How the prompt behaves. An option says it, or a variable, or the settings file, in this order.

The file is like this one:

    keys = vi
    preview = off
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from sentiment_repl.errors import UsageError

CHOICES: Mapping[str, tuple[str, ...]] = {"keys": ("emacs", "vi"), "preview": ("on", "off")}
"""The settings, each with its values. The first value is the default."""

VARIABLES = {name: f"SENTIMENT_REPL_{name.upper()}" for name in CHOICES}
"""The environment variable of each setting."""

_MAX_BYTES = 1 << 16
_SECTION = "prompt"


def read_settings(options: Mapping[str, str | None], warn: Callable[[str], None]) -> dict[str, str]:
    """Return a value for each name in ``CHOICES``.

    :param options: what the command line says; None where it says nothing.
    :param warn: called with a sentence if the file can't be read.
    :raises UsageError: a name or a value is unknown.
    """
    settings = {name: values[0] for name, values in CHOICES.items()}
    path: Path | str = "settings.ini"
    try:
        path = settings_path()
        if path.exists():
            settings |= _read_file(path)
    except OSError as error:
        warn(f"{path}: the settings can't be read: {error.strerror}")
    for name, variable in VARIABLES.items():
        if value := os.environ.get(variable):
            settings[name] = _check(variable, name, value)
    return settings | {name: value for name, value in options.items() if value is not None}


def settings_path() -> Path:
    """Return the path of ``settings.ini`` in the user's configuration directory.

    :raises OSError: the user has no home directory.
    """
    from platformdirs import user_config_path

    from sentiment_repl.modes.prompt.private_files import user_file

    return user_file(user_config_path, "settings.ini")


def _read_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise UsageError(f"{path}: it is not a regular file; remove it")
    import configparser

    with path.open("rb") as file:
        content = file.read(_MAX_BYTES).decode("utf-8-sig", "replace")
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(f"[{_SECTION}]\n{content}")  # the file may do without the section
    except configparser.ParsingError as error:
        line = error.errors[0][0] - 1
        raise UsageError(f"{path}, line {line}: write a setting, such as: keys = vi") from error
    settings = {}
    for section in parser.sections()[1:]:
        raise UsageError(f"{path}: there is no section {section!r}; leave this line out")
    for name, value in parser[_SECTION].items():
        if name not in CHOICES:
            raise UsageError(f"{path}: there is no setting {name!r}, only {' and '.join(CHOICES)}")
        settings[name] = _check(f"{path}: {name}", name, value)
    return settings


def _check(source: str, name: str, value: str) -> str:
    if value not in CHOICES[name]:
        raise UsageError(f"{source} must be {' or '.join(CHOICES[name])}, not {value!r}")
    return value
