"""Pairs of templates that look alike: in one of them, one line is wrong."""

import re
from pathlib import Path

import pytest

from byoaws.lint.engine import lint

TEMPLATES = Path(__file__).parents[1] / "data/templates"
BROKEN = {path.stem: path for path in sorted((TEMPLATES / "corpus/broken").iterdir())}
SOUND = {path.stem: path for path in sorted((TEMPLATES / "corpus/sound").iterdir())}
MARK = re.compile(r"# <- (\w+)")


def marked(path: Path) -> list[tuple[int, str]]:
    """Line and code of every mistake that a broken template admits to."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(number, code) for number, line in enumerate(lines, 1) for code in MARK.findall(line)]


def test_there_are_sixty_of_each_and_each_has_its_twin() -> None:
    assert list(BROKEN) == list(SOUND)
    assert len(BROKEN) >= 60


@pytest.mark.parametrize("path", BROKEN.values(), ids=BROKEN)
def test_a_broken_template_is_caught_in_its_line_and_nowhere_else(path: Path) -> None:
    found = [(one.line, one.code) for one in lint([path]) if one.code[1:].startswith("91")]
    assert marked(path)
    assert found == marked(path)


@pytest.mark.parametrize("path", SOUND.values(), ids=SOUND)
def test_its_sound_twin_is_clean(path: Path) -> None:
    assert lint([path]) == []


@pytest.mark.parametrize("name", BROKEN)
def test_the_twins_differ_in_a_few_lines(name: str) -> None:
    """What makes a pair: a rule that tells them apart has understood the mistake, not the look of the template."""
    mend = (MARK.sub("", line).rstrip() for line in BROKEN[name].read_text(encoding="utf-8").splitlines()[1:])
    broken, sound = set(mend), set(SOUND[name].read_text(encoding="utf-8").splitlines())
    assert 1 <= len(broken ^ sound) <= 12
