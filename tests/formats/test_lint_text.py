"""Findings as text: by file, place first, the way out below; nothing that a terminal would obey."""

from collections.abc import Callable

import pytest

from byoaws.formats.interface import Look
from byoaws.formats.lint_text import render
from byoaws.lint.interface import Linted
from byoaws.model import Finding

PLAIN = Look(width=80, color=False)
Make = Callable[..., Finding]
Lint = Callable[..., Linted]


def test_no_findings(linted: Lint) -> None:
    assert render(linted(), PLAIN) == "no findings\n"


def test_one_finding_has_place_and_fix(finding: Make, linted: Lint) -> None:
    assert render(linted(finding()), PLAIN) == (
        "t.yaml\n  3:7  error  E9101  no ExternalId\n                     fix: add one\n\n1 error\n"
    )


def test_no_fix_no_line(finding: Make, linted: Lint) -> None:
    assert "fix" not in render(linted(finding(fix="")), PLAIN)


def test_columns_line_up_within_a_file(finding: Make, linted: Lint) -> None:
    found = [finding(line=1, column=1), finding("warning", line=120, column=11, code="W2"), finding(path="u.yaml")]
    assert render(linted(*found), PLAIN).splitlines() == [
        "t.yaml",
        "     1:1  error    E9101  no ExternalId",
        "                          fix: add one",
        "  120:11  warning  W2     no ExternalId",
        "                          fix: add one",
        "",
        "u.yaml",
        "  3:7  error  E9101  no ExternalId",
        "                     fix: add one",
        "",
        "2 errors, 1 warning in 2 of 2 files",
    ]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_lines_fit_the_terminal_and_are_never_too_long_to_read(width: int, finding: Make, linted: Lint) -> None:
    item = finding(
        message="the vendor's role may do whatever it likes " * 6, fix="take what it does not need away " * 6
    )
    lines = render(linted(item), Look(width=width, color=False)).splitlines()
    assert max(map(len, lines)) <= min(width, 110)
    assert " ".join(" ".join(lines).split()).count("whatever it likes") == 6


def test_an_arn_is_never_broken(finding: Make, linted: Lint) -> None:
    arn = "arn:aws:iam::111122223333:role/byoaws/mailmark/" + "x" * 60
    assert arn in render(linted(finding(message=f"role {arn} is open")), PLAIN)


@pytest.mark.parametrize(
    ("severities", "counts"),
    [
        (["error"], "1 error"),
        (["info", "error", "error"], "2 errors, 1 info"),
        (["warning", "info", "warning", "info"], "2 warnings, 2 infos"),
    ],
)
def test_counts_worst_first(severities: list[str], counts: str, finding: Make, linted: Lint) -> None:
    assert render(linted(*map(finding, severities)), PLAIN).splitlines()[-1] == counts


def test_counts_say_in_how_many_files(finding: Make, linted: Lint) -> None:
    files = ("t.yaml", "u.yaml", "v.yaml")
    assert render(linted(finding(), files=files), PLAIN).splitlines()[-1] == "1 error in 1 of 3 files"
    assert render(linted(files=files), PLAIN) == "no findings in 3 files\n"
    assert render(linted(files=()), PLAIN) == "no findings in 0 files\n"


@pytest.mark.parametrize(("severity", "number"), [("error", "31"), ("warning", "33"), ("info", "34")])
def test_colour_does_not_move_the_columns(severity: str, number: str, finding: Make, linted: Lint) -> None:
    colored = render(linted(finding(severity)), Look(width=80, color=True))
    assert f"\x1b[{number}m{severity}\x1b[0m" in colored
    bare = colored
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", f"\x1b[{number}m"):
        bare = bare.replace(code, "")
    assert bare == render(linted(finding(severity)), PLAIN)


@pytest.mark.parametrize("field", ["message", "fix", "path"])
def test_a_template_cannot_command_the_terminal(field: str, hostile: str, finding: Make, linted: Lint) -> None:
    text = render(linted(finding(**{field: hostile})), PLAIN)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert not any(line.startswith("::") for line in text.splitlines())
