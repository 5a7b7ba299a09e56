"""CHANGELOG.md keeps the form of Keep a Changelog, and knows the version that this is."""

import re
from datetime import date
from pathlib import Path

import pytest

import byoaws

PATH = Path(__file__).parents[1] / "CHANGELOG.md"
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
RELEASE = re.compile(r"\[?(?P<version>\d+\.\d+\.\d+)\]? - (?P<date>\d{4}-\d{2}-\d{2})")


def faults(text: str, version: str) -> list[str]:
    """What is wrong with the form of a changelog, for a package of this version."""
    found = [] if text.startswith("# Changelog\n") else ["does not begin with '# Changelog'"]
    if "keepachangelog.com" not in text:
        found.append("does not name Keep a Changelog")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    if not headings or headings[0].strip("[]") != "Unreleased":
        found.append("the first section is not Unreleased")
    releases = [RELEASE.fullmatch(heading) for heading in headings[1:]]
    found += [f"not a release: {heading}" for heading, match in zip(headings[1:], releases, strict=True) if not match]
    dates = [date.fromisoformat(match["date"]) for match in releases if match]
    if dates != sorted(dates, reverse=True):
        found.append("the newest release is not on top")
    if "dev" not in version and version not in [match["version"] for match in releases if match]:
        found.append(f"version {version} has no section")
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.+)$", section, re.MULTILINE)
        found += [f"no kind of change: {kind}" for kind in kinds if kind not in KINDS]
        if len(set(kinds)) != len(kinds):
            found.append(f"a kind of change twice in {section.splitlines()[0]}")
        if not re.search(r"^[-*] \S", section, re.MULTILINE):
            found.append(f"nothing in {section.splitlines()[0]}")
    return found


def test_the_changelog_has_its_form() -> None:
    assert faults(PATH.read_text(encoding="utf-8"), byoaws.__version__) == []


SOUND = """# Changelog

The form is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

## [Unreleased]

### Added

- A thing.

## [0.2.0] - 2026-02-01

### Security

- A hole was closed.

## 0.1.0 - 2026-01-01

### Added

- The first thing.
"""


def test_a_sound_one_passes() -> None:
    assert faults(SOUND, "0.2.0") == []
    assert faults(SOUND, "0.3.0.dev0") == []


@pytest.mark.parametrize(
    ("version", "old", "new"),
    [
        ("0.2.1", "", ""),
        ("0.2.0", "# Changelog\n", "# News\n"),
        ("0.2.0", "keepachangelog.com", "example.com"),
        ("0.2.0", "## [Unreleased]", "## [Next]"),
        ("0.2.0", "2026-02-01", "2025-02-01"),
        ("0.2.0", "0.1.0 - 2026-01-01", "0.1.0 (January)"),
        ("0.2.0", "### Security", "### Secured"),
        ("0.2.0", "- A thing.\n", ""),
        ("0.2.0", "- A thing.\n", "- A thing.\n\n### Added\n\n- More.\n"),
    ],
)
def test_a_fault_is_reported(version: str, old: str, new: str) -> None:
    assert len(faults(SOUND.replace(old, new, 1), version)) == 1
