"""Fixtures for every test: the embedded AWS, started once per worker and only if a test asks for it."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from byoaws.fakeaws.interface import Account, FakeAws

# A busy machine makes any one example slow: no deadline. In CI the same examples every time, so that a failure is news.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


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
