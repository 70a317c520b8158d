"""Folders in the user's home."""

from pathlib import Path


def create_private(folder: Path) -> None:
    """Create a folder and its missing parents. Only their owner can enter them.

    ``Path.mkdir(parents=True)`` leaves the permissions of parents to the umask. With a umask of
    000 everybody could then replace a file in them.

    :raises OSError: it can't be created, or is not a folder.
    """
    for one in [*reversed(folder.parents), folder]:
        one.mkdir(mode=0o700, exist_ok=True)
