"""The exchange of a webhook secret: whatever is interrupted, refused or done twice, no delivery is refused.

`World` plays the customer's side: its forwarder may sign with what the secret holds, or with what it held up to five
minutes ago. After every single write it is checked that the vendor's receivers would take either.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from byoaws.errors import AccessDenied, AwsError, ConnectionConflict, InvalidRequest, Throttled, Unreachable, UsageError
from byoaws.flows.stored import disconnect
from byoaws.flows.webhook_secret.outcome import Outcome, State
from byoaws.flows.webhook_secret.rotate import Wanted, rotate, settle
from byoaws.flows.webhook_secret.steps import Case
from byoaws.model import Connection, ConnectionStatus
from byoaws.packs import Pack
from byoaws.quickcreate import webhook_secret
from byoaws.quickcreate.secret_port import StoredSecret
from byoaws.vendor_model import SecretMode, Vendor
from byoaws.webhooks.keys import secrets_of

ACCOUNT, REGION = "444455556666", "eu-west-1"
ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:WebhookSigningSecret-x-AbCdEf"
CACHE = timedelta(minutes=5)
GENERATED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab"
(KEY,) = webhook_secret.keys_in(GENERATED)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class World:
    """Time, the store, the customer's account, and what may go wrong between them."""

    store: Any
    text: str = GENERATED
    at: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)
    may_find: bool = True
    may_read: bool = True
    may_write: bool = True
    error: AwsError | None = None
    """What AWS answers to every call, instead."""
    kill_at: int = -1
    """The write, counted from 0, at which the process ends: even before it, odd after it."""
    writes: int = 0
    opened: int = 0
    calls: list[str] = field(default_factory=list)
    held: list[tuple[datetime, str]] = field(default_factory=list)
    """Texts of before, and until when."""
    connection_id: str = ""
    claim: str | None = None
    """The ARN that the stack reported of itself."""

    def now(self) -> datetime:
        return self.at

    def later(self, **delta: float) -> None:
        self.at += timedelta(**delta)
        self.check()

    def put(self, text: str) -> None:
        self.held.append((self.at, self.text))
        self.text = text

    def check(self) -> None:
        accepted = set(secrets_of(self.store.get(self.connection_id)))
        if not accepted:
            return
        texts = [self.text, *(text for until, text in self.held if self.at - until < CACHE)]
        for text in texts:
            assert accepted & set(webhook_secret.keys_in(text)), "a delivery would be refused"

    def _step(self, write: Callable[[], Any]) -> Any:
        if self.kill_at == self.writes:
            raise Killed
        done = write()
        self.check()
        self.writes += 1
        if self.kill_at == self.writes:
            raise Killed
        self.writes += 1
        return done

    # The store, as far as it is written to.
    def get(self, connection_id: str) -> Connection:
        return self.store.get(connection_id)

    def exchange(self, connection: Connection) -> Connection:
        return self._step(lambda: self.store.exchange(connection))

    def last_report(self, connection_id: str) -> None:
        return None

    def claimed(self, connection_id: str) -> Any:
        return None if self.claim is None else SimpleNamespace(secret_arn=self.claim)

    # The customer's secret.
    def open(self, connection: Connection) -> "World":
        self.opened += 1
        if self.error is not None:
            raise self.error
        return self

    def find(self, stack_name: str, logical_id: str) -> str:
        self.calls.append("find")
        if not self.may_find:
            raise AccessDenied("refused", operation="cloudformation:DescribeStackResources", code="AccessDenied")
        assert (stack_name, logical_id) == ("mailmark-byo-aws-aaaaaa", "WebhookSigningSecret")
        return ARN

    def read(self, secret_id: str) -> StoredSecret:
        self.calls.append("read")
        if not self.may_read:
            raise AccessDenied("refused", operation="secretsmanager:GetSecretValue", code="AccessDeniedException")
        return StoredSecret(arn=ARN, text=self.text)

    def write(self, secret_id: str, text: str) -> None:
        self.calls.append("write")
        if not self.may_write:
            raise AccessDenied("refused", operation="secretsmanager:PutSecretValue", code="AccessDeniedException")
        self._step(lambda: self.put(text))


@pytest.fixture
def generated(vendor: Vendor) -> Vendor:
    packs = (*vendor.packs, "webhook-secret-read", "webhook-secret-write")
    return replace(vendor, webhook_secret=SecretMode.GENERATED, packs=packs)


@pytest.fixture
def connection(store: Any, pending: Connection) -> Connection:
    """A verified one, whose stack has made its secret."""
    verified = replace(
        pending,
        webhook_secret=None,
        status=ConnectionStatus.VERIFIED,
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/byoaws/mailmark/r",
        account_id=ACCOUNT,
    )
    store.update(verified)
    return verified


@pytest.fixture
def world(store: Any, connection: Connection) -> World:
    return World(store, connection_id=connection.id)


Run = Callable[..., Outcome]


@pytest.fixture
def run(world: World, generated: Vendor) -> Run:
    def rotated(*, vendor: Vendor = generated, arn: str | None = None, **wanted: Any) -> Outcome:
        case = Case(store=world, vendor=vendor, open_secrets=world.open, now=world.now, given_arn=arn)  # type: ignore[arg-type]
        found = rotate(case, world.connection_id, Wanted(**wanted))
        assert found.connection == world.store.get(world.connection_id)
        return found

    return rotated


@pytest.fixture
def settled(world: World, generated: Vendor) -> Callable[..., Outcome | None]:
    def run(*, vendor: Vendor = generated, arn: str | None = None) -> Outcome | None:
        case = Case(store=world, vendor=vendor, open_secrets=world.open, now=world.now, given_arn=arn)  # type: ignore[arg-type]
        return settle(case, world.connection_id)

    return run


def keys(world: World) -> tuple[str, ...]:
    return secrets_of(world.store.get(world.connection_id))


# Learning it ---------------------------------------------------------------------------------------------------------


def test_it_is_learnt_once(world: World, settled: Any) -> None:
    assert keys(world) == ()
    found = settled()
    assert (found.state, keys(world)) == (State.KNOWN, (KEY,))
    assert world.store.get(world.connection_id).secret_arn == ARN
    assert KEY not in f"{found!r}{found.as_json()}"
    assert settled() is None
    assert world.calls == ["find", "read"]


def test_two_keys_are_both_accepted(world: World, settled: Any) -> None:
    """Somebody exchanged it before we ever looked: the forwarder may have cached either."""
    newer = webhook_secret.mint()
    world.put(f"{newer} {GENERATED}\n")
    assert settled().state is State.OVERLAP
    assert keys(world) == (newer, KEY)


UNREAD = {
    "may not look for it": ({"may_find": False}, "webhook-secret-read"),
    "may not read it": ({"may_read": False}, "webhook-secret-read"),
    "throttled": ({"error": Throttled("slow down")}, "try again"),
    "role closed": ({"error": AccessDenied("refused", hint="look")}, "look"),
    "too short": ({"text": "whsec_c2VjcmV0"}, "puts"),
    "not base64": ({"text": "not a key!"}, "puts"),
    "empty": ({"text": " \n"}, "puts"),
}


@pytest.mark.parametrize(("changes", "todo"), UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_read_is_told_and_stored_nowhere(
    world: World, settled: Any, connection: Connection, changes: dict[str, Any], todo: str
) -> None:
    for name, value in changes.items():
        setattr(world, name, value)
    found = settled()
    assert found.state is State.UNREAD
    assert todo in found.todo
    assert world.text.strip() not in f"{found.message}{found.todo}" or not world.text.strip()
    assert world.store.get(connection.id) == connection


@pytest.mark.parametrize(
    "arn",
    [
        ARN.replace(ACCOUNT, "999999999999"),
        ARN.replace(REGION, "us-east-1"),
        ARN.replace("arn:aws:", "arn:aws-cn:"),
        ARN.replace("secretsmanager", "ssm"),
        "WebhookSigningSecret",
        ARN + "\n",
    ],
    ids=["another account", "another region", "another partition", "no secret", "a name", "line feed"],
)
def test_the_secret_of_another_is_not_read(
    world: World, settled: Any, run: Run, connection: Connection, arn: str
) -> None:
    """The attack: a customer pastes the ARN of another customer's secret, and has the role read it."""
    assert settled(arn=arn).state is State.UNREAD
    with pytest.raises(UsageError):
        run(arn=arn)
    assert world.calls == []
    assert world.store.get(connection.id) == connection


def test_a_given_arn_spares_the_search(world: World, settled: Any) -> None:
    world.may_find = False
    assert settled(arn=ARN).state is State.KNOWN
    assert world.calls == ["read"]


@pytest.mark.parametrize(
    ("claim", "calls"),
    [(ARN, ["read"]), (ARN.replace(ACCOUNT, "999999999999"), ["find", "read"]), ("nonsense", ["find", "read"])],
    ids=["sound", "of another account", "nonsense"],
)
def test_what_the_stack_reported_is_a_claim(world: World, settled: Any, claim: str, calls: list[str]) -> None:
    world.claim = claim
    assert settled().state is State.KNOWN
    assert world.calls == calls
    assert world.store.get(world.connection_id).secret_arn == ARN


@pytest.mark.parametrize("blocks", [("access",), ("sending", "access")], ids=str)
def test_without_a_forwarder_there_is_nothing(
    world: World, settled: Any, run: Run, generated: Vendor, blocks: Any
) -> None:
    bare = replace(generated, stack=replace(generated.stack, blocks=blocks))
    assert settled(vendor=bare) is None
    with pytest.raises(UsageError, match="no forwarder"):
        run(vendor=bare)
    assert world.opened == 0


# Exchanging it -------------------------------------------------------------------------------------------------------


def test_the_whole_way(world: World, settled: Any, run: Run) -> None:
    settled()
    begun = run(overlap=3600)
    new, old = keys(world)
    assert (begun.state, old) == (State.OVERLAP, KEY)
    assert world.text == f"{new} {KEY}"
    assert begun.as_json()["overlap_ends"] == "2026-11-21T13:00:00+00:00"
    assert not any(key in f"{begun!r}{begun.as_json()}" for key in (new, old))
    world.later(minutes=59)
    assert run().state is State.OVERLAP
    assert keys(world) == (new, KEY)
    world.later(minutes=1)
    assert run().state is State.DONE
    assert (keys(world), world.text) == ((new,), new)
    assert run().state is State.OVERLAP  # the next one
    assert keys(world)[1] == new


def test_a_verification_ends_what_is_due(world: World, settled: Any, run: Run) -> None:
    settled()
    run()
    assert settled().state is State.OVERLAP
    world.later(hours=24)
    assert settled().state is State.DONE
    assert len(keys(world)) == 1
    assert settled() is None


def test_it_can_be_ended_sooner_and_not_too_soon(world: World, settled: Any, run: Run) -> None:
    settled()
    run()
    for minutes in (0, 9):
        world.later(minutes=minutes)
        with pytest.raises(UsageError, match="can be dropped from 12:10:00 UTC on"):
            run(finish=True, sure=True)
    world.later(minutes=1)
    assert run(finish=True).state is State.DONE


def test_there_is_nothing_to_end(world: World, settled: Any, run: Run) -> None:
    settled()
    with pytest.raises(UsageError, match="no exchange"):
        run(finish=True)
    assert keys(world) == (KEY,)


def test_an_unknown_secret_is_not_exchanged(world: World, run: Run, connection: Connection) -> None:
    world.may_read = False
    with pytest.raises(UsageError, match="not known: the role may not read it") as refused:
        run()
    assert "webhook-secret-read" in refused.value.hint
    assert world.store.get(connection.id) == connection


@pytest.mark.parametrize("status", [ConnectionStatus.INSECURE, ConnectionStatus.FAILED, ConnectionStatus.PENDING])
def test_only_the_role_of_a_verified_connection_is_used(world: World, run: Run, status: ConnectionStatus) -> None:
    world.store.update(replace(world.store.get(world.connection_id), status=status))
    with pytest.raises(UsageError, match=f"is {status.value}"):
        run()
    assert world.opened == 0


def test_neither_anothers_nor_an_ended_connection(world: World, run: Run, generated: Vendor) -> None:
    with pytest.raises(UsageError, match="belongs to vendor"):
        run(vendor=replace(generated, name="another"))
    disconnect(world.store, world.connection_id, world.now)
    with pytest.raises(UsageError, match="is disconnected"):
        run()
    assert world.opened == 0


def test_disconnect_forgets_both(world: World, settled: Any, run: Run) -> None:
    settled()
    run()
    ended = disconnect(world.store, world.connection_id, world.now)
    assert secrets_of(ended) == ()
    assert (ended.secret_arn, ended.secret_spread_at, ended.secret_overlap) == (None, None, None)


# The role may not write ----------------------------------------------------------------------------------------------


def test_the_customer_makes_the_key(world: World, settled: Any, run: Run) -> None:
    settled()
    world.may_write = False
    asked = run()
    assert asked.state is State.CUSTOMER
    assert "webhook-secret-write" in asked.todo
    assert ARN in asked.commands[0]
    assert keys(world) == (KEY,)  # nobody has ours: it is not kept
    new = webhook_secret.mint()
    world.put(f"{new} {GENERATED}")
    assert run(overlap=600).state is State.OVERLAP
    assert keys(world) == (new, KEY)
    world.later(minutes=10)
    done = run()
    assert (done.state, keys(world)) == (State.DONE, (new,))
    assert "put-secret-value" in done.commands[0]
    # What is left there changes nothing, and is no new exchange.
    assert settled() is None


def test_the_customers_command_run_twice(world: World, settled: Any, run: Run) -> None:
    settled()
    world.may_write = False
    first, second = webhook_secret.mint(), webhook_secret.mint()
    world.put(f"{first} {GENERATED}")
    world.put(f"{second} {first} {GENERATED}")
    assert run().state is State.OVERLAP
    assert keys(world) == (second, KEY)
    world.later(hours=24)
    assert run().state is State.DONE


def test_a_key_that_the_customer_took_out_again(world: World, settled: Any, run: Run) -> None:
    settled()
    run()
    world.put(GENERATED)
    world.may_write = False
    world.later(hours=25)
    with pytest.raises(UsageError, match="does not sign with the new key yet"):
        run(finish=True, sure=True)
    assert KEY in keys(world)
    world.may_write = True
    assert run().state is State.OVERLAP
    assert KEY in keys(world)


# By a parameter ------------------------------------------------------------------------------------------------------


@pytest.fixture
def by_parameter(store: Any, vendor: Vendor, world: World) -> Vendor:
    held = store.get(world.connection_id)
    world.text = webhook_secret.mint()
    store.update(replace(held, webhook_secret=world.text))
    return vendor


def test_by_a_parameter(world: World, by_parameter: Vendor, run: Run, settled: Any) -> None:
    begun = run(vendor=by_parameter)
    new, old = keys(world)
    assert (begun.state, world.opened) == (State.CUSTOMER, 0)
    assert "<WEBHOOK_SECRET>" in "".join(begun.commands)
    assert not any(key in f"{begun!r}{begun.as_json()}" for key in (new, old))
    assert run(vendor=by_parameter).state is State.CUSTOMER
    assert keys(world) == (new, old)
    # However late it is, nothing tells that the customer has it.
    world.later(days=30)
    assert settled(vendor=by_parameter).state is State.CUSTOMER
    assert run(vendor=by_parameter, finish=True).state is State.UNSURE
    assert keys(world) == (new, old)
    world.put(new)
    world.later(minutes=10)
    assert run(vendor=by_parameter, finish=True, sure=True).state is State.DONE
    assert keys(world) == (new,)


def test_by_a_parameter_where_the_role_may_look(world: World, by_parameter: Vendor, run: Run) -> None:
    seeing = replace(by_parameter, packs=(*by_parameter.packs, "webhook-secret-read"))
    world.may_write = False
    assert run(vendor=seeing).state is State.CUSTOMER
    new, old = keys(world)
    with pytest.raises(UsageError, match="does not sign with the new key yet"):
        run(vendor=seeing, finish=True, sure=True)
    world.put(new)
    assert run(vendor=seeing).state is State.OVERLAP
    assert keys(world) == (new, old)
    world.later(minutes=10)
    assert run(vendor=seeing, finish=True).state is State.DONE


# Ended anywhere ------------------------------------------------------------------------------------------------------


def _until_done(world: World, run: Run) -> Iterator[State]:
    for _ in range(6):
        try:
            state = run().state
        except Killed:
            world.kill_at = -1
            continue
        yield state
        if state is State.DONE:
            return
        world.later(hours=25)
    raise AssertionError("never done")


@pytest.mark.parametrize("kill_at", range(-1, 12))
def test_killed_at_any_step(world: World, settled: Any, run: Run, kill_at: int) -> None:
    world.kill_at = kill_at
    try:
        settled()
    except Killed:
        world.kill_at = -1
        settled()
    states = list(_until_done(world, run))
    assert states[-1] is State.DONE
    (only,) = keys(world)
    assert only != KEY
    assert world.text == only
    left = world.store.get(world.connection_id)
    assert (left.next_webhook_secret, left.secret_spread_at, left.secret_overlap) == (None, None, None)


def test_the_steps_that_can_be_interrupted_are_that_many(world: World, settled: Any, run: Run) -> None:
    """Learn, begin, write there, spread, write there, done: each before and after. The test above covers them."""
    settled()
    list(_until_done(world, run))
    assert world.writes == 12


@pytest.mark.parametrize("error", [Unreachable("no answer"), Throttled("slow"), InvalidRequest("odd")], ids=str)
def test_a_write_that_may_have_arrived(world: World, settled: Any, run: Run, error: AwsError) -> None:
    settled()
    real, arrives = world.write, iter([True, False])

    def write(secret_id: str, text: str) -> None:
        if next(arrives):
            real(secret_id, text)
        raise error

    world.write = write  # type: ignore[method-assign]
    with pytest.raises(type(error)):
        run()
    new, old = keys(world)
    assert (old, world.text) == (KEY, f"{new} {GENERATED}".replace(GENERATED, KEY))
    # It did: that is seen, and not written again.
    assert run().state is State.OVERLAP
    assert keys(world) == (new, KEY)


def test_two_commands_at_once(world: World, settled: Any, run: Run) -> None:
    settled()
    real = world.exchange

    def overtaken(connection: Connection) -> Connection:
        world.exchange = real  # type: ignore[method-assign]
        run()
        return real(connection)

    world.exchange = overtaken  # type: ignore[method-assign]
    with pytest.raises(ConnectionConflict):
        run()
    assert len(keys(world)) == 2
    assert world.text == " ".join(keys(world))


def test_packs_of_ones_own_count(world: World, run: Run, generated: Vendor, settled: Any) -> None:
    settled()
    without: tuple[Pack, ...] = ()
    bare = replace(generated, packs=("ses-send",), own_packs=without)
    found = run(vendor=bare)
    assert (found.state, world.opened) == (State.UNREAD, 1)
