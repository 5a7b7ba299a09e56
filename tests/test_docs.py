"""What the documentation names is there, and what is there is in the documentation."""

import json
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from byoaws import errors
from byoaws.cli import main
from byoaws.errors import ByoawsError
from byoaws.lint import catalogue
from byoaws.registry import COMMANDS, PROBES, REPORT_FORMATS
from byoaws.vendors.file import load_vendor

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/*.md")))
}
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for kind in ("*.py", "*.yaml")
    for path in sorted((ROOT / "byoaws").rglob(kind))
}
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    """A page; empty if it is not there, so that each test says what it misses."""
    return PAGES.get(name, "")


def blocks(text: str, *languages: str) -> list[str]:
    """Code blocks of these languages."""
    return [textwrap.dedent(match["text"]) for match in FENCE.finditer(text) if match["language"] in languages]


def prose(text: str) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", text)


def sections(text: str, level: int = 2) -> dict[str, str]:
    """Heading to what stands below it, up to the next of its level."""
    parts = re.split(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


# Commands and options ------------------------------------------------------------------------------------------------


def _commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group) and command is not main:
        for name, sub in command.commands.items():
            yield from _commands(f"{path} {name}", sub)


ALL = dict([("byoaws", main), *(c for n in COMMANDS.builtins for c in _commands(f"byoaws {n}", COMMANDS.load(n)))])
COMMAND_PAGES = {
    heading.strip("`"): body
    for heading, body in sections(page("docs/commands.md")).items()
    if heading.startswith("`byoaws")
}


def options_of(command: click.Command) -> set[str]:
    """Every spelling of every option."""
    found = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {name for option in found for name in (*option.opts, *option.secondary_opts)}


def options_in(section: str) -> set[str]:
    """Every option that has a row in a section's tables."""
    rows = re.findall(r"^\| (`-.+?`) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(--?[a-z-]+)`", row)}


def test_every_command_has_its_section_and_the_reverse() -> None:
    assert list(COMMAND_PAGES) == list(ALL)


@pytest.mark.parametrize("name", ALL)
def test_every_option_has_its_row_and_the_reverse(name: str) -> None:
    assert options_in(COMMAND_PAGES[name]) == options_of(ALL[name])


@pytest.mark.parametrize("name", ALL)
def test_every_argument_is_named(name: str) -> None:
    for parameter in ALL[name].params:
        if isinstance(parameter, click.Argument) and not isinstance(parameter.type, click.Choice):
            assert f"`{parameter.make_metavar(click.Context(ALL[name])).strip('[].')}`" in COMMAND_PAGES[name]


@pytest.mark.parametrize("name", ALL)
def test_every_choice_is_named(name: str) -> None:
    for parameter in ALL[name].params:
        if isinstance(parameter.type, click.Choice):
            assert {f"`{choice}`" for choice in parameter.type.choices} <= set(
                re.findall(r"`[^`]+`", COMMAND_PAGES[name])
            )


def test_an_option_that_has_no_row_is_noticed() -> None:
    section = "| option |\n| --- |\n| `-o`, `--output` | file |\n| `--gone` | `--not-this-one` |\n"
    assert options_in(section) == {"-o", "--output", "--gone"}


# Options of other programs that the pages speak of.
FOREIGN_OPTIONS = {"--append-rules", "--update-golden", "--check-readme", "--extra-index-url"}


@pytest.mark.parametrize("name", PAGES)
def test_options_named_in_passing_exist(name: str) -> None:
    known = {option for command in ALL.values() for option in options_of(command)} | FOREIGN_OPTIONS
    assert set(re.findall(r"`(--[a-z-]+)(?:[ =][^`]*)?`", prose(PAGES[name]))) - {"--help"} <= known


# Command lines -------------------------------------------------------------------------------------------------------


def command_lines(text: str) -> list[str]:
    """Every `byoaws ...` in a code block of a shell or a workflow, and between backticks."""
    shells = "\n".join(blocks(text, "console", "bash", "sh", "text", "yaml", "")).replace("\\\n", " ")
    typed = re.findall(r"^\s*(?:\$ |- run: )?(byoaws .+)$", shells, re.MULTILINE)
    return typed + re.findall(r"`(byoaws [^`]+)`", prose(text).replace("\n", " "))


def mistake(line: str) -> str | None:
    """What click has against a command line. Placeholders stand for any value."""
    words = shlex.split(re.split(r" [|>] ", line.replace("\\|", "|"))[0], comments=True)[1:]
    words = ["doctor" if word == "COMMAND" else word for word in words if word != "..."]
    try:
        with main.make_context("byoaws", words) as context:
            main.invoke(context)
    except (click.exceptions.MissingParameter, click.exceptions.NoArgsIsHelpError, click.exceptions.Exit):
        return None  # a command spoken of, not typed
    except click.UsageError as error:
        return error.format_message()
    return None


@pytest.fixture
def parsed_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands are resolved and their options checked, but none runs; in an empty folder."""
    monkeypatch.setattr(click.Command, "invoke", lambda command, context: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


LINES = [(name, line) for name, text in PAGES.items() for line in dict.fromkeys(command_lines(text))]


@pytest.mark.parametrize(("name", "line"), LINES)
def test_a_command_line_is_one_that_click_takes(name: str, line: str, parsed_only: Path) -> None:
    for path in re.findall(r"--check (\S+)", line):
        (parsed_only / path).parent.mkdir(parents=True, exist_ok=True)
        (parsed_only / path).touch()
    if name != "CONTRIBUTING.md" or "packs" not in line.split():  # the recipe's own command
        assert mistake(line) is None


def test_the_pages_show_command_lines() -> None:
    assert {name for name, _ in LINES} >= {"README.md", "docs/commands.md", "docs/real-aws.md"}


@pytest.mark.parametrize(
    "line",
    [
        "byoaws verfy ROLE_ARN",
        "byoaws verify --conection ID",
        "byoaws connections lst",
        "byoaws lint a.yaml --format x",
    ],
)
@pytest.mark.usefixtures("parsed_only")
def test_a_command_line_with_a_mistake_is_reported(line: str) -> None:
    assert mistake(line)


def test_command_lines_are_found_wherever_they_stand() -> None:
    text = (
        "Use `byoaws a\nb`.\n   ```console\n   $ byoaws c \\\n       d\n   $ aws e\n   ```\n```python\nbyoaws f\n```\n"
    )
    assert [line.split() for line in command_lines(text)] == [["byoaws", "c", "d"], ["byoaws", "a", "b"]]


# Probes, checks and rules --------------------------------------------------------------------------------------------

PROBE_BY_CODE = {probe.code: probe for probe in map(PROBES.load, PROBES.builtins)}
CHECKS = dict(re.findall(r'Answers\("(D\d{3})", "([a-z-]+)"\)', "\n".join(SOURCES.values())))
CODES = {*PROBE_BY_CODE, *CHECKS, *catalogue.rule_files()}
CODE = re.compile(r"\b(?:[VD]\d{3}|[EWI]91\d{2})\b")


def test_every_probe_has_its_section_and_the_reverse() -> None:
    found = re.findall(r"^#+ `?(V\d{3})`? `?([a-z-]+)`?$", page("docs/probes.md"), re.MULTILINE)
    assert found == [(code, probe.name) for code, probe in PROBE_BY_CODE.items()]


def test_the_table_of_probes_is_the_real_one() -> None:
    codes = {probe.name: code for code, probe in PROBE_BY_CODE.items()}
    rows = re.findall(r"^\| (V\d{3}) \| `([a-z-]+)` \| (.+?) \| (.*?) ?\|$", page("docs/probes.md"), re.MULTILINE)
    real = [(c, p.name, p.title, ", ".join(codes[name] for name in p.needs)) for c, p in PROBE_BY_CODE.items()]
    assert rows == real


def test_every_check_of_doctor_has_its_row_and_the_reverse() -> None:
    section = COMMAND_PAGES["byoaws doctor"]
    assert CHECKS
    assert dict(re.findall(r"^\| (D\d{3}) `([a-z-]+)` \|", section, re.MULTILINE)) == CHECKS


def test_every_rule_has_its_row_in_the_order_of_their_numbers() -> None:
    row = r"^\| \[(\w+)\]\(\.\./byoaws/lint/pages/(\w+)\.md\) \| (.+) \|$"
    rows = re.findall(row, page("docs/rules.md"), re.MULTILINE)
    known = sorted(((rule.id, rule.id, rule.title) for rule in catalogue.rules()), key=lambda row: row[0][1:])
    assert rows == known


@pytest.mark.parametrize("name", PAGES)
def test_codes_named_in_passing_exist(name: str) -> None:
    assert set(CODE.findall(PAGES[name])) <= CODES


def test_a_code_that_is_not_there_is_noticed() -> None:
    assert set(CODE.findall("V101 and V999, E9199, V3NN, E3012, AV1011")) == {"V101", "V999", "E9199"}


def test_every_report_format_is_named() -> None:
    assert {f"`{name}`" for name in REPORT_FORMATS.builtins} <= set(
        re.findall(r"`[a-z]+`", COMMAND_PAGES["byoaws verify"])
    )


# Errors --------------------------------------------------------------------------------------------------------------

ERRORS = {
    name: value.exit_code
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, ByoawsError)
}


def test_every_error_has_its_section_and_the_reverse() -> None:
    assert [heading.strip("`") for heading in sections(page("docs/errors.md"))] == list(ERRORS)


def test_every_error_is_in_the_table_with_its_exit_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d) \|$", page("docs/errors.md"), re.MULTILINE)
    assert {name: int(code) for name, code in rows} == ERRORS


def test_every_error_has_something_said_of_it() -> None:
    assert [name for name, body in sections(page("docs/errors.md")).items() if len(body.split()) < 5] == []


# The environment -----------------------------------------------------------------------------------------------------

VARIABLE = re.compile(r"\b(?:BYOAWS|MAILMARK)_[A-Z][A-Z_]*[A-Z]\b")
VARIABLES = {name for text in SOURCES.values() for name in VARIABLE.findall(text)}


@pytest.mark.parametrize("name", PAGES)
def test_variables_named_in_passing_exist(name: str) -> None:
    assert set(VARIABLE.findall(PAGES[name])) <= VARIABLES


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_every_variable_has_its_row(variable: str) -> None:
    where = page("docs/vendor-file.md") if variable.startswith("MAILMARK_") else page("docs/commands.md")
    assert re.search(rf"^\| `{variable}`", where, re.MULTILINE)


def test_a_variable_is_known_by_its_form() -> None:
    assert VARIABLE.findall("BYOAWS_KEY, `MAILMARK_`, _BYOAWS_COMPLETE, XBYOAWS_A, MAILMARK_AWS_ROLE_ARN") == [
        "BYOAWS_KEY",
        "MAILMARK_AWS_ROLE_ARN",
    ]


# Links and files -----------------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(name: str, text: str) -> list[str]:
    """Relative links of a page that lead nowhere."""
    found = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (ROOT / name).parent / path if path else ROOT / name
        if not there.exists() or (anchor and anchor not in anchors(there.read_text(encoding="utf-8"))):
            found.append(target)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_relative_links_lead_somewhere(name: str) -> None:
    assert broken_links(name, PAGES[name]) == []


def test_a_broken_link_is_reported() -> None:
    text = "# Here it is\n[a](gone.md) [b](README.md) [c](README.md#nowhere) [d](#here-it-is) [e](https://x.invalid/)\n"
    assert broken_links("README.md", text) == ["gone.md", "README.md#nowhere", "#here-it-is"]


@pytest.mark.parametrize("name", PAGES)
def test_a_table_has_as_many_cells_in_every_row(name: str) -> None:
    for table in re.findall(r"(?:^ *\|.*\|\n)+", prose(PAGES[name]), re.MULTILINE):
        rows = [re.sub(r"\\\||`[^`]*`", "", row).count("|") for row in table.splitlines()]
        assert len(set(rows)) == 1, table


def test_pages_that_messages_point_to_are_there() -> None:
    targets = {target for text in SOURCES.values() for target in re.findall(r"\bdocs/[\w-]+\.md(?:#[\w-]+)?", text)}
    assert targets
    assert broken_links("README.md", "".join(f"[x]({target})\n" for target in sorted(targets))) == []


@pytest.mark.parametrize("name", PAGES)
def test_tests_and_modules_that_are_named_exist(name: str) -> None:
    named = re.findall(r"`((?:tests|byoaws|benchmarks|tools)/[\w./-]*)`", prose(PAGES[name]))
    # A recipe's new file stands at the beginning of its first step.
    made_up = re.findall(r"^1\. `([\w./-]+)`", PAGES[name], re.MULTILINE)
    placeholders = re.compile(r"NN|NAME|VERSION")
    missing = [path for path in named if not (ROOT / path).exists() and not placeholders.search(path)]
    assert set(missing) <= set(made_up)


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for text in PAGES.values() for target in re.findall(r"`make (\w+)`", text)}
    assert {"demo", "test", "check", "bench"} <= named <= targets


# Examples ------------------------------------------------------------------------------------------------------------


def vendor_files(text: str) -> list[str]:
    """YAML blocks of a page that are whole vendor files."""
    found = []
    for block in blocks(text, "yaml"):
        tree = yaml.safe_load(block)
        if isinstance(tree, dict) and {"name", "title"} <= set(tree):
            found.append(block)
    return found


@pytest.mark.parametrize("name", ["README.md", "docs/vendor-file.md"])
def test_vendor_files_that_are_shown_can_be_loaded(name: str, tmp_path: Path) -> None:
    shown = vendor_files(page(name))
    assert shown
    for text in shown:
        (tmp_path / "byoaws.yaml").write_text(text)
        assert load_vendor(str(tmp_path / "byoaws.yaml"), {}).title


def test_a_vendor_file_with_a_mistake_is_noticed(tmp_path: Path) -> None:
    (broken,) = vendor_files("   ```yaml\n   name: acme\n   title: Acme\n   colour: red\n   ```\n")
    (tmp_path / "byoaws.yaml").write_text(broken)
    with pytest.raises(errors.VendorFileError):
        load_vendor(str(tmp_path / "byoaws.yaml"), {})


@pytest.mark.parametrize("name", PAGES)
def test_json_that_is_shown_is_json(name: str) -> None:
    for block in blocks(PAGES[name], "json"):
        json.loads(block)
