"""Commands run in this process, in an empty directory, with nothing of the user's environment."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from byoaws.cli import main
from byoaws.factory import now
from byoaws.flows.connect import begin
from byoaws.model import Connection
from byoaws.store.sql import open_store
from byoaws.vendors.file import load_vendor

TEMPLATE_URL = "https://templates.s3.us-east-1.amazonaws.com/mailmark.yaml"
VENDOR = {"MAILMARK_AWS_ACCOUNT_ID": "111122223333", "MAILMARK_CFN_TEMPLATE_URL": TEMPLATE_URL}
_FOREIGN = ("AWS_", "BYOAWS_", "MAILMARK_", "XDG_")
_COLORS = ("NO_COLOR", "FORCE_COLOR")

Run = Callable[..., Result]


@pytest.fixture
def cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, beside the home and the data directory."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name in _COLORS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BYOAWS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / "home").mkdir()
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    return tmp_path / "cwd"


@pytest.fixture
def vendor_env(cwd: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """What the built-in vendor reads from the environment, set."""
    for name, value in VENDOR.items():
        monkeypatch.setenv(name, value)
    return VENDOR


@pytest.fixture
def run(cwd: Path) -> Run:
    """Run one command line; anything but an exit is an error of the test."""

    def invoke(*args: object, env: Mapping[str, str | None] | None = None, input: str | None = None) -> Result:
        words = [str(arg) for arg in args]
        return CliRunner().invoke(main, words, env=env, input=input, catch_exceptions=False, prog_name="byoaws")

    return invoke


@pytest.fixture
def output_of(run: Run) -> Callable[..., str]:
    """Run a command that must succeed, and return its stdout."""

    def invoke(*args: object, **options: object) -> str:
        done = run(*args, **options)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    return invoke


@pytest.fixture
def json_of(output_of: Callable[..., str]) -> Callable[..., dict]:
    """Run a command that must succeed with --format json, and return what it says."""

    def invoke(*args: object, **options: object) -> dict:
        return json.loads(output_of(*args, "--format", "json", **options))

    return invoke


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Connection]:
    """A data directory with one pending connection in it, made once."""
    data = tmp_path_factory.mktemp("seed") / "data"
    begun = begin(
        lambda: open_store(f"sqlite:///{data}/byoaws.sqlite3", key=None, key_file=data / "key"),
        load_vendor("mailmark", VENDOR),
        alias="Production",
        region="eu-west-1",
        customer="4711",
        now=now,
    )
    return data, begun.connection


@pytest.fixture
def connection(seed: tuple[Path, Connection], cwd: Path) -> Connection:
    """A connection in the store of this test."""
    shutil.copytree(seed[0], cwd.parent / "data")
    return seed[1]


@pytest.fixture
def everything(cwd: Path) -> Callable[[], dict[str, str]]:
    """Every file below the test's directory, and what is in it."""

    def listed() -> dict[str, str]:
        return {
            str(path.relative_to(cwd.parent)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "-"
            for path in cwd.parent.rglob("*")
        }

    return listed
