"""Draw docs/demo.svg: run `byoaws demo` on a pseudo-terminal, and turn two of its steps into a picture.

Run it by `make picture`. The picture loads nothing from elsewhere, and holds no path of the machine it was made on.
"""

import os
import pty
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

WIDTH = 100
STEPS = ("Verify it", "A role without an ExternalId condition")
"""Titles of the steps that are drawn; the whole demo is too long for a README."""
LAST_LINE = "the same for machines"
"""Where a drawn step is cut off: what follows is JSON."""
TARGET = Path(__file__).parents[1] / "docs" / "demo.svg"

_HEADING = re.compile(r"\d+\. (?P<title>.+)")
_REMOTE_FONTS = re.compile(r"\s*@font-face\s*{[^}]*}")


def main() -> None:
    """Write the picture."""
    text = pictured(Text.from_ansi(demo_output()))
    for path in (str(Path.home()), tempfile.gettempdir()):
        if path in text.plain:
            sys.exit(f"the demo printed a path of this machine: {path}")
    TARGET.write_text(svg(text), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET.name}: {len(text.split())} lines of the demo\n")


def demo_output() -> str:
    """Run the demo as on a terminal of `WIDTH` columns, and return what it printed, colours included."""
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    demo = subprocess.Popen(
        [sys.executable, "-m", "byoaws.cli", "demo"],
        env={**env, "COLUMNS": str(WIDTH), "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
    )
    os.close(theirs)
    printed = b""
    while part := _read(ours):
        printed += part
    os.close(ours)
    if demo.wait():
        sys.exit(f"byoaws demo ended with exit code {demo.returncode}; nothing was drawn")
    return printed.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def pictured(output: Text) -> Text:
    """Return the steps that are drawn, in the order of the demo."""
    kept: list[Text] = []
    found: set[str] = set()
    keeping = False
    for line in output.split("\n", allow_blank=True):
        if heading := _HEADING.fullmatch(line.plain):
            keeping = heading["title"] in STEPS
            if keeping and kept:
                kept.append(Text())
            found.add(heading["title"])
        elif line.plain.strip() == LAST_LINE:
            keeping = False
        if keeping:
            kept.append(line)
    if missing := set(STEPS) - found:
        sys.exit(f"the demo has no step {', '.join(sorted(missing))}; correct STEPS")
    text = Text("\n").join(kept)
    text.rstrip()
    return text


def svg(text: Text) -> str:
    """Return the picture of a terminal that shows `text`."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(text, highlight=False)
    drawn = console.export_svg(title="byoaws demo", theme=DIMMED_MONOKAI, unique_id="demo")
    # Some viewers drop spaces at the beginning of a text otherwise, and columns would not line up.
    return _REMOTE_FONTS.sub("", drawn).replace("<svg ", '<svg xml:space="preserve" ', 1)


if __name__ == "__main__":
    main()
