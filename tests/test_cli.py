"""The click group: lazy, complete, and the one place where whatever goes wrong gets its message and exit code."""

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from byoaws import __version__, errors
from byoaws.cli import main, summary
from byoaws.registry import COMMANDS, Registry

HEAVY = (
    "boto3",
    "botocore",
    "cfnlint",
    "troposphere",
    "sqlalchemy",
    "alembic",
    "pydantic",
    "pydantic_core",
    "yaml",
    "cryptography",
    "rich",
)
SECRET = "hunter2hunter2"


@pytest.fixture(autouse=True)
def no_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def invoke(*args: str, **options: Any) -> Result:
    return CliRunner().invoke(main, list(args), prog_name="byoaws", catch_exceptions=False, **options)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Put a command of the test's own behind every name."""

    def put(action: Callable[[], object]) -> None:
        monkeypatch.setattr(Registry, "load", lambda table, name: click.command(name)(lambda: action()))

    return put


def raises(error: BaseException) -> Callable[[], object]:
    def action() -> object:
        raise error

    return action


def test_help_lists_every_command_in_the_tables_order() -> None:
    done = invoke("--help")
    assert done.exit_code == 0
    listed = done.stdout.partition("Commands:\n")[2]
    places = [listed.index(f"\n  {name} " if number else f"  {name} ") for number, name in enumerate(COMMANDS.builtins)]
    assert places == sorted(places)
    assert "Exit codes: 0 fine; 1 checked, and it is not fine; 2 wrong usage; 3 could not" in done.stdout


@pytest.mark.parametrize("name", COMMANDS.builtins)
def test_every_command_explains_itself(name: str) -> None:
    loaded = COMMANDS.load(name)
    assert isinstance(loaded, click.Command)
    assert loaded.name == name
    done = invoke(name, "--help")
    assert done.exit_code == 0
    first = " ".join(done.stdout.partition("\n\n")[2].partition("\n\n")[0].split())
    said = summary(name).rstrip(".")
    assert said
    # The list of commands and the command's own help say the same.
    assert first.rstrip(".").lower() == said.lower()


@pytest.mark.parametrize("args", [["--help"], ["--version"], [], ["bogus"]], ids=["help", "version", "nothing", "typo"])
def test_what_needs_no_command_loads_no_heavy_library(args: list[str]) -> None:
    code = (
        "import sys, json\nfrom byoaws.cli import main\n"
        f"try:\n    main({args!r})\nexcept SystemExit:\n    pass\n"
        f"print('\\n' + json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_version() -> None:
    assert invoke("--version").stdout == f"byoaws, version {__version__}\n"


def test_nothing_asked_is_wrong_usage_and_shows_the_help() -> None:
    done = invoke()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: byoaws")


@pytest.fixture
def with_another_package(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run byoaws beside another distribution that adds a command, and tries to replace one."""
    (tmp_path / "attack-1.0.dist-info").mkdir()
    (tmp_path / "attack-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: attack\nVersion: 1.0\n")
    points = "[byoaws.commands]\nverify = attack:hello\nhello = attack:hello\nbroken = no_such_package:hello\n"
    (tmp_path / "attack-1.0.dist-info" / "entry_points.txt").write_text(points)
    (tmp_path / "attack.py").write_text("import click\n\n@click.command()\ndef hello():\n    click.echo('owned')\n")

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONPATH": str(tmp_path), "BYOAWS_DATA_DIR": str(tmp_path / "data")}
        command = [sys.executable, "-m", "byoaws.cli", *args]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    return run


def test_other_packages_add_commands(with_another_package: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert re.search(r"^  hello +added by another package$", with_another_package("--help").stdout, re.MULTILINE)
    assert with_another_package("hello").stdout == "owned\n"


def test_other_packages_never_replace_a_command(
    with_another_package: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = with_another_package("verify", "nonsense")
    assert done.returncode == 2
    assert "'nonsense' is not an ARN" in done.stderr
    assert "owned" not in done.stdout


def test_an_added_command_that_cannot_be_loaded(
    with_another_package: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = with_another_package("broken")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: byoaws itself failed (ModuleNotFoundError)\nhint:  ")


ENDINGS = {
    "usage": (errors.UsageError("not so", hint="but so"), 2, "error: not so\nhint:  but so\n"),
    "no-hint": (errors.UsageError("not so"), 2, "error: not so\n"),
    "store": (errors.StoreError("cannot open", hint="look"), 3, "error: cannot open\nhint:  look\n"),
    "aws": (errors.Throttled("slow down", hint="wait"), 3, "error: slow down\nhint:  wait\n"),
    "click": (click.UsageError("Bad thing."), 2, "error: bad thing\nhint:  byoaws demo --help shows how it is used\n"),
    "click-without-context": (
        click.ClickException("Bad thing."),
        2,
        "error: bad thing\nhint:  byoaws COMMAND --help shows how it is used\n",
    ),
    "interrupted": (KeyboardInterrupt(), 130, "\nerror: interrupted\n"),
    "pipe-closed": (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
    "disk-full": (
        OSError(errno.ENOSPC, "No space left on device", "/tmp/x"),
        3,
        "error: no space left on device: '/tmp/x'\nhint:  byoaws --debug COMMAND ... shows where\n",
    ),
    "unforeseen": (
        ValueError(f"password={SECRET}"),
        3,
        "error: byoaws itself failed (ValueError)\nhint:  byoaws --debug COMMAND ... shows where; please report it\n",
    ),
    "exit-0": (SystemExit(0), 0, ""),
    "exit-1": (SystemExit(1), 1, ""),
    "exit-3": (SystemExit(3), 3, ""),
}


@pytest.mark.parametrize(("error", "code", "said"), ENDINGS.values(), ids=ENDINGS.keys())
def test_endings(error: BaseException, code: int, said: str, command: Callable[[Callable[[], object]], None]) -> None:
    command(raises(error))
    done = invoke("demo")
    assert (done.exit_code, done.stdout, done.stderr) == (code, "", said)


def test_every_error_class_has_an_exit_code_that_is_documented() -> None:
    found = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, errors.ByoawsError)]
    assert len(found) > 10
    assert {item.exit_code for item in found} == {2, 3}


def test_what_a_command_returns_is_not_its_exit_code(command: Callable[[Callable[[], object]], None]) -> None:
    command(lambda: 5)
    assert invoke("demo").exit_code == 0


def test_debug_adds_the_traceback_to_the_message(command: Callable[[Callable[[], object]], None]) -> None:
    command(raises(errors.StoreError("cannot open", hint="look")))
    done = invoke("--debug", "demo")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert done.stderr.endswith("error: cannot open\nhint:  look\n")


@pytest.mark.parametrize(
    "args", [["demo", "--debug"], ["--debug", "--nonsense", "demo"]], ids=["after-the-command", "with-a-typo"]
)
def test_debug_shows_no_traceback_of_wrong_usage(
    args: list[str], command: Callable[[Callable[[], object]], None]
) -> None:
    command(lambda: None)
    done = invoke(*args)
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("env", "terminal", "colored"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
    ids=["terminal", "pipe", "no-color", "no-color-empty", "force-color", "no-color-wins"],
)
def test_colour(
    env: dict[str, str], terminal: bool, colored: bool, command: Callable[[Callable[[], object]], None]
) -> None:
    def say() -> None:
        click.secho("note", fg="red", err=True)
        raise errors.UsageError("not so", hint="but so")

    command(say)
    # The runner's streams are no terminals; `color` makes click take them for one.
    done = invoke("demo", env=env, color=terminal)
    assert [line.startswith("\x1b[") for line in done.stderr.splitlines()] == [colored] * 3
