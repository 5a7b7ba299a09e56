"""Every table: each line leads somewhere, no file of a plug folder is forgotten, and no package can replace a line."""

import ast
import importlib
import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from byoaws import registry
from byoaws.cli import main, summary
from byoaws.errors import UnknownName
from byoaws.lint import catalogue
from byoaws.registry import BLOCKS, COMMANDS, FINDING_FORMATS, PROBES, REPORT_FORMATS, STORES, Registry
from byoaws.verify.interface import Probe

PACKAGE = Path(registry.__file__).parent
TABLES = {name: value for name, value in vars(registry).items() if isinstance(value, Registry)}
LINES = [(table, name) for table in TABLES.values() for name in table.builtins]


def _named(value: object) -> str:
    return value.kind if isinstance(value, Registry) else str(value)


@pytest.mark.parametrize(("table", "name"), LINES, ids=_named)
def test_a_line_leads_to_what_it_names(table: Registry, name: str) -> None:
    found = table.load(name)
    assert isinstance(found, {"command": click.Command, "probe": Probe}.get(table.kind, Callable))


@pytest.mark.parametrize(("table", "name"), LINES, ids=_named)
def test_names_are_in_kebab_case(table: Registry, name: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)


@pytest.mark.parametrize("table", TABLES.values(), ids=_named)
def test_a_table_is_named_after_its_kind(table: Registry) -> None:
    assert re.fullmatch(r"byoaws\.[a-z_]+s", table.group)
    assert len({other.group for other in TABLES.values()}) == len(TABLES)


# Files and lines -----------------------------------------------------------------------------------------------------


def _defines(path: Path, sign: Callable[[ast.stmt], bool]) -> bool:
    return any(sign(node) for node in ast.parse(path.read_text(encoding="utf-8")).body)


def _is_command(node: ast.stmt) -> bool:
    made = [ast.unparse(one) for one in getattr(node, "decorator_list", ())]
    return any(re.match(r"click\.(command|group)\(", text) for text in made)


def _is_probe(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PROBE"


def _is_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and ast.unparse(node.args) == "stack: Stack" and node.name == "add"


def _is_report_format(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "render" and "VerificationReport" in ast.unparse(node)


def _is_finding_format(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "render" and "linted: Linted" in ast.unparse(node)


def _is_store(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "open_store"


PLUG_FOLDERS = {
    "commands": (COMMANDS, "commands", _is_command),
    "probes": (PROBES, "verify/probes", _is_probe),
    "blocks": (BLOCKS, "templates", _is_block),
    "report formats": (REPORT_FORMATS, "formats", _is_report_format),
    "finding formats": (FINDING_FORMATS, "formats", _is_finding_format),
    "stores": (STORES, "store", _is_store),
}


def plugged(folder: Path, package: str, sign: Callable[[ast.stmt], bool]) -> set[str]:
    """Modules of a folder that hold something to plug in."""
    return {f"{package}.{path.stem}" for path in folder.glob("*.py") if _defines(path, sign)}


@pytest.mark.parametrize(("table", "folder", "sign"), PLUG_FOLDERS.values(), ids=PLUG_FOLDERS)
def test_each_file_is_in_the_table_and_the_reverse(
    table: Registry, folder: str, sign: Callable[[ast.stmt], bool]
) -> None:
    files = plugged(PACKAGE / folder, f"byoaws.{folder.replace('/', '.')}", sign)
    assert files == {target.partition(":")[0] for target in table.builtins.values()}


def test_every_table_has_its_folder() -> None:
    assert {id(table) for table, _, _ in PLUG_FOLDERS.values()} == {id(table) for table in TABLES.values()}


@pytest.mark.parametrize(
    ("sign", "source"),
    [
        (_is_command, "@click.command('new')\ndef new(): ..."),
        (_is_probe, "PROBE = Probe(code='V999')"),
        (_is_block, "def add(stack: Stack) -> None: ..."),
        (_is_report_format, "def render(report: VerificationReport, look: Look) -> str: ..."),
        (_is_finding_format, "def render(linted: Linted, look: Look) -> str: ..."),
        (_is_store, "def open_store(url: str) -> Store: ..."),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_file_that_nobody_registered_is_seen(sign: Callable[[ast.stmt], bool], source: str, tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(source)
    (tmp_path / "shared.py").write_text('"""Shared by several."""\n\ndef f(stack): ...\n')
    assert plugged(tmp_path, "there", sign) == {"there.new"}


def test_every_file_among_the_probes_is_one() -> None:
    files = {path.stem for path in (PACKAGE / "verify/probes").glob("*.py")} - {"__init__"}
    assert files == {target.partition(":")[0].rpartition(".")[2] for target in PROBES.builtins.values()}


# What the lines say of themselves ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS.builtins)
def test_a_command_says_in_its_first_line_what_help_shows(name: str) -> None:
    first = importlib.import_module(COMMANDS.builtins[name].partition(":")[0]).__doc__.partition("\n")[0]
    assert first == f"`byoaws {name}`: {summary(name)}"
    command = COMMANDS.load(name)
    assert command.name == name
    assert command.help.partition("\n")[0].lower() == summary(name).lower()


def test_help_lists_the_commands_in_the_order_of_the_table() -> None:
    result = CliRunner().invoke(main, ["--help"], prog_name="byoaws")
    # A line may end at a hyphen.
    shown = " ".join(result.output.partition("Commands:")[2].split()).replace("- ", "-")
    assert shown == " ".join(f"{name} {summary(name)}" for name in COMMANDS.builtins)


@pytest.mark.parametrize("name", PROBES.builtins)
def test_a_probe_carries_the_name_of_its_line_and_asks_a_question(name: str) -> None:
    probe = PROBES.load(name)
    assert probe.name == name
    assert re.fullmatch(r"V\d{3}", probe.code)
    assert probe.title.endswith("?")


def test_probes_have_codes_of_their_own_and_need_only_earlier_ones() -> None:
    probes = [PROBES.load(name) for name in PROBES.builtins]
    assert len({probe.code for probe in probes}) == len(probes)
    for position, probe in enumerate(probes):
        assert set(probe.needs) <= {earlier.name for earlier in probes[:position]}


@pytest.mark.parametrize("name", REPORT_FORMATS.builtins)
def test_verify_offers_every_report_format(name: str) -> None:
    option = next(one for one in COMMANDS.load("verify").params if one.name == "format_name")
    assert name in option.type.choices


@pytest.mark.parametrize("name", FINDING_FORMATS.builtins)
def test_lint_offers_every_finding_format(name: str) -> None:
    option = next(one for one in COMMANDS.load("lint").params if one.name == "format_name")
    assert name in option.type.choices


def test_codes_of_probes_and_rules_never_meet() -> None:
    assert not {PROBES.load(name).code for name in PROBES.builtins} & set(catalogue.rule_files())


# Other distributions -------------------------------------------------------------------------------------------------


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Install a distribution with these entry points, and a module `acme_byoaws` with a command `hello`."""

    def put(entry_points: str) -> None:
        folder = tmp_path / "acme-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(entry_points)
        (tmp_path / "acme_byoaws.py").write_text(
            "import click\n@click.command()\ndef hello():\n    click.echo('hello from acme')\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))

    return put


def test_an_entry_point_adds_a_command(install: Callable[[str], None]) -> None:
    install("[byoaws.commands]\nhello = acme_byoaws:hello\n")
    assert list(COMMANDS) == [*COMMANDS.builtins, "hello"]
    assert CliRunner().invoke(main, ["hello"]).output == "hello from acme\n"
    assert "hello" in CliRunner().invoke(main, ["--help"]).output


@pytest.mark.parametrize("table", TABLES.values(), ids=_named)
def test_an_entry_point_never_replaces_a_built_in(table: Registry, install: Callable[[str], None]) -> None:
    install(f"[{table.group}]\nzz-new = acme_byoaws:hello\n" + "".join(f"{n} = evil:it\n" for n in table.builtins))
    assert table.targets() == {**table.builtins, "zz-new": "acme_byoaws:hello"}
    for name in table.builtins:
        assert "evil" not in getattr(table.load(name), "__module__", "")


@pytest.mark.parametrize("table", TABLES.values(), ids=_named)
def test_an_unknown_name_is_answered_with_the_known_ones(table: Registry) -> None:
    with pytest.raises(UnknownName) as caught:
        table.load("nothing-like-it")
    assert caught.value.known == tuple(sorted(table))
    assert str(caught.value) == f"no {table.kind} named 'nothing-like-it'"
