"""Begin a connection: what is minted, what is stored, and in which order."""

import re
from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import LinkError, StoreError, UsageError
from byoaws.flows.connect import Begun, begin, connection_id
from byoaws.model import ConnectionStatus
from byoaws.quickcreate.url import parse
from byoaws.vendor_model import SecretMode, Vendor


@pytest.fixture
def begin_one(vendor: Vendor, store: Any, now: Any) -> Any:
    def one(**given: Any) -> Begun:
        values = {"alias": "Production", "region": "eu-west-1", "customer": None, "now": now, **given}
        return begin(values.pop("open_store", store.open), values.pop("vendor", vendor), **values)

    return one


def test_what_is_stored_is_what_the_customer_is_given(begin_one: Any, store: Any) -> None:
    begun = begin_one(customer="4711")
    stored = store.get(begun.connection.id)
    assert stored == begun.connection
    link = parse(begun.offer.url)
    assert link.parameters["ExternalId"] == stored.external_id
    assert link.parameters["WebhookSecret"] == stored.webhook_secret
    assert (link.region, link.stack_name, link.template_url) == (
        stored.region,
        stored.stack_name,
        stored.template_url,
    )
    assert (stored.status, stored.customer, stored.alias) == (ConnectionStatus.PENDING, "4711", "Production")
    assert stored.created_at == stored.updated_at
    assert (stored.role_arn, stored.checked_at, stored.verified_at) == (None, None, None)
    assert (store.opened, store.closed) == (1, 1)


def test_nothing_is_ever_minted_twice(begin_one: Any) -> None:
    begun = [begin_one() for _ in range(20)]
    for name in ("id", "external_id", "webhook_secret", "stack_name"):
        assert len({getattr(one.connection, name) for one in begun}) == 20


def test_a_secret_that_the_stack_makes_is_not_minted(begin_one: Any, vendor: Vendor) -> None:
    packs = (*vendor.packs, "webhook-secret-read")
    begun = begin_one(vendor=replace(vendor, webhook_secret=SecretMode.GENERATED, packs=packs))
    assert begun.connection.webhook_secret is None
    assert "WebhookSecret" not in begun.offer.link.parameters


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"alias": ""}, UsageError),
        ({"alias": " \t"}, UsageError),
        ({"alias": "two\nlines"}, UsageError),
        ({"alias": "\x1b[2J"}, UsageError),
        ({"alias": "\udcff"}, UsageError),
        ({"alias": "x" * 101}, UsageError),
        ({"customer": ""}, UsageError),
        ({"customer": "\x00"}, UsageError),
        ({"region": "moon-1"}, UsageError),
        ({"region": "eu-central-2"}, UsageError),
        ({"template_url": "https://cdn.example/t.yaml"}, LinkError),
    ],
)
def test_what_cannot_be_offered_does_not_even_open_the_store(
    given: dict[str, str], error: type[UsageError], begin_one: Any, store: Any
) -> None:
    with pytest.raises(error) as refused:
        begin_one(**given)
    assert refused.value.hint
    assert refused.value.message.isprintable()
    assert store.opened == 0


@pytest.mark.parametrize("alias", ["x", "x" * 100, "Größe 東京", "a'b\"c"])
def test_names_for_people(alias: str, begin_one: Any) -> None:
    assert begin_one(alias=alias).connection.alias == alias


def test_a_store_that_fails_gives_no_link(begin_one: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(connection: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "add", full)
    with pytest.raises(StoreError):
        begin_one()
    assert (store.opened, store.closed) == (1, 1)


def test_no_secret_in_the_repr(begin_one: Any) -> None:
    begun = begin_one()
    assert begun.connection.webhook_secret
    assert begun.connection.webhook_secret not in repr(begun)


def test_connection_ids() -> None:
    made = {connection_id() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"con_[a-z0-9]{20}", one) for one in made)
