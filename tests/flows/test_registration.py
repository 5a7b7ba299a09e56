"""Stacks that report themselves: a token proves one of them, a signature the same one later, and roles are verified."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from byoaws.errors import LinkError, UnknownConnection, UsageError, WebhookForged
from byoaws.flows.connect import begin
from byoaws.flows.links.new import new_link
from byoaws.flows.registration import Accepted, accept, issue_token, settle
from byoaws.model import Connection, ConnectionStatus, Verdict
from byoaws.quickcreate.registration_token import PATTERN, fingerprint, mint
from byoaws.vendor_model import StackFacts, Vendor
from byoaws.webhooks import Registration

STACK = "arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1a2b3c4d-0000"
ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/acme-AccessRole-1ABC"
OTHER_ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/acme-AccessRole-2DEF"


def report(connection: Connection, **fields: Any) -> Registration:
    values = {
        "type": "stack.created",
        "connection_id": connection.id,
        "account_id": "444455556666",
        "region": "eu-west-1",
        "stack_id": STACK,
        "role_arn": ROLE,
        "bucket_name": "acme-mail",
        "template_version": "1.0.0",
        "outputs": {"WebhookSecretArn": "arn:secret"},
        **fields,
    }
    return Registration(**values)


@pytest.fixture
def token(store: Any, pending: Connection, now: Any) -> str:
    return issue_token(store, pending.id, now=now())


@pytest.fixture
def say(store: Any, pending: Connection, now: Any) -> Callable[..., Accepted]:
    return lambda **fields: accept(store, report(pending, **fields), now=now)


@pytest.fixture
def verified(
    store: Any, pending: Connection, token: str, say: Any, vendor: Vendor, verifier: Any, fake_role: Any
) -> Connection:
    """The connection, once its stack has reported itself."""
    say(token=token)
    settle(pending.id, vendor, verifier(fake_role()), store.open)
    found: Connection = store.get(pending.id)
    assert (found.status, found.role_arn) == (ConnectionStatus.VERIFIED, ROLE)
    return found


def test_tokens_are_random_and_kept_by_their_hash_alone(store: Any, pending: Connection, token: str) -> None:
    assert PATTERN.fullmatch(token)
    assert len({mint() for _ in range(100)}) == 100
    kept, expires_at, _ = store.tokens[pending.id]
    assert kept == fingerprint(token) != token
    assert re.fullmatch("[0-9a-f]{64}", kept)
    assert expires_at - pending.created_at < timedelta(hours=25)


def test_a_claim_is_kept_and_nothing_of_it_believed(say: Any, token: str, store: Any, pending: Connection) -> None:
    assert say(token=token) is Accepted.CLAIMED
    claim = store.claimed(pending.id)
    assert (claim.stack_id, claim.role_arn, claim.bucket_name, claim.secret_arn) == (
        STACK,
        ROLE,
        "acme-mail",
        "arn:secret",
    )
    assert store.get(pending.id) == pending


def test_a_verified_claim_is_the_connections_role(verified: Connection) -> None:
    assert (verified.account_id, verified.bucket_name) == ("444455556666", "acme-mail")


@pytest.mark.parametrize("hours", [1, 24])
def test_a_token_expires(store: Any, pending: Connection, now: Any, hours: int) -> None:
    at = now()
    token = issue_token(store, pending.id, now=at, hours=hours)
    ends = at + timedelta(hours=hours)
    with pytest.raises(WebhookForged):
        accept(store, report(pending, token=token), now=lambda: ends)
    before = ends - timedelta(seconds=1)
    assert accept(store, report(pending, token=token), now=lambda: before) is Accepted.CLAIMED


def test_whatever_is_wrong_the_answer_is_the_same(
    store: Any, pending: Connection, other: Connection, token: str, say: Any, now: Any
) -> None:
    """A stranger does not learn which connections there are, or what became of their tokens."""
    of_other = issue_token(store, other.id, now=now())
    say(token=token)
    wrong: list[dict[str, Any]] = [
        {"token": mint()},
        {"token": of_other},
        {"token": token, "connection_id": other.id},
        {"token": token, "connection_id": "con_none"},
        {"token": token, "region": "us-east-1"},
        {"token": token, "role_arn": OTHER_ROLE},
        {"token": token, "stack_id": STACK + "1"},
    ]
    messages = set()
    for fields in wrong:
        with pytest.raises(WebhookForged) as caught:
            say(**fields)
        messages.add(str(caught.value))
    assert len(messages) == 1
    assert store.claimed(pending.id).role_arn == ROLE
    assert store.claimed(other.id) is None


def test_a_new_token_voids_the_old_one(store: Any, pending: Connection, token: str, say: Any, now: Any) -> None:
    newer = issue_token(store, pending.id, now=now())
    with pytest.raises(WebhookForged):
        say(token=token)
    assert say(token=newer) is Accepted.CLAIMED


def test_a_role_that_does_not_open_yet_may_open_later(
    store: Any, pending: Connection, token: str, say: Any, vendor: Vendor, verifier: Any, fake_role: Any
) -> None:
    say(token=token)
    settled = settle(pending.id, vendor, verifier(fake_role(external_id="not yet")), store.open)
    assert settled is not None
    assert settled[1].verdict is not Verdict.VERIFIED
    assert store.get(pending.id).role_arn is None
    # The stack may report the same again, and another still may not.
    assert say(token=token) is Accepted.CLAIMED
    with pytest.raises(WebhookForged):
        say(token=token, role_arn=OTHER_ROLE)
    settle(pending.id, vendor, verifier(fake_role()), store.open)
    assert store.get(pending.id).status is ConnectionStatus.VERIFIED


def test_a_claim_with_a_wrong_role_does_not_displace_a_verified_one(
    store: Any, verified: Connection, say: Any, vendor: Vendor, verifier: Any, fake_role: Any, now: Any
) -> None:
    newer = issue_token(store, verified.id, now=now())
    assert say(token=newer, role_arn=OTHER_ROLE, stack_id=STACK + "2") is Accepted.CLAIMED
    settled = settle(verified.id, vendor, verifier(fake_role(external_id="anothers")), store.open)
    assert settled is not None
    assert settled[1].verdict is not Verdict.VERIFIED
    assert store.get(verified.id) == verified


def test_a_role_that_opens_for_others_does_not_displace_a_verified_one(
    store: Any, verified: Connection, say: Any, vendor: Vendor, verifier: Any, fake_role: Any, now: Any
) -> None:
    newer = issue_token(store, verified.id, now=now())
    say(token=newer, role_arn=OTHER_ROLE, stack_id=STACK + "2")
    settled = settle(verified.id, vendor, verifier(fake_role(without=True)), store.open)
    assert settled is not None
    assert settled[1].verdict is Verdict.INSECURE
    assert store.get(verified.id) == verified


def test_a_stack_made_anew_from_a_new_link_takes_its_place(
    store: Any, verified: Connection, say: Any, vendor: Vendor, verifier: Any, fake_role: Any, now: Any
) -> None:
    newer = issue_token(store, verified.id, now=now())
    say(token=newer, role_arn=OTHER_ROLE, stack_id=STACK + "2")
    settle(verified.id, vendor, verifier(fake_role()), store.open)
    assert store.get(verified.id).role_arn == OTHER_ROLE
    # The first stack is deleted afterwards, and its report is right but late.
    assert say(type="stack.deleted") is Accepted.IGNORED
    assert store.get(verified.id).status is ConnectionStatus.VERIFIED


@pytest.mark.parametrize("kind", ["stack.created", "stack.updated"])
def test_whoever_sees_a_new_link_cannot_put_an_account_of_theirs_in_the_customers_place(
    store: Any, verified: Connection, say: Any, vendor: Vendor, verifier: Any, fake_role: Any, now: Any, kind: str
) -> None:
    """The ExternalId stands in the link as well, so a role of theirs would verify."""
    newer = issue_token(store, verified.id, now=now())
    theirs = {"account_id": "777788889999", "stack_id": STACK.replace("444455556666", "777788889999")}
    theirs["role_arn"] = ROLE.replace("444455556666", "777788889999")
    before = store.claimed(verified.id)
    with pytest.raises(WebhookForged):
        say(type=kind, token=newer, **theirs)
    assert store.claimed(verified.id) == before
    # Nor is the token used up: the customer's own stack may still show it.
    assert say(token=newer, stack_id=STACK + "2", role_arn=OTHER_ROLE) is Accepted.CLAIMED


def test_what_another_account_claimed_before_is_not_settled_afterwards(
    store: Any, pending: Connection, token: str, say: Any, vendor: Vendor, verifier: Any, fake_role: Any, now: Any
) -> None:
    """A second link is made, and seen by somebody, while the customer's own stack is being verified."""
    theirs = {"account_id": "777788889999", "stack_id": STACK.replace("444455556666", "777788889999")}
    theirs["role_arn"] = ROLE.replace("444455556666", "777788889999")
    assert say(token=token, **theirs) is Accepted.CLAIMED
    mine = replace(pending, status=ConnectionStatus.VERIFIED, role_arn=ROLE, account_id="444455556666")
    store.connections[pending.id] = mine
    with pytest.raises(UsageError, match="account 777788889999") as caught:
        settle(pending.id, vendor, verifier(fake_role()), store.open)
    assert "new-link" in caught.value.hint
    assert (store.get(pending.id), store.opened) == (mine, store.closed)


def test_the_deletion_of_its_stack_ends_a_connection_once(store: Any, verified: Connection, say: Any) -> None:
    assert say(type="stack.deleted") is Accepted.DISCONNECTED
    ended = store.get(verified.id)
    assert (ended.status, ended.role_arn, ended.webhook_secret) == (ConnectionStatus.DISCONNECTED, None, None)
    assert store.claimed(verified.id).is_deleted
    with pytest.raises(WebhookForged):
        say(type="stack.deleted")


@pytest.mark.parametrize("fields", [{"stack_id": STACK + "0"}, {"stack_id": STACK.replace("acme", "copy")}], ids=str)
def test_the_deletion_of_another_stack_ends_nothing(
    store: Any, verified: Connection, say: Any, fields: dict[str, Any]
) -> None:
    assert say(type="stack.deleted", **fields) is Accepted.IGNORED
    assert store.get(verified.id) == verified


def test_what_was_connected_by_pasting_is_not_ended_by_a_stack_that_never_proved_itself(
    store: Any, pending: Connection, say: Any
) -> None:
    """In a link with `webhook_secret: parameter` stands all that a signature needs: not so the stack's id."""
    store.connections[pending.id] = replace(pending, status=ConnectionStatus.VERIFIED, role_arn=ROLE)
    assert say(type="stack.deleted") is Accepted.IGNORED
    assert store.get(pending.id).status is ConnectionStatus.VERIFIED


def test_a_deletion_before_anything_was_verified_ends_nothing(
    store: Any, pending: Connection, token: str, say: Any
) -> None:
    say(token=token)
    assert say(type="stack.deleted") is Accepted.IGNORED
    assert store.get(pending.id) == pending


def test_a_signed_update_of_its_stack_is_verified_anew(
    store: Any, verified: Connection, say: Any, vendor: Vendor, verifier: Any, fake_role: Any
) -> None:
    assert say(type="stack.updated", role_arn=OTHER_ROLE) is Accepted.CLAIMED
    settle(verified.id, vendor, verifier(fake_role()), store.open)
    assert store.get(verified.id).role_arn == OTHER_ROLE


def test_nothing_to_settle(store: Any, pending: Connection, vendor: Vendor, verifier: Any, fake_role: Any) -> None:
    assert settle(pending.id, vendor, verifier(fake_role()), store.open) is None
    assert store.opened == store.closed
    with pytest.raises(UnknownConnection):
        settle("con_none", vendor, verifier(fake_role()), store.open)


def test_a_role_of_another_connection_is_not_this_ones(
    store: Any, verified: Connection, other: Connection, vendor: Vendor, verifier: Any, fake_role: Any, now: Any
) -> None:
    token = issue_token(store, other.id, now=now())
    accept(store, report(other, token=token), now=now)
    with pytest.raises(UsageError, match=f"belongs to connection '{verified.id}'"):
        settle(other.id, vendor, verifier(fake_role()), store.open)
    assert store.get(other.id) == other


# Links --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def registering(vendor: Vendor) -> Vendor:
    stack = StackFacts(name=vendor.stack.name, version="1.0.0", blocks=(*vendor.stack.blocks, "registration"))
    return replace(vendor, stack=stack, registration_url="https://acme.example/stacks")


def test_connect_puts_a_token_into_the_link_and_its_hash_into_the_store(
    store: Any, registering: Vendor, now: Any
) -> None:
    begun = begin(store.open, registering, alias="a", region="eu-west-1", customer=None, now=now, registration_hours=3)
    given = begun.offer.link.parameters
    assert given["RegistrationUrl"] == "https://acme.example/stacks"
    assert given["ConnectionId"] == begun.connection.id
    kept, expires_at, used = store.tokens[begun.connection.id]
    assert (kept, used) == (fingerprint(given["RegistrationToken"]), False)
    assert expires_at - begun.connection.created_at == timedelta(hours=3)
    assert given["RegistrationToken"] not in repr(begun)


def test_without_a_url_there_is_no_token(store: Any, vendor: Vendor, now: Any) -> None:
    begun = begin(store.open, vendor, alias="a", region="eu-west-1", customer=None, now=now)
    assert not {"RegistrationToken", "RegistrationUrl"} & set(begun.offer.link.parameters)
    assert store.tokens == {}


def test_a_new_link_is_the_same_but_for_its_token(store: Any, registering: Vendor, now: Any) -> None:
    begun = begin(store.open, registering, alias="a", region="eu-west-1", customer=None, now=now)
    again = new_link(store, begun.connection.id, registering, now=now)
    before, after = dict(begun.offer.link.parameters), dict(again.link.parameters)
    assert before.pop("RegistrationToken") != (token := after.pop("RegistrationToken"))
    assert before == after
    assert (begun.offer.link.stack_name, begun.offer.link.region) == (again.link.stack_name, again.link.region)
    assert store.tokens[begun.connection.id][0] == fingerprint(token)


def test_a_link_while_the_external_id_is_exchanged_has_the_new_one(
    store: Any, pending: Connection, registering: Vendor, now: Any
) -> None:
    store.connections[pending.id] = replace(
        pending, pending_external_id="fedcba9876543210" * 3, webhook_secret="whsec_" + "A" * 44
    )
    made = new_link(store, pending.id, registering, now=now)
    assert made.link.parameters["ExternalId"] == "fedcba9876543210" * 3


def test_there_is_no_new_link_for_what_is_over_or_anothers(
    store: Any, pending: Connection, registering: Vendor, now: Any
) -> None:
    with pytest.raises(UnknownConnection):
        new_link(store, "con_none", registering, now=now)
    with pytest.raises(UsageError, match="belongs to vendor 'mailmark'"):
        new_link(store, pending.id, replace(registering, name="acme"), now=now)
    store.connections[pending.id] = replace(pending, status=ConnectionStatus.DISCONNECTED)
    with pytest.raises(UsageError, match="is disconnected"):
        new_link(store, pending.id, registering, now=now)
    assert store.tokens == {}


def test_a_link_that_cannot_be_made_voids_no_token(
    store: Any, pending: Connection, token: str, registering: Vendor, now: Any
) -> None:
    with pytest.raises(LinkError):
        new_link(store, pending.id, replace(registering, template_url=None), now=now)
    assert store.tokens[pending.id][0] == fingerprint(token)
