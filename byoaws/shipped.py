"""Files that ship with byoaws, beside its modules.

By their path: `importlib.resources`, which could look into an archive too, takes as long to load as a twentieth of a
short command.
"""

from pathlib import Path

_ROOT = Path(__file__).parent


def folder(package: str) -> Path:
    """Return where the files of one of our packages are, such as `byoaws.policies`."""
    return _ROOT.joinpath(*package.split(".")[1:])
