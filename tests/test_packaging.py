"""What is shipped: the wheel holds every file of the package and nothing else, and declares what the code imports.

The wheel is built from a copy of the sources with the setuptools that is installed, without a network.
"""

import ast
import configparser
import functools
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import Parser
from importlib import metadata, resources
from pathlib import Path

import pytest

import byoaws
from byoaws.cli import main

ROOT = Path(__file__).parents[1]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
SOURCES = ("byoaws", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
LEAVE_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"

# Import names whose distribution another one brings along, at a version that only that one can choose.
BROUGHT_ALONG = {"aiohttp": "aiobotocore", "yarl": "aiobotocore", "botocore": "boto3"}
# Named in no import: the embedded AWS is a process of its own.
NEVER_IMPORTED = {"ministack"}
# Imported in one place, which says what to install where it is missing.
ONLY_WITH_AN_EXTRA = {
    "aiosmtpd": "demo",
    "procrastinate": "fleet",
    "prometheus_client": "fleet",
    "psycopg": "postgres",
}


# The wheel -----------------------------------------------------------------------------------------------------------


def build(source: Path, target: Path) -> zipfile.ZipFile:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BUILD, str(target)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = target.glob("*.whl")
    return zipfile.ZipFile(wheel)


def copy_sources(target: Path) -> Path:
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, target / name, ignore=LEAVE_OUT)
        else:
            shutil.copy(path, target / name)
    return target


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    pytest.importorskip("setuptools", minversion="77")
    source = tmp_path_factory.mktemp("source")
    with build(copy_sources(source), tmp_path_factory.mktemp("wheel")) as opened:
        yield opened


def files_of_the_package(root: Path) -> set[str]:
    return {
        path.relative_to(root).as_posix()
        for path in (root / "byoaws").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def forgotten(wheel: zipfile.ZipFile, root: Path) -> set[str]:
    return files_of_the_package(root) - set(wheel.namelist())


def test_the_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    assert forgotten(wheel, ROOT) == set()


def test_the_wheel_holds_what_no_import_would_miss(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {"byoaws/py.typed", "byoaws/vendors/mailmark.yaml", "byoaws/policies/deployer/actions.yaml"} <= names
    for pattern in (
        r"byoaws/policies/[\w-]+\.yaml",
        r"byoaws/templates/functions/[a-z]+\w+\.py",
        r"byoaws/store/migrations/versions/v\d{4}_\w+\.py",
        r"byoaws/lint/rules/[EWI]\d{4}_\w+\.py",
    ):
        assert [name for name in names if re.fullmatch(pattern, name)]


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    others = [name for name in wheel.namelist() if not re.match(r"byoaws-[^/]+\.dist-info/", name)]
    assert set(others) <= files_of_the_package(ROOT)


def test_a_forgotten_line_of_package_data_is_noticed(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", minversion="77")
    (tmp_path / "source").mkdir()
    source = copy_sources(tmp_path / "source")
    text = (source / "setup.cfg").read_text()
    (source / "setup.cfg").write_text(text.replace("byoaws.vendors = *.yaml\n", ""))
    with build(source, tmp_path) as broken:
        files = {f"byoaws/vendors/{path.name}" for path in (ROOT / "byoaws" / "vendors").glob("*.yaml")}
        assert forgotten(broken, ROOT) == files


def _metadata(wheel: zipfile.ZipFile, name: str) -> str:
    (found,) = (one for one in wheel.namelist() if one.endswith(f".dist-info/{name}"))
    return wheel.read(found).decode()


@pytest.fixture
def described(wheel: zipfile.ZipFile) -> Message:
    return Parser().parsestr(_metadata(wheel, "METADATA"))


def test_the_wheel_says_what_it_is(described: Message) -> None:
    assert described["Name"] == "byoaws"
    assert described["Version"] == byoaws.__version__
    assert described["Requires-Python"] == ">=3.11"
    assert "Apache-2.0" in (described["License-Expression"] or described["License"])
    assert described["Summary"].endswith(".")
    assert described.get_payload().startswith("# byoaws")


def test_the_wheel_has_the_command(wheel: zipfile.ZipFile) -> None:
    points = configparser.ConfigParser()
    points.read_string(_metadata(wheel, "entry_points.txt"))
    assert dict(points["console_scripts"]) == {"byoaws": "byoaws.cli:main"}


def test_the_license_is_shipped(wheel: zipfile.ZipFile) -> None:
    assert any(name.endswith("/LICENSE") for name in wheel.namelist())


def test_the_command_is_installed() -> None:
    (point,) = metadata.entry_points(group="console_scripts", name="byoaws")
    assert point.load() is main


def test_data_is_found_as_an_installed_package_finds_it() -> None:
    assert resources.files("byoaws.vendors").joinpath("mailmark.yaml").is_file()
    assert resources.files("byoaws").joinpath("py.typed").is_file()


# Dependencies --------------------------------------------------------------------------------------------------------


def declared(lines: str) -> dict[str, str]:
    """Distribution (normalised) to the version that is asked for."""
    found = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        if line.startswith("%("):
            continue
        name, _, bound = re.fullmatch(r"([A-Za-z0-9._-]+)(\[[\w,.-]+\])?\s*(.*)", line).groups()
        found[re.sub(r"[-_.]+", "-", name).lower()] = bound
    return found


CORE = declared(SETUP["options"]["install_requires"])
EXTRAS = {name: declared(lines) for name, lines in SETUP["options.extras_require"].items()}


def imported(sources: Iterable[str]) -> set[str]:
    """Top-level names of other distributions that the sources import at run time."""
    found = set()
    for source in sources:
        tree = ast.parse(source)
        for_types = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if node in for_types:
                continue
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"byoaws"}


# Reads what every installed distribution holds.
holders_of = functools.cache(metadata.packages_distributions)


def distributions(names: Iterable[str]) -> set[str]:
    """The distributions that hold these import names, normalised."""
    holders = holders_of()
    return {re.sub(r"[-_.]+", "-", holder).lower() for name in names for holder in holders[name]}


def test_what_is_imported_is_declared_and_the_reverse() -> None:
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "byoaws").rglob("*.py"))]
    names = imported(sources)
    assert set(BROUGHT_ALONG) <= names
    assert distributions(names - set(BROUGHT_ALONG) - set(ONLY_WITH_AN_EXTRA)) == set(CORE)
    for name, extra in ONLY_WITH_AN_EXTRA.items():
        (needed,) = distributions([name])
        assert needed in EXTRAS[extra]
        assert needed not in CORE
    assert set(BROUGHT_ALONG.values()) <= set(CORE)


def test_an_import_is_seen_wherever_it_stands() -> None:
    source = "import os\ndef f():\n    import yaml.nodes\nif TYPE_CHECKING:\n    import pytest\nfrom click import x\n"
    assert imported([source]) == {"yaml", "click"}
    assert distributions({"yaml", "click"}) == {"pyyaml", "click"}


def test_what_only_an_extra_brings_is_never_imported() -> None:
    brought = {name for extra in ("demo", "postgres") for name in EXTRAS[extra]}
    assert brought - set(ONLY_WITH_AN_EXTRA) == NEVER_IMPORTED
    assert not NEVER_IMPORTED & set(CORE)


@pytest.mark.parametrize(("name", "bound"), CORE.items(), ids=CORE)
def test_a_dependency_has_a_lower_bound_and_no_upper_one(name: str, bound: str) -> None:
    assert re.fullmatch(r">=\d+(\.\d+)*", bound)


def test_the_embedded_aws_is_pinned() -> None:
    assert re.fullmatch(r"==\d+(\.\d+)*", EXTRAS["demo"]["ministack"])


def test_the_version_is_one() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?(\.dev\d+)?", byoaws.__version__)
    assert SETUP["metadata"]["version"] == "attr: byoaws.__version__"
