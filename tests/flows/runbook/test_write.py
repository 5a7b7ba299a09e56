"""What `runbook` refuses, and when the store is opened."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from byoaws.errors import UnknownConnection, UnknownName, UsageError
from byoaws.flows.runbook.write import Request, write
from byoaws.model import Connection, ConnectionStatus
from byoaws.vendor_model import Access, Vendor
from byoaws.vendors.file import load_vendor

AT = datetime(2026, 11, 21, tzinfo=UTC)
CONNECTION = Connection(
    id="con_1",
    alias="A",
    vendor="mailmark",
    region="eu-west-1",
    external_id="0123456789abcdef" * 3,
    created_at=AT,
    updated_at=AT,
)


class Store:
    """Holds one connection, and knows whether it was closed."""

    def __init__(self, connection: Connection = CONNECTION) -> None:
        self.connection, self.closed = connection, False

    def get(self, connection_id: str) -> Connection:
        if connection_id != self.connection.id:
            raise UnknownConnection(f"no connection '{connection_id}'")
        return self.connection

    def last_report(self, connection_id: str) -> None:
        return None

    def close(self) -> None:
        self.closed = True


def asked(name: str = "connect", **changes: str | None) -> Request:
    given = {"connection_id": None, "region": None, "default_region": "us-east-1", **changes}
    return Request(name=name, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})


def never() -> Store:
    raise AssertionError("the store was opened")


def test_without_a_connection_the_store_is_not_opened(vendor: Vendor) -> None:
    assert "us-east-1" in write(asked(), vendor, never)
    assert "eu-north-1" in write(asked(region="eu-north-1"), vendor, never)


def test_the_connection_says_the_region(vendor: Vendor) -> None:
    store = Store()
    text = write(asked(connection_id="con_1"), vendor, lambda: store)
    assert "--region eu-west-1" in text
    assert "us-east-1" not in text
    assert store.closed


@pytest.mark.parametrize(
    ("request_", "connection", "error", "words"),
    [
        (asked("nothing"), CONNECTION, UnknownName, "no runbook named 'nothing'"),
        (asked("x" * 500), CONNECTION, UnknownName, "x" * 60 + "'"),
        (asked(region="moon-1"), CONNECTION, UsageError, "'moon-1' is not an AWS region"),
        (asked(default_region="moon-1"), CONNECTION, UsageError, "'moon-1' is not an AWS region"),
        (asked(connection_id="con_2"), CONNECTION, UnknownConnection, "no connection 'con_2'"),
        (asked(connection_id="con_1", region="eu-north-1"), CONNECTION, UsageError, "in region eu-west-1"),
        (asked(connection_id="con_1"), replace(CONNECTION, vendor="other"), UsageError, "belongs to vendor 'other'"),
        (
            asked(connection_id="con_1"),
            replace(CONNECTION, status=ConnectionStatus.DISCONNECTED),
            UsageError,
            "is disconnected",
        ),
    ],
    ids=["name", "long name", "region", "default region", "unknown", "other region", "other vendor", "disconnected"],
)
def test_what_is_refused(
    vendor: Vendor, request_: Request, connection: Connection, error: type[Exception], words: str
) -> None:
    store = Store(connection)
    with pytest.raises(error) as caught:
        write(request_, vendor, lambda: store)
    assert words in str(caught.value)
    assert caught.value.hint or error is UnknownConnection  # type: ignore[attr-defined]
    assert store.closed is (request_.connection_id is not None)


def test_a_vendor_without_roles_has_no_external_id_to_rotate(vendor: Vendor) -> None:
    keys = replace(
        vendor, access=Access.USER, stack=replace(vendor.stack, blocks=("user",)), packs=("ses-account-read",)
    )
    with pytest.raises(UsageError, match="grant no role"):
        write(asked("rotate-external-id"), keys, never)
    assert "MakeAccessKey" in write(asked(), keys, never)
