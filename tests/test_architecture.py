"""The rules that hold the house together, read off every import of the package.

Each rule is a function from one module to what breaks it. Each is also shown a few lines that break it: a rule that
finds nothing there would find nothing anywhere.
"""

import ast
import graphlib
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "byoaws"

# From the top; a module may import its own layer and those below.
LAYERS = (
    ("cli", "web"),
    ("commands", "connections"),
    ("factory", "factories"),
    ("settings",),
    ("flows",),
    ("formats",),
    ("fleet",),
    ("verify",),
    ("aws", "net", "store", "lint", "fakeaws"),
    ("webhooks",),
    ("templates",),
    ("dns", "runbooks", "quickcreate", "lifecycle"),
    ("iam",),
    ("policies", "vendors", "facts", "mail_manager"),
    ("registry", "model", "vendor_model", "pipeline", "packs", "arn", "regions"),
    ("errors", "problem", "entry_points", "libyaml", "shipped"),
    ("",),  # the package itself, for its version
)
DEPTH = {name: depth for depth, names in enumerate(LAYERS) for name in names}
EDGES = ("aws", "net", "store", "lint", "fakeaws")
FACTORIES = ("factory", "factories")

# One library, one door: who may import it. A name stands for a module, or for a package with all that is in it.
DOORS = {
    "aiobotocore": ("byoaws.aws",),
    "aiohttp": ("byoaws.aws.transport",),
    "aiosmtpd": ("byoaws.fakeaws.mail.smtp_server",),
    "alembic": ("byoaws.store.migrate", "byoaws.store.migrations"),
    "boto3": ("byoaws.aws", "byoaws.templates.functions"),
    "botocore": ("byoaws.aws", "byoaws.fakeaws", "byoaws.templates.functions"),
    "cfnlint": ("byoaws.lint",),
    "click": ("byoaws.cli", "byoaws.commands"),
    "cryptography": (
        "byoaws.store.vault",
        "byoaws.fakeaws.server.certificates",
        "byoaws.fakeaws.mail.sns_signing",
        "byoaws.webhooks.certificates",
        "byoaws.webhooks.sns",
    ),
    "dns": ("byoaws.net",),
    "jinja2": ("byoaws.runbooks",),
    "markdown_it": ("byoaws.runbooks.page",),
    "ministack": ("byoaws.fakeaws",),
    "procrastinate": ("byoaws.fleet.procrastinate_queue",),
    "prometheus_client": ("byoaws.fleet.metrics",),
    "psycopg": ("byoaws.fleet.procrastinate_queue",),
    "pydantic_core": ("byoaws.vendors",),
    "regex": ("byoaws.quickcreate.patterns",),
    "rich": (
        "byoaws.formats",
        "byoaws.commands.doctor",
        "byoaws.commands.fleet_commands.bar",
        "byoaws.commands.progress",
    ),
    "sqlalchemy": ("byoaws.store",),
    "troposphere": ("byoaws.templates",),
    "types_boto3_cloudformation": ("byoaws.aws",),
    "types_boto3_lambda": ("byoaws.aws",),
    "types_boto3_mailmanager": ("byoaws.aws",),
    "types_boto3_s3": ("byoaws.aws",),
    "types_boto3_sqs": ("byoaws.aws",),
    "types_boto3_sts": ("byoaws.aws",),
    "yarl": ("byoaws.aws.transport",),
    "yaml": (
        "byoaws.fakeaws.console.access_keys",
        "byoaws.fakeaws.mail_manager.template",
        "byoaws.libyaml",
        "byoaws.lint.flaws",
        "byoaws.lint.outline",
        "byoaws.mail_manager.rule_yaml",
        "byoaws.templates.text",
        "byoaws.vendors.document",
    ),
}
# The environment is read once, for the commands or the library; others hand it, or two variables, to another process.
ENVIRONMENT = (
    "byoaws.commands.options",
    "byoaws.commands.demo",
    "byoaws.connections.access",
    "byoaws.fakeaws.server.ministack",
    "byoaws.templates.functions",
)
# A name in a string escapes every rule here, so only the tables turn one into a module.
IMPORTS_BY_NAME = ("byoaws.registry",)
# What may go wrong there cannot be listed, and must still be told: to a terminal, to the thread that waits for another,
# in a finding or a fleet's summary, to CloudFormation.
CATCHES_ALL = (
    "byoaws.cli",
    "byoaws.aws.threads",
    "byoaws.fleet.engine",
    "byoaws.lint.judge",
    "byoaws.templates.functions",
)
# Calls as data are as much of the port as its protocols: whoever asks must name them. They hold no library.
QUESTIONS = re.compile(r"byoaws\.aws\.(question|(\w+_)?questions)(\.|$)")

MODULE_LINES = 240
FUNCTION_LINES = 40
VAGUE = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


@dataclass(frozen=True)
class Module:
    """One source file."""

    name: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def every_node(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Line and absolute name of everything that is imported anywhere in the module, also for type checkers."""
        found = []
        for node in self.every_node:
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found

    @property
    def layer(self) -> str:
        return _layer(self.name)

    def within(self, names: tuple[str, ...]) -> bool:
        return any(self.name == name or self.name.startswith(f"{name}.") for name in names)

    def nodes(self, kind: type) -> Iterator[ast.AST]:
        return (node for node in self.every_node if isinstance(node, kind))


def _layer(name: str) -> str:
    second = name.split(".")[1] if "." in name else ""
    return "" if second.startswith("__") else second


def _ours(module: Module) -> Iterator[tuple[int, str]]:
    return ((line, name) for line, name in module.imports if name.split(".")[0] == "byoaws")


def imports_point_down(module: Module) -> Iterator[str]:
    if module.layer not in DEPTH:
        yield f"{module.name}: is in no layer"
        return
    for line, name in _ours(module):
        if DEPTH.get(_layer(name), -1) < DEPTH[module.layer]:
            yield f"{module.name}:{line}: {name} is above"


def imports_are_absolute(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.ImportFrom):
        if node.level or any(alias.name == "*" for alias in node.names):
            yield f"{module.name}:{node.lineno}: relative, or a star"


def libraries_come_through_their_door(module: Module) -> Iterator[str]:
    for line, name in module.imports:
        library = name.split(".")[0]
        if library != "byoaws" and library not in sys.stdlib_module_names and not module.within(DOORS.get(library, ())):
            yield f"{module.name}:{line}: {library} has no door here"


def only_the_factory_names_a_concrete_edge(module: Module) -> Iterator[str]:
    for line, name in _ours(module):
        edge = _layer(name)
        if (
            edge in EDGES
            and module.layer not in (edge, *FACTORIES)
            and not name.startswith(f"byoaws.{edge}.interface.")
            and not QUESTIONS.match(name)
        ):
            yield f"{module.name}:{line}: {name} is not an interface"


def questions_are_data(module: Module) -> Iterator[str]:
    if not QUESTIONS.match(module.name):
        return
    for line, name in module.imports:
        if name.split(".")[0] not in sys.stdlib_module_names | {"byoaws"}:
            yield f"{module.name}:{line}: {name} is a library, and a question is data"


def only_the_tables_import_by_name(module: Module) -> Iterator[str]:
    if module.within(IMPORTS_BY_NAME):
        return
    for node in module.nodes(ast.Name | ast.Attribute):
        if (node.id if isinstance(node, ast.Name) else node.attr) in ("import_module", "__import__"):
            yield f"{module.name}:{node.lineno}: imports by name"


def the_environment_is_read_in_one_place(module: Module) -> Iterator[str]:
    if module.within(ENVIRONMENT):
        return
    for node in module.nodes(ast.Attribute):
        if node.attr in ("environ", "environb", "getenv") and ast.unparse(node.value) == "os":
            yield f"{module.name}:{node.lineno}: reads the environment"


def nothing_is_swallowed(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.ExceptHandler):
        caught = ast.unparse(node.type) if node.type else "BaseException"
        passed_on = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        if "BaseException" in caught and not passed_on:
            yield f"{module.name}:{node.lineno}: catches everything"
        elif caught == "Exception" and not passed_on and not module.within(CATCHES_ALL):
            yield f"{module.name}:{node.lineno}: catches every error"


def modules_are_small(module: Module) -> Iterator[str]:
    lines = len(module.source.splitlines())
    if lines > MODULE_LINES:
        yield f"{module.name}: {lines} lines"


def functions_are_short(module: Module) -> Iterator[str]:
    # A migration is a list of columns, and is never edited once it is out.
    if module.within(("byoaws.store.migrations.versions",)):
        return
    for node in module.nodes(ast.FunctionDef | ast.AsyncFunctionDef):
        body = node.body[1:] if ast.get_docstring(node) else node.body
        lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
        if lines > FUNCTION_LINES:
            yield f"{module.name}:{node.lineno}: {node.name} has {lines} lines"


def names_say_what_a_module_is(module: Module) -> Iterator[str]:
    if VAGUE & set(module.name.split(".")):
        yield f"{module.name}: says nothing"


def _modules() -> list[Module]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path.read_text(encoding="utf-8")))
    return found


MODULES = _modules()
Rule = Callable[[Module], Iterator[str]]

BROKEN: list[tuple[Rule, str, str]] = [
    (imports_point_down, "byoaws.iam.trust", "from byoaws.verify.runner import run"),
    (imports_point_down, "byoaws.flows.check", "def f():\n    from byoaws import factory"),
    (imports_point_down, "byoaws.errors", "if TYPE_CHECKING:\n    import byoaws.model"),
    (imports_point_down, "byoaws.somewhere.new", "import json"),
    (imports_point_down, "byoaws.aws.boto", "from byoaws.nowhere import it"),
    (imports_are_absolute, "byoaws.iam.trust", "from .documents import parse"),
    (imports_are_absolute, "byoaws.iam.trust", "from byoaws.iam.documents import *"),
    (libraries_come_through_their_door, "byoaws.flows.check", "import boto3"),
    (libraries_come_through_their_door, "byoaws.lint_more", "def f():\n    from cfnlint.rules import Rules"),
    (libraries_come_through_their_door, "byoaws.store.sql", "import requests"),
    (only_the_factory_names_a_concrete_edge, "byoaws.flows.check", "from byoaws.store.sql import open_store"),
    (only_the_factory_names_a_concrete_edge, "byoaws.commands.lint", "from byoaws.lint import engine"),
    (only_the_factory_names_a_concrete_edge, "byoaws.aws.s3", "import byoaws.store.interfaces"),
    (only_the_factory_names_a_concrete_edge, "byoaws.verify.facts", "from byoaws.aws.questioning import ask"),
    (only_the_factory_names_a_concrete_edge, "byoaws.verify.facts", "from byoaws.store.question import ask"),
    (questions_are_data, "byoaws.aws.questions", "def f():\n    import botocore.session"),
    (questions_are_data, "byoaws.aws.events_questions", "from boto3 import Session"),
    (only_the_tables_import_by_name, "byoaws.flows.check", "importlib.import_module('boto3')"),
    (only_the_tables_import_by_name, "byoaws.flows.check", "__import__('boto3')"),
    (the_environment_is_read_in_one_place, "byoaws.aws.boto", "key = os.environ['KEY']"),
    (the_environment_is_read_in_one_place, "byoaws.aws.boto", "key = os.getenv('KEY')"),
    (nothing_is_swallowed, "byoaws.flows.check", "try:\n    f()\nexcept Exception:\n    pass"),
    (nothing_is_swallowed, "byoaws.cli", "try:\n    f()\nexcept:\n    pass"),
    (nothing_is_swallowed, "byoaws.flows.check", "try:\n    f()\nexcept (KeyError, BaseException) as e:\n    log(e)"),
    (modules_are_small, "byoaws.model", "x = 1\n" * (MODULE_LINES + 1)),
    (functions_are_short, "byoaws.model", "def f():\n" + "    x = 1\n" * (FUNCTION_LINES + 1)),
    (names_say_what_a_module_is, "byoaws.utils", ""),
    (names_say_what_a_module_is, "byoaws.aws.helpers.more", ""),
]
RULES: list[Rule] = list(dict.fromkeys(rule for rule, _, _ in BROKEN))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_it(rule: Rule) -> None:
    assert [complaint for module in MODULES for complaint in rule(module)] == []


@pytest.mark.parametrize(("rule", "name", "source"), BROKEN, ids=lambda value: getattr(value, "__name__", None))
def test_a_module_that_breaks_it_is_reported(rule: Rule, name: str, source: str) -> None:
    assert len(list(rule(Module(name, source)))) == 1


def test_every_rule_of_this_file_is_applied() -> None:
    rules = [value for value in globals().values() if getattr(value, "__annotations__", {}).get("module") is Module]
    assert set(RULES) == {rule for rule in rules if not rule.__name__.startswith("_")}


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (
            imports_point_down,
            "byoaws.flows.check",
            "from byoaws import __version__\nfrom byoaws.errors import AwsError",
        ),
        (only_the_factory_names_a_concrete_edge, "byoaws.factory", "from byoaws.aws.boto import BotoVendorAws"),
        (only_the_factory_names_a_concrete_edge, "byoaws.flows.check", "from byoaws.store.interface import Store"),
        (only_the_factory_names_a_concrete_edge, "byoaws.verify.facts", "from byoaws.aws.question import Question"),
        (only_the_factory_names_a_concrete_edge, "byoaws.verify.facts", "from byoaws.aws import events_questions"),
        (nothing_is_swallowed, "byoaws.store.sql", "try:\n    f()\nexcept BaseException:\n    undo()\n    raise"),
        (functions_are_short, "byoaws.model", 'def f():\n    """' + "A line.\n" * 60 + '"""\n    return 1'),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_keeps_it_is_let_through(rule: Rule, name: str, source: str) -> None:
    assert list(rule(Module(name, source))) == []


def test_every_door_is_used() -> None:
    used = {(name.split(".")[0], module.name) for module in MODULES for _, name in module.imports}
    unused = [
        (library, door)
        for library, doors in DOORS.items()
        for door in doors
        if not any(library == one and Module(name, "").within((door,)) for one, name in used)
    ]
    # MiniStack runs as a process of its own.
    assert unused == [("ministack", "byoaws.fakeaws")]


def _cycle(imports: dict[str, set[str]]) -> list[str]:
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def _at_import(module: Module, known: set[str]) -> set[str]:
    """Modules of ours that importing this one imports."""
    first = [ast.unparse(node) for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [name for _, name in Module(module.name, "\n".join(first)).imports]
    return {name if name in known else name.rpartition(".")[0] for name in names} & known - {module.name}


def test_no_modules_import_each_other() -> None:
    known = {module.name for module in MODULES}
    assert _cycle({module.name: _at_import(module, known) for module in MODULES}) == []


def test_modules_that_import_each_other_are_reported() -> None:
    pair = [Module("byoaws.a", "from byoaws.b import x"), Module("byoaws.b", "from byoaws import a")]
    assert _cycle({module.name: _at_import(module, {"byoaws.a", "byoaws.b"}) for module in pair})
