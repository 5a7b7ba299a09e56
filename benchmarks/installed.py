"""An environment like a user's: byoaws without the hook of an editable installation.

That hook costs 10 ms in every Python process of a development environment, also in the bare one that everything is
compared with, and would make every ratio look better than it is.
"""

import os
import shutil
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
_OURS = ("AWS_", "BYOAWS_", "MAILMARK_", "PYTHON", "FORCE_COLOR")


def prepare(folder: Path) -> Path:
    """Make the environment in `folder`, anew, and return its folder of programs: python, byoaws, cfn-lint."""
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=False, symlinks=True)
    programs = folder / "bin"
    packages = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    # Plain folders in a .pth file are added to the path; the .pth files in them are not read.
    Path(packages, "benchmark.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    for name in ("byoaws", "cfn-lint"):
        _script(programs, name)
    return programs


def _script(programs: Path, name: str) -> None:
    """Write a console script as pip would."""
    (point,) = metadata.entry_points(group="console_scripts", name=name)
    path = programs / name
    path.write_text(
        f"#!{programs / 'python'}\nimport sys\nfrom {point.module} import {point.attr}\nsys.exit({point.attr}())\n"
    )
    path.chmod(0o755)


def environment() -> dict[str, str]:
    """The user's environment, less what changes what byoaws does or what Python costs."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return env | {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"}
