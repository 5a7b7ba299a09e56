"""Clients for customers' accounts, against an AWS on loopback that knows which session signs each request."""

import asyncio
import gc
import json
import logging
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byoaws.connections import Connections
from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    ConnectionFailed,
    ConnectionUnusable,
    InvalidRequest,
    Throttled,
    UnknownConnection,
    Unreachable,
    UsageError,
)
from byoaws.flows.stored import disconnect
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.sql import SqlStore
from byoaws.vendor_model import Access, Vendor

VENDOR_KEY, VENDOR_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
Connect = Callable[..., Connection]


def account_of(client: Any) -> str:
    """The account whose session signed the call."""
    found: str = client.get_account()["EnforcementStatus"]
    return found


# One session for many clients ----------------------------------------------------------------------------------------


def test_the_role_is_opened_as_the_connection_and_the_vendor_file_say(
    connections: Connections, connect: Connect, aws: Any, vendor: Vendor
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    assert aws.asked == []  # nothing before it is used
    assert client.meta.region_name == "eu-west-1"
    assert account_of(client) == connection.account_id
    (form,) = aws.opened
    assert {name: form[name] for name in ("RoleArn", "ExternalId", "RoleSessionName", "DurationSeconds")} == {
        "RoleArn": connection.role_arn,
        "ExternalId": connection.external_id,
        "RoleSessionName": vendor.session_name,
        "DurationSeconds": str(vendor.session_duration),
    }
    assert "Policy" not in form


def test_clients_of_one_connection_share_a_session(connections: Connections, connect: Connect, aws: Any) -> None:
    connection = connect()
    for _ in range(3):
        assert account_of(connections.client(connection.id, "sesv2")) == connection.account_id
    assert len(aws.opened) == 1


def test_the_first_use_by_many_threads_makes_one_call(connections: Connections, connect: Connect, aws: Any) -> None:
    connection, ready = connect(), threading.Barrier(8)
    clients = [connections.client(connection.id, "sesv2") for _ in range(8)]

    def use(client: Any) -> str:
        ready.wait()
        return account_of(client)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(use, clients)) == {connection.account_id}
    assert len(aws.opened) == 1


def test_a_refusal_at_the_first_use_by_many_threads_is_one_call(
    connections: Connections, connect: Connect, aws: Any
) -> None:
    connection, ready = connect(), threading.Barrier(8)
    aws.roles.clear()
    clients = [connections.client(connection.id, "sesv2") for _ in range(8)]

    def use(client: Any) -> ConnectionFailed:
        ready.wait()
        with pytest.raises(ConnectionFailed) as caught:
            client.get_account()
        return caught.value

    with ThreadPoolExecutor(8) as pool:
        errors = list(pool.map(use, clients))
    assert len(aws.opened) == 1
    assert {error.connection_id for error in errors} == {connection.id}
    assert len({id(error) for error in errors}) == 8


def test_the_session_held_longest_without_use_goes_first(
    store: SqlStore, vendor: Vendor, roles: Any, connect: Connect, aws: Any
) -> None:
    connections = Connections(store=store, vendor=vendor, roles=roles, sessions=2)
    one, two, three = connect(), connect(), connect()
    client = connections.client(one.id, "sesv2")
    for connection in (one, two, one, three):
        account_of(connections.client(connection.id, "sesv2"))
    assert len(aws.opened) == 3
    account_of(connections.client(two.id, "sesv2"))
    assert len(aws.opened) == 4
    assert account_of(client) == one.account_id  # its client keeps it
    assert len(aws.opened) == 4


# Renewal -------------------------------------------------------------------------------------------------------------


def test_a_session_is_opened_anew_before_it_ends_and_nobody_waits(
    connections: Connections, connect: Connect, aws: Any, clock: Any
) -> None:
    connection, gate = connect(), threading.Event()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    clock.pass_(minutes=46)
    aws.hold(gate)
    assert account_of(client) == account_of(client) == connection.account_id
    aws.wait_for(2)
    assert len(aws.sessions) == 1
    gate.set()
    clock.pass_(minutes=14, seconds=10)  # the first session ends
    assert account_of(client) == connection.account_id
    assert (len(aws.opened), len(aws.sessions)) == (2, 2)


def test_a_session_that_has_ended_is_opened_anew_first(
    connections: Connections, connect: Connect, aws: Any, clock: Any
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    clock.pass_(hours=2)
    assert account_of(client) == connection.account_id
    assert len(aws.opened) == 2


def test_a_session_of_fifteen_minutes_is_not_opened_at_every_request(
    store: SqlStore, vendor: Vendor, roles: Any, connect: Connect, aws: Any, clock: Any
) -> None:
    connections = Connections(store=store, vendor=replace(vendor, session_duration=900), roles=roles)
    client = connections.client(connect().id, "sesv2")
    for _ in range(3):
        account_of(client)
        clock.pass_(minutes=3)
    assert len(aws.opened) == 1


def test_while_the_session_is_good_an_unanswered_renewal_disturbs_nobody(
    connections: Connections, connect: Connect, aws: Any, clock: Any, refuse: Any, caplog: pytest.LogCaptureFixture
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    clock.pass_(minutes=46)
    aws.sts = lambda form: refuse("Throttling", "Rate exceeded", 400)
    told = threading.Event()

    class Telling(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            told.set()
            return True

    with caplog.filtering(Telling()):
        for _ in range(3):
            assert account_of(client) == connection.account_id
            assert told.wait(10)
    assert len(aws.opened) == 2  # not again at once
    assert "Rate exceeded" in caplog.text
    clock.pass_(minutes=14)
    with pytest.raises(Throttled):
        client.get_account()
    aws.sts = lambda form: None
    assert account_of(client) == connection.account_id


def test_a_clock_that_is_hours_ahead_is_told(connections: Connections, connect: Connect, aws: Any, clock: Any) -> None:
    client = connections.client(connect().id, "sesv2")
    aws.clock = lambda: clock() - timedelta(hours=3)
    with pytest.raises(Unreachable, match="has ended already") as caught:
        client.get_account()
    assert "clock" in caught.value.hint


# The role no longer opens --------------------------------------------------------------------------------------------


def test_the_first_refused_operation_fails_the_connection_with_awss_message(
    connections: Connections, connect: Connect, aws: Any, clock: Any, store: SqlStore
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    opens = aws.roles.pop(connection.role_arn)
    assert account_of(client) == connection.account_id  # AWS ends no session
    clock.pass_(hours=1)
    with pytest.raises(ConnectionFailed) as caught:
        client.get_account()
    said = f"not authorized to perform: sts:AssumeRole on resource: {connection.role_arn}"
    error = caught.value
    assert (error.connection_id, error.status) == (connection.id, "failed")
    assert error.aws_message.endswith(said)
    assert connection.id in str(error)
    assert said in str(error)
    assert f"byoaws verify --connection {connection.id}" in error.hint
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  as a queue hands it on
    assert vars(again) == vars(error)
    stored = store.get(connection.id)
    assert (stored.status, stored.last_error) == (ConnectionStatus.FAILED, error.aws_message)
    assert stored.updated_at > connection.updated_at
    assert replace(stored, status=connection.status, last_error=None, updated_at=connection.updated_at) == connection

    # AWS is not asked again, by this client or another.
    for use in (client.get_account, lambda: connections.client(connection.id, "sesv2")):
        with pytest.raises(ConnectionFailed, match="not authorized"):
            use()
    assert len(aws.opened) == 2
    assert store.get(connection.id) == stored

    # Mended, and verified again: the same client goes on.
    aws.roles[connection.role_arn] = opens
    store.update(replace(stored, status=ConnectionStatus.VERIFIED, last_error=None))
    assert account_of(client) == connection.account_id


def test_a_refusal_ahead_of_time_fails_the_connection_too(
    connections: Connections, connect: Connect, aws: Any, clock: Any, store: SqlStore, roles: Any
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    aws.roles.clear()
    clock.pass_(minutes=46)
    account_of(client)  # starts the renewal
    roles._background.shutdown(wait=True)
    assert store.get(connection.id).status is ConnectionStatus.FAILED
    with pytest.raises(ConnectionFailed):
        client.get_account()


NOT_THE_ROLE: dict[str, tuple[tuple[str, str, int], type[AwsError]]] = {
    "throttling": (("Throttling", "Rate exceeded", 400), Throttled),
    "fault of AWS": (("InternalFailure", "oops", 500), Unreachable),
    "our credentials have expired": (("ExpiredToken", "The security token is expired", 403), BadCredentials),
    "our credentials are none": (("InvalidClientTokenId", "The security token is invalid", 403), BadCredentials),
    "our policy": (
        ("AccessDenied", "User: x is not authorized because no identity-based policy allows the action", 403),
        AccessDenied,
    ),
    "an SCP of ours": (
        ("AccessDenied", "User: x is not authorized with an explicit deny in a service control policy", 403),
        AccessDenied,
    ),
    "too long": (
        ("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration", 400),
        InvalidRequest,
    ),
}


@pytest.mark.parametrize(("answer", "kind"), NOT_THE_ROLE.values(), ids=NOT_THE_ROLE)
def test_what_says_nothing_about_the_role_changes_no_status(
    connections: Connections,
    connect: Connect,
    aws: Any,
    store: SqlStore,
    refuse: Any,
    answer: tuple[str, str, int],
    kind: type[AwsError],
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    aws.sts = lambda form: refuse(*answer)
    with pytest.raises(AwsError) as caught:
        client.get_account()
    assert type(caught.value) is kind
    assert caught.value.hint
    assert store.get(connection.id) == connection
    aws.sts = lambda form: None
    assert account_of(client) == connection.account_id


WHO: dict[str, tuple[str, type[AwsError]]] = {
    "another account": ("arn:aws:iam::999999999999:user/developer", BadCredentials),
    "cannot be told": ("", Unreachable),
}


@pytest.mark.parametrize(("caller", "kind"), WHO.values(), ids=WHO)
def test_with_somebody_elses_credentials_no_connection_fails(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore, caller: str, kind: type[AwsError]
) -> None:
    """AWS refuses every role then, in the very words that also blame the role."""
    connection = connect()
    aws.roles.clear()
    aws.caller = caller
    with pytest.raises(kind, match="999999999999" if caller else "oops") as caught:
        connections.client(connection.id, "sesv2").get_account()
    assert caught.value.hint
    assert store.get(connection.id) == connection


def test_an_operation_that_the_role_may_not_do_changes_nothing(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore, refuse_json: Any
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    aws.ses = lambda account: refuse_json("AccessDeniedException", "not authorized to perform: ses:GetAccount")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client.get_account()
    assert store.get(connection.id) == connection
    assert len(aws.opened) == 1


def test_an_operation_whose_session_aws_has_ended_is_tried_with_a_new_one(
    connections: Connections, connect: Connect, aws: Any, clock: Any
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    clock.pass_(minutes=1)
    aws.sessions[next(iter(aws.sessions))].ended = True
    assert account_of(client) == connection.account_id
    assert len(aws.opened) == 2


def test_a_session_that_aws_has_ended_and_a_role_that_refuses_fail_the_connection(
    connections: Connections, connect: Connect, aws: Any, clock: Any, store: SqlStore
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    clock.pass_(minutes=1)
    aws.sessions[next(iter(aws.sessions))].ended = True
    aws.roles.clear()
    with pytest.raises(ConnectionFailed):
        client.get_account()
    assert store.get(connection.id).status is ConnectionStatus.FAILED


def test_a_new_session_that_is_not_taken_is_not_opened_again_and_again(
    connections: Connections, connect: Connect, aws: Any, clock: Any, refuse_json: Any
) -> None:
    client = connections.client(connect().id, "sesv2")
    aws.ses = lambda account: refuse_json("ExpiredTokenException", "expired")
    for _ in range(3):
        with pytest.raises(ClientError, match="ExpiredToken"):
            client.get_account()
    assert len(aws.opened) == 1
    clock.pass_(minutes=1)
    with pytest.raises(ClientError, match="ExpiredToken"):
        client.get_account()
    assert len(aws.opened) == 2


# Changes in the meantime ---------------------------------------------------------------------------------------------


def meanwhile(aws: Any, happens: Callable[[], object]) -> None:
    """Have something happen once, while AWS refuses the role."""
    pending = [happens]

    def answer(form: dict[str, str]) -> None:
        if pending:
            pending.pop()()

    aws.sts = answer


def test_a_connection_that_was_disconnected_meanwhile_stays_so(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore, clock: Any
) -> None:
    connection = connect()
    aws.roles.clear()
    client = connections.client(connection.id, "sesv2")
    meanwhile(aws, lambda: disconnect(store, connection.id, clock))
    with pytest.raises(ConnectionUnusable, match="is disconnected"):
        client.get_account()
    assert store.get(connection.id).status is ConnectionStatus.DISCONNECTED


def test_an_external_id_that_was_exchanged_meanwhile_is_used(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore
) -> None:
    connection = connect()
    aws.roles[connection.role_arn] = {"the-new-one-of-this-connection"}
    client = connections.client(connection.id, "sesv2")

    def exchange() -> None:
        pending = store.exchange(replace(connection, pending_external_id="the-new-one-of-this-connection"))
        store.exchange(replace(pending, external_id="the-new-one-of-this-connection", pending_external_id=None))

    meanwhile(aws, exchange)
    assert account_of(client) == connection.account_id
    assert store.get(connection.id).status is ConnectionStatus.VERIFIED


def test_a_connection_that_was_verified_meanwhile_is_asked_again_before_it_fails(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore, clock: Any
) -> None:
    connection = connect()
    aws.roles.clear()
    client = connections.client(connection.id, "sesv2")
    meanwhile(aws, lambda: store.update(replace(connection, updated_at=clock() + timedelta(seconds=1))))
    with pytest.raises(ConnectionFailed):
        client.get_account()
    assert len(aws.opened) == 2
    assert store.get(connection.id).status is ConnectionStatus.FAILED


@pytest.mark.parametrize("opens", ["old", "new", "both"])
def test_while_the_external_id_is_exchanged_either_opens_the_new_one_first(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore, opens: str
) -> None:
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    store.exchange(replace(connection, pending_external_id=f"new-of-{connection.id}"))
    old, new = connection.external_id, f"new-of-{connection.id}"
    aws.roles[connection.role_arn] = {"old": {old}, "new": {new}, "both": {old, new}}[opens]
    aws.opened.clear()
    assert account_of(client) == connection.account_id
    assert aws.opened == []  # its session is good
    assert account_of(connections.client(connection.id, "sesv2")) == connection.account_id
    assert [form["ExternalId"] for form in aws.opened] == ([new, old] if opens == "old" else [new])


def test_a_role_that_refuses_both_external_ids_fails(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore
) -> None:
    connection = connect()
    store.exchange(replace(connection, pending_external_id=f"new-of-{connection.id}"))
    aws.roles.clear()
    with pytest.raises(ConnectionFailed):
        connections.client(connection.id, "sesv2").get_account()
    assert len(aws.opened) == 2
    assert store.get(connection.id).pending_external_id == f"new-of-{connection.id}"


# Who may be used -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [one for one in ConnectionStatus if one is not ConnectionStatus.VERIFIED])
def test_only_a_verified_connection_is_used(
    connections: Connections, connect: Connect, aws: Any, status: ConnectionStatus
) -> None:
    connection = connect(status=status, last_error="refused, said aws")
    with pytest.raises(ConnectionUnusable) as caught:
        connections.client(connection.id, "sesv2")
    assert (caught.value.connection_id, caught.value.status) == (connection.id, status.value)
    assert isinstance(caught.value, ConnectionFailed) is (status is ConnectionStatus.FAILED)
    assert caught.value.hint
    assert aws.asked == []


def test_a_failed_one_is_used_where_it_is_allowed_and_stays_failed(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore, clock: Any
) -> None:
    connection = connect(status=ConnectionStatus.FAILED, last_error="as it was")
    client = connections.client(connection.id, "sesv2", allow=["failed"])
    assert account_of(client) == connection.account_id
    with pytest.raises(ConnectionFailed):
        connections.client(connection.id, "sesv2")
    aws.roles.clear()
    clock.pass_(hours=2)
    with pytest.raises(ConnectionFailed, match="not authorized"):
        client.get_account()
    assert store.get(connection.id) == connection


@pytest.mark.parametrize("allow", ["insecure", ["disconnected"], ["failed", "insecure"], ["nonsense"], 5, None, [[]]])
def test_what_can_never_be_allowed(connections: Connections, connect: Connect, allow: Any) -> None:
    with pytest.raises(UsageError, match="allow:"):
        connections.client(connect().id, "sesv2", allow=allow)


def test_a_pending_one_has_no_role_to_open(connections: Connections, connect: Connect) -> None:
    connection = connect(status=ConnectionStatus.PENDING, role_arn=None)
    with pytest.raises(ConnectionUnusable, match="never been verified"):
        connections.client(connection.id, "sesv2", allow="pending")


def test_others_connections_and_others_ways_in(
    connections: Connections, connect: Connect, store: SqlStore, vendor: Vendor, roles: Any
) -> None:
    with pytest.raises(UnknownConnection):
        connections.client("con_nobody", "sesv2")
    with pytest.raises(UsageError, match="belongs to vendor 'sendfleet'"):
        connections.client(connect(vendor="sendfleet").id, "sesv2")
    with pytest.raises(UsageError, match="a user's keys"):
        Connections(store=store, vendor=replace(vendor, access=Access.USER), roles=roles).client(connect().id, "sesv2")


def test_a_service_that_there_is_not(connections: Connections, connect: Connect) -> None:
    with pytest.raises(InvalidRequest, match="sesv9"):
        connections.client(connect().id, "sesv9")


def test_what_is_forgotten_is_asked_of_the_store_anew(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore, clock: Any
) -> None:
    one, other = connect(), connect()
    client, others = connections.client(one.id, "sesv2"), connections.client(other.id, "sesv2")
    account_of(client), account_of(others)
    disconnect(store, one.id, clock)
    connections.forget(one.id)
    with pytest.raises(ConnectionUnusable, match="is disconnected"):
        client.get_account()
    account_of(others)
    assert len(aws.opened) == 2


def test_what_is_forgotten_is_so_by_every_client_there_is(
    store: SqlStore, vendor: Vendor, roles: Any, connect: Connect, aws: Any, clock: Any
) -> None:
    """Also by one whose session gave way to others, and by one that has another session than those of today."""
    gc.freeze()  # only what is made here is looked at below, and not the millions of objects of other tests
    connections = Connections(store=store, vendor=vendor, roles=roles, sessions=1)
    one = connect()
    first, limited = connections.client(one.id, "sesv2"), connections.client(one.id, "sesv2", policy=["ses-send"])
    account_of(first), account_of(limited)
    account_of(connections.client(connect().id, "sesv2"))
    gc.collect()
    gc.unfreeze()
    disconnect(store, one.id, clock)
    connections.forget(one.id)
    for client in (first, limited):
        with pytest.raises(ConnectionUnusable, match="is disconnected"):
            client.get_account()


# Whose credentials ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opens", [True, False])
def test_the_vendors_own_credentials_sign_nothing_but_what_opens_roles(
    connections: Connections, connect: Connect, aws: Any, opens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_SES", "a-token-of-the-vendor")
    connection = connect()
    if not opens:
        aws.roles.clear()
    client = connections.client(connection.id, "sesv2")
    for _ in range(2):
        try:
            client.get_account()
        except ConnectionFailed:
            assert not opens
    signed = {operation for operation, key in aws.asked if key == VENDOR_KEY}
    assert signed == ({"AssumeRole"} if opens else {"AssumeRole", "GetCallerIdentity"})
    assert aws.wrong == []
    assert aws.keys_of("nobody") == set()


def test_a_session_of_another_account_than_the_role_is_no_session(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore
) -> None:
    mine, theirs = connect(), connect()
    aws.sts = lambda form: aws.assume({**form, "RoleArn": theirs.role_arn, "ExternalId": theirs.external_id})
    with pytest.raises(Unreachable, match="another account"):
        connections.client(mine.id, "sesv2").get_account()
    assert store.get(mine.id) == mine
    assert aws.keys_of("/v2/email/account") == set()


def test_many_connections_in_many_threads_are_never_mixed_up(
    connections: Connections, connect: Connect, aws: Any, clock: Any, refuse_json: Any
) -> None:
    """With throttled answers, which are retried, and sessions that end in between."""
    made = [connect() for _ in range(8)]
    count = iter(range(1_000_000))

    def ses(account: str) -> Any:
        number = next(count)
        if number % 7 == 0:
            clock.pass_(minutes=2)
        return refuse_json("TooManyRequestsException", "slow down", 429) if number % 20 == 0 else None

    aws.ses = ses
    clients = {connection.id: connections.client(connection.id, "sesv2") for connection in made}

    def use(number: int) -> tuple[str | None, str]:
        connection = made[number % len(made)]
        while True:
            try:
                return connection.account_id, account_of(clients[connection.id])
            except ClientError as error:
                if error.response["Error"]["Code"] != "TooManyRequestsException":
                    raise

    with ThreadPoolExecutor(8) as pool:
        pairs = list(pool.map(use, range(160)))
    assert [mine for mine, answered in pairs if mine != answered] == []
    assert aws.wrong == []
    assert len(aws.opened) > len(made)


def test_a_mix_up_would_be_seen(connections: Connections, connect: Connect, aws: Any) -> None:
    """The wrong variant: two connections that share what only the clients of one may share."""
    one, other = connect(), connect()
    ours, theirs = connections._door(one.id, None, ()), connections._door(other.id, None, ())
    ours._lease = theirs._lease
    assert account_of(ours.client("sesv2", None)) == other.account_id != one.account_id


# Session policies ----------------------------------------------------------------------------------------------------

SEND = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}]}


def test_a_session_policy_is_sent_and_shared_by_what_it_says(
    connections: Connections, connect: Connect, aws: Any
) -> None:
    connection = connect()
    turned = dict(reversed(SEND.items()))
    for policy in (SEND, json.dumps(SEND, indent=2), turned, None, ["ses-send"], "ses-send"):
        account_of(connections.client(connection.id, "sesv2", policy=policy))
    policies = [form.get("Policy") for form in aws.opened]
    assert len(policies) == 3
    assert json.loads(policies[0]) == SEND
    assert policies[1] is None
    (statement,) = json.loads(policies[2])["Statement"]
    arn = f"arn:aws:ses:eu-west-1:{connection.account_id}"
    assert statement == {
        "Effect": "Allow",
        "Action": ["ses:SendEmail", "ses:SendRawEmail"],
        "Resource": [f"{arn}:identity/*", f"{arn}:configuration-set/mailmark-????????"],
    }


@pytest.mark.parametrize("policy", [5, True, b"ses-send", ["ses-send", 5], [SEND], [None]], ids=str)
def test_a_session_policy_of_another_kind_is_told(connections: Connections, connect: Connect, policy: Any) -> None:
    with pytest.raises(UsageError, match="policy: neither a policy document nor names of permission packs") as caught:
        connections.client(connect().id, "sesv2", policy=policy)
    assert "policy=['ses-send']" in caught.value.hint


def test_names_of_packs_may_come_one_by_one(connections: Connections, connect: Connect, aws: Any) -> None:
    client = connections.client(connect().id, "sesv2", policy=(name for name in ("ses-send",)))
    account_of(client)
    assert "ses:SendEmail" in aws.opened[0]["Policy"]


def test_a_session_policy_that_aws_cannot_pack_is_told(
    connections: Connections, connect: Connect, aws: Any, refuse: Any
) -> None:
    aws.sts = lambda form: refuse("PackedPolicyTooLarge", "Packed size of session tags consumes 110%", 400)
    with pytest.raises(InvalidRequest, match="110%") as caught:
        connections.client(connect().id, "sesv2", policy=SEND).get_account()
    assert "fewer packs" in caught.value.hint


# Secrecy -------------------------------------------------------------------------------------------------------------


def test_no_credential_is_shown_logged_or_pickled(
    connections: Connections, connect: Connect, aws: Any, roles: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    account_of(client)
    ((key, session),) = aws.sessions.items()
    door = connections._door(connection.id, None, ())
    lease = door._lease
    credentials = client._request_signer._credentials
    holders = [connections, door, lease, lease._opened, credentials, roles]
    shown = "".join(map(repr, [client, *holders])) + caplog.text
    for secret in (session.secret, session.token, VENDOR_SECRET):
        assert secret not in shown
    assert credentials.access_key == key
    for one in holders:
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(one)


def test_not_even_botocores_debug_log_shows_a_secret_key(
    connections: Connections, connect: Connect, aws: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account_of(connections.client(connect().id, "sesv2"))
    ((_, session),) = aws.sessions.items()
    assert "Response body" in caplog.text  # of SES
    assert session.secret not in caplog.text
    assert VENDOR_SECRET not in caplog.text


def test_attack_nor_the_session_token(
    connections: Connections, connect: Connect, aws: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Which goes with every request, and is good for all that the role may do."""
    caplog.set_level(logging.DEBUG)
    connection = connect()
    account_of(connections.client(connection.id, "sesv2"))

    async def ask() -> None:
        async with connections.async_client(connection.id, "sesv2") as client:
            await client.get_account()

    asyncio.run(ask())
    assert "'X-Amz-Security-Token': b'[removed]'" in caplog.text
    for session in aws.sessions.values():
        assert session.token not in caplog.text


def test_errors_hold_no_credential(connections: Connections, connect: Connect, aws: Any, refuse: Any) -> None:
    aws.sts = lambda form: refuse("AccessDenied", f"no: {VENDOR_SECRET}")
    connection = connect()
    with pytest.raises(ConnectionFailed) as caught:
        connections.client(connection.id, "sesv2").get_account()
    assert VENDOR_SECRET not in f"{caught.value}{caught.value.__dict__}"
    assert VENDOR_SECRET not in str(connections._opened()[0].store.get(connection.id).last_error)
