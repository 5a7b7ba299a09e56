"""What each command leaves unimported: start-up is paid by every call, so it is held here, without a clock.

Each command runs as a user runs it, in a process of its own, and then says which heavy libraries are loaded. The
processes are forked from one that has done no more than the program does first: it has imported `byoaws.cli`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from byoaws.fakeaws.interface import FakeAws
from byoaws.quickcreate.published import name_of, url_of
from byoaws.registry import COMMANDS

HEAVY = {
    *(
        "alembic",
        "asyncio",
        "boto3",
        "botocore",
        "cfnlint",
        "cryptography",
        "dns",
        "jinja2",
        "markdown_it",
        "ministack",
    ),
    *("aiobotocore", "procrastinate", "prometheus_client", "psycopg"),
    *("pydantic", "pydantic_core", "rich", "sqlalchemy", "troposphere", "yaml"),
}
PACKAGE = Path(__file__).parents[1] / "byoaws"
TEMPLATE = "https://acme-templates.s3.us-east-1.amazonaws.com/mailmark.yaml"
# Hyphens in the file name mean it is no module; Lambda sources and migrations are run by others, in their own world.
NOT_IMPORTED = ("byoaws.templates.functions.", "byoaws.store.migrations.env")

OF_FORKING = {"array", "math", "resource", "select", "selectors", "socket"}
# The report is the last line of stderr, and goes out also when the command ends with SystemExit.
TELL = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
"""
RUN = TELL + "from byoaws.cli import main\nmain(prog_name='byoaws')\n"


@dataclass(frozen=True)
class Ran:
    """What a process printed, how it ended, and the modules that it had loaded by then."""

    stdout: str
    code: int
    modules: frozenset[str]

    @property
    def heavy(self) -> set[str]:
        return {name.split(".")[0] for name in self.modules} & HEAVY


def python(code: str, arguments: Sequence[str], folder: Path, env: Mapping[str, str]) -> Ran:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return Ran(done.stdout, done.returncode, _told(done.stderr))


def _told(stderr: str) -> frozenset[str]:
    *_, last = stderr.splitlines() or [""]
    assert last.startswith("["), stderr
    return frozenset(json.loads(last))


@pytest.fixture
def run(forked_at_start: Any, clean: dict[str, str], tmp_path: Path) -> Callable[..., Ran]:
    """Run a command in the test's own folder."""

    def run(arguments: Sequence[str], env: Mapping[str, str] = clean) -> Ran:
        done = forked_at_start("byoaws", *arguments, cwd=tmp_path, env=env, warnings="default", tell=True)
        return Ran(done.stdout, done.returncode, _told(done.stderr))

    return run


@pytest.fixture
def clean(tmp_path: Path) -> dict[str, str]:
    """The user's environment, less what concerns AWS and byoaws."""
    ours = ("AWS_", "BYOAWS_", "MAILMARK_", "FORCE_COLOR")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    ours_here = {"BYOAWS_DATA_DIR": str(tmp_path / "data"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return env | ours_here | {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"}


CASES: dict[str, tuple[list[str], int, set[str]]] = {
    "help": (["--help"], 0, set()),
    "version": (["--version"], 0, set()),
    "unknown command": (["nothing-like-it"], 2, set()),
    **{f"{name} help": ([name, "--help"], 0, set()) for name in COMMANDS.builtins},
    "connections list help": (["connections", "list", "--help"], 0, set()),
    "init": (
        ["init", "--name", "acme", "--title", "Acme", "--account-id", "111122223333", "--packs", "ses-send,self-read"],
        0,
        {"pydantic_core", "troposphere", "yaml"},
    ),
    "vendor show": (["vendor", "show", "--format", "json"], 0, {"pydantic_core", "troposphere", "yaml"}),
    "vendor check": (["vendor", "check", "--format", "json"], 1, {"pydantic_core", "troposphere", "yaml"}),
    "vendor list": (["vendor", "list", "--format", "json"], 0, {"pydantic_core", "yaml"}),
    "generate": (["generate"], 0, {"pydantic_core", "troposphere", "yaml"}),
    "generate json": (["generate", "--format", "json"], 0, {"pydantic_core", "troposphere", "yaml"}),
    "policy trust": (["policy", "trust"], 0, {"pydantic_core", "yaml"}),
    "policy permissions": (["policy", "permissions"], 0, {"pydantic_core", "yaml"}),
    "policy deployer": (["policy", "deployer"], 0, {"pydantic_core", "troposphere", "yaml"}),
    "link": (["link", "--template-url", TEMPLATE], 0, {"pydantic_core", "troposphere", "yaml"}),
    "link json": (
        ["link", "--template-url", TEMPLATE, "--format", "json"],
        0,
        {"pydantic_core", "troposphere", "yaml"},
    ),
    "publish": (
        ["publish", "--bucket", "NoBucket", "--region", "eu-west-1"],
        2,
        {"boto3", "botocore", "pydantic_core", "troposphere", "yaml"},
    ),
    "connections list": (
        ["connections", "list", "--format", "json"],
        0,
        {"alembic", "asyncio", "sqlalchemy"},  # SQLAlchemy itself loads asyncio
    ),
    "preflight": (
        ["preflight", "--region", "mars-1"],
        2,
        {"pydantic_core", "troposphere", "yaml"},
    ),
    "connect": (
        ["connect", "--alias", "A", "--template-url", TEMPLATE],
        0,
        {"alembic", "asyncio", "cryptography", "pydantic_core", "sqlalchemy", "troposphere", "yaml"},
    ),
    # A store that cannot be shared is refused before anything of the queue or of AWS is loaded.
    "worker": (["worker"], 2, {"asyncio", "pydantic_core", "sqlalchemy", "yaml"}),
    "recheck queue": (["recheck", "--queue"], 2, {"asyncio", "jinja2", "pydantic_core", "sqlalchemy", "yaml"}),
    "runbook": (["runbook", "connect"], 0, {"jinja2", "pydantic_core", "troposphere", "yaml"}),
    "runbook list": (["runbook", "--list"], 0, set()),
    "cost json": (["cost", "--emails", "1000", "--format", "json"], 0, {"pydantic_core", "yaml"}),
    "mail-manager wait": (["mail-manager", "wait"], 2, set()),
    "mail-manager import-list": (["mail-manager", "import-list", "none.csv", "--list", "x"], 2, set()),
    "mail-manager archive search": (["mail-manager", "archive", "search", "--since", "x"], 2, set()),
    "mail-manager rules update": (["mail-manager", "rules", "update", "template.json"], 2, {"yaml"}),
    "production-access request": (["production-access", "request", "--region", "us-east-1"], 2, set()),
    "lint": (["lint", "template.json"], 0, {"cfnlint", "yaml"}),
}


@pytest.mark.parametrize(("arguments", "code", "allowed"), CASES.values(), ids=CASES)
def test_a_command_loads_no_library_that_it_has_no_use_for(
    arguments: list[str], code: int, allowed: set[str], run: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "template.json").write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
    ran = run(arguments)
    assert ran.code == code
    assert ran.heavy <= allowed


@pytest.mark.parametrize("arguments", [["--help"], ["vendor", "list"]], ids=["help", "vendor list"])
def test_a_process_that_is_forked_has_loaded_what_the_program_has(
    arguments: list[str], run: Callable[..., Ran], clean: dict[str, str], tmp_path: Path
) -> None:
    forked, program = run(arguments), python(RUN, arguments, tmp_path, clean)
    assert (forked.stdout, forked.code, forked.heavy) == (program.stdout, program.code, program.heavy)
    assert program.modules <= forked.modules
    assert not [name for name in forked.modules - program.modules if name.strip("_") not in OF_FORKING]


@pytest.mark.parametrize("command", [["link"], ["connect", "--alias", "A"]], ids=["link", "connect"])
def test_a_link_to_what_we_published_reads_nothing(command: list[str], run: Callable[..., Ran]) -> None:
    """Its key says that it is what we generate."""
    body = run(["generate"]).stdout.encode()
    url = url_of("acme-templates", "us-east-1", name_of("mailmark", "1.0.0", body).key, "v1")
    ran = run([*command, "--template-url", url])
    assert ran.code == 0
    assert not {"boto3", "botocore"} & ran.heavy


def test_every_command_is_held_to_it() -> None:
    tried = {arguments[0] for arguments, _, _ in CASES.values()}
    assert set(COMMANDS.builtins) <= tried


def test_a_library_that_is_loaded_is_seen(clean: dict[str, str], tmp_path: Path) -> None:
    assert python(TELL + "import boto3", [], tmp_path, clean).heavy == {"boto3", "botocore"}


@pytest.mark.parametrize(
    ("format_name", "allowed"), [("json", set()), ("junit", set()), ("text", {"rich"})], ids=["json", "junit", "text"]
)
def test_verify_of_one_role_needs_boto3_and_the_vendor_file_and_no_more(
    fake_aws: FakeAws,
    clean: dict[str, str],
    run: Callable[..., Ran],
    tmp_path: Path,
    format_name: str,
    allowed: set[str],
) -> None:
    env = clean | dict(fake_aws.environment(fake_aws.vendor))
    env["MAILMARK_AWS_ACCOUNT_ID"] = fake_aws.vendor.account_id
    role = "arn:aws:iam::444455556666:role/nobody-made-this"
    arguments = ["verify", role, "--external-id", "0123456789abcdef0123", "--wait", "0", "--format", format_name]
    ran = run(arguments, env)
    assert "external-id-required" in ran.stdout
    assert ran.heavy == {"asyncio", "boto3", "botocore", "pydantic_core", "yaml"} | allowed
    assert not (tmp_path / "data").exists()


def modules_of_the_package() -> list[str]:
    paths = sorted(PACKAGE.rglob("*.py"))
    names = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names if not name.startswith(NOT_IMPORTED)]


# One process imports them all, each as if it were the first: a process for each would take half a minute. Every module
# runs again for each that imports it; what is kept is only the code: that which is read, and that which dataclasses
# write and would compile again.
ALONE = """
import dataclasses, functools, gc, importlib, importlib.machinery, json, sys
gc.disable()  # what is left behind is no more than a third of a gigabyte
compiled = functools.cache(lambda text: compile(text, "<string>", "exec"))
dataclasses.exec = lambda text, *names: exec(compiled(text), *names)
loader = importlib.machinery.SourceFileLoader
read = functools.cache(lambda name, path: loader(name, path)._get_code(name))
loader._get_code, loader.get_code = loader.get_code, lambda self, name: read(name, self.path)
failed = {}
for name in json.load(sys.stdin):
    for loaded in [one for one in sys.modules if one.partition(".")[0] == "byoaws"]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = repr(error)
print(json.dumps(failed))
"""


def import_alone(names: list[str], folder: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE],
        input=json.dumps(names),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_every_module_can_be_imported_first_and_alone(tmp_path: Path) -> None:
    assert import_alone(modules_of_the_package(), tmp_path) == {}


def test_a_module_that_cannot_be_imported_first_is_reported(tmp_path: Path) -> None:
    (tmp_path / "byoaws_one.py").write_text("from byoaws_two import x\ny = 1\n")
    (tmp_path / "byoaws_two.py").write_text("from byoaws_one import y\nx = 1\n")
    assert set(import_alone(["byoaws.model", "byoaws_one"], tmp_path)) == {"byoaws_one"}


@pytest.mark.parametrize(
    "name",
    [
        "byoaws",
        "byoaws.errors",
        "byoaws.model",
        "byoaws.registry",
        "byoaws.cli",
        "byoaws.connections",
        "byoaws.connections.aio",
    ],
)
def test_importing_what_a_library_user_starts_with_does_nothing_heavy(
    name: str, clean: dict[str, str], tmp_path: Path
) -> None:
    ran = python(TELL + f"import {name}", [], tmp_path, clean)
    assert ran.heavy == set()
    assert not {"asyncio", "importlib.metadata", "subprocess", "urllib.request"} & ran.modules
    assert list(tmp_path.iterdir()) == []
