"""Fixtures for every test: golden files, and the embedded AWS, started once per worker and only if a test asks."""

import difflib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from byoaws.fakeaws.interface import Account, FakeAws

# A busy machine makes any one example slow: no deadline. In CI the same examples every time, so that a failure is news.
# Half of hypothesis's hundred examples, so that the whole suite stays short; tests that need more ask for more.
settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


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


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Callable[[str, str], None]:
    """Hold a generated text against `tests/golden/NAME`: `golden(name, text)`."""
    return GoldenFiles(folder=Path(__file__).parent / "golden", update=pytestconfig.getoption("--update-golden"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts the embedded AWS, so that `-m "not fakeaws"` leaves it out."""
    for item in items:
        if "fake_aws" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.fakeaws)


@pytest.fixture(scope="session")
def fake_aws() -> Iterator[FakeAws]:
    """One embedded AWS for all tests of a worker. Its state is shared: take an `aws_customer`, or names of your own."""
    from byoaws.fakeaws.embedded import start

    with start() as aws:
        yield aws


@pytest.fixture
def aws_customer(fake_aws: FakeAws) -> Account:
    """The administrator of an empty account that no other test sees."""
    return fake_aws.new_customer()
