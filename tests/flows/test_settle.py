"""Claims of stacks, settled: one or all, again and at once, and whatever happens meanwhile."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import AwsError, ConnectionConflict, StoreError, Throttled, UnknownConnection, UsageError
from byoaws.flows.check import Verifier
from byoaws.flows.registration import is_settled, settle
from byoaws.flows.settle import Means, Outcome, Settled, exit_code, of_one, settle_all, settle_one, waiting
from byoaws.flows.stored import disconnect
from byoaws.model import Connection, ConnectionStatus, StackClaim
from byoaws.store.sql import open_store
from byoaws.vendor_model import Vendor

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/acme-AccessRole-1ABC"
OTHER_ROLE = ROLE.replace("1ABC", "2DEF")


@pytest.fixture
def say(store: Any, now: Any) -> Callable[..., StackClaim]:
    """A stack says something of itself, and has proved to be of its connection."""

    def said(connection: Connection, role_arn: str = ROLE, **fields: Any) -> StackClaim:
        claim = StackClaim(
            connection_id=connection.id,
            stack_id="arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1a2b",
            role_arn=role_arn,
            claimed_at=now(),
            **{"bucket_name": None, "secret_arn": None, **fields},
        )
        assert store.claim(claim, token_hash=None)
        return claim

    return said


@pytest.fixture
def means(store: Any, vendor: Vendor, verifier: Any, fake_role: Any) -> Callable[..., Means]:
    def made(role: Any = None, **given: Any) -> Means:
        values = {"open_store": store.open, "learn": lambda request, report: None, **given}
        return Means(vendor=vendor, verifier=lambda: verifier(role or fake_role()), **values)

    return made


class AtFirst:
    """A progress that has something happen while the first probe runs: elsewhere, and so in a thread of its own."""

    def __init__(self, happens: Callable[[], object]) -> None:
        self._happens = [happens]

    def started(self, probe: object) -> None:
        if self._happens:
            with ThreadPoolExecutor(1) as elsewhere:
                elsewhere.submit(self._happens.pop()).result()

    def finished(self, result: object) -> None: ...
    def waiting(self, seconds: float) -> None: ...


def with_event(means: Means, happens: Callable[[], object]) -> Means:
    progress = AtFirst(happens)
    return replace(means, verifier=lambda: replace(means.verifier(), progress=progress))


def ids(found: list[Any]) -> list[str]:
    return [item.connection.id for item in found]


# Which wait ----------------------------------------------------------------------------------------------------------


def test_who_waits(store: Any, vendor: Vendor, pending: Connection, other: Connection, say: Any, means: Any) -> None:
    assert waiting(store, vendor) == ([], 0)
    say(pending)
    assert ids(waiting(store, vendor)[0]) == [pending.id]
    settled = list(settle_all(waiting(store, vendor)[0], means()))
    assert [one.outcome for one in settled] == [Outcome.VERIFIED]
    assert store.get(pending.id).role_arn == ROLE
    assert waiting(store, vendor) == ([], 0)
    # What is said later waits anew, even if it is the same: the stack may have changed.
    say(pending)
    assert ids(waiting(store, vendor)[0]) == [pending.id]


@pytest.mark.parametrize(
    ("changes", "settled"),
    [
        ({}, True),
        ({"verified_at": None}, False),
        ({"role_arn": OTHER_ROLE}, False),
        ({"role_arn": None}, False),
        ({"bucket_name": "another"}, False),
        ({"verified_at": -1}, False),
    ],
    ids=lambda value: str(value),
)
def test_settled(pending: Connection, say: Any, changes: dict[str, Any], settled: bool) -> None:
    claim = say(pending, bucket_name="mail")
    if changes.get("verified_at") == -1:
        changes = {"verified_at": claim.claimed_at - timedelta(microseconds=1)}
    verified = replace(pending, role_arn=ROLE, bucket_name="mail", verified_at=claim.claimed_at)
    assert is_settled(claim, replace(verified, **changes)) is settled


def test_what_has_ended_waits_for_nothing(store: Any, vendor: Vendor, pending: Connection, say: Any, now: Any) -> None:
    say(pending)
    disconnect(store, pending.id, now)
    assert waiting(store, vendor) == ([], 0)
    with pytest.raises(UsageError, match="is disconnected"):
        of_one(store, pending.id, vendor)


def test_other_vendors_are_counted_and_left_alone(store: Any, vendor: Vendor, pending: Connection, say: Any) -> None:
    say(pending)
    another = replace(vendor, name="acme")
    assert waiting(store, another) == ([], 1)
    with pytest.raises(UsageError, match="belongs to vendor 'mailmark'"):
        of_one(store, pending.id, another)


def test_nothing_was_said(store: Any, vendor: Vendor, pending: Connection) -> None:
    with pytest.raises(UnknownConnection):
        of_one(store, "con_none", vendor)
    with pytest.raises(UsageError, match="has reported itself") as caught:
        of_one(store, pending.id, vendor)
    assert f"byoaws verify ROLE_ARN --connection {pending.id}" in caught.value.hint


# What comes of them --------------------------------------------------------------------------------------------------


def test_one_that_is_settled_is_asked_nothing(
    store: Any, vendor: Vendor, pending: Connection, say: Any, means: Any, fake_role: Any
) -> None:
    say(pending)
    settle_one(of_one(store, pending.id, vendor), means())
    role = fake_role()
    again = settle_one(of_one(store, pending.id, vendor), means(role))
    assert (again.outcome, role.calls, again.report) == (Outcome.SETTLED, [], None)


@pytest.mark.parametrize(
    ("unsound", "outcome", "code"),
    [
        ({}, Outcome.VERIFIED, 0),
        ({"without": True}, Outcome.INSECURE, 1),
        ({"external_id": "not-yet"}, Outcome.FAILED, 1),
        ({"error": Throttled("slow down")}, Outcome.UNKNOWN, 3),
    ],
    ids=["sound", "open", "closed", "throttled"],
)
def test_outcomes(
    store: Any,
    vendor: Vendor,
    pending: Connection,
    say: Any,
    means: Any,
    fake_role: Any,
    unsound: dict[str, Any],
    outcome: Outcome,
    code: int,
) -> None:
    say(pending)
    (only,) = settle_all(waiting(store, vendor)[0], means(fake_role(**unsound)))
    assert (only.outcome, exit_code([only])) == (outcome, code)
    assert (only.as_row()["role_arn"], only.as_row()["outcome"]) == (ROLE, outcome.value)
    assert bool(only.todo) is (outcome is not Outcome.VERIFIED)
    assert store.get(pending.id).role_arn == (ROLE if code == 0 else None)
    # What is not verified waits for the next run, and is settled by it.
    assert ids(waiting(store, vendor)[0]) == ([] if code == 0 else [pending.id])


def test_the_role_of_another_connection_is_refused_and_the_rest_is_settled(
    store: Any, vendor: Vendor, pending: Connection, other: Connection, say: Any, means: Any
) -> None:
    """The attack: a customer claims the role of another; it keeps nobody else from being verified."""
    say(pending)
    settle_one(of_one(store, pending.id, vendor), means())
    say(other)
    say(pending)
    first, second = settle_all(waiting(store, vendor)[0], means())
    assert (first.before.connection.id, first.outcome) == (other.id, Outcome.REFUSED)
    assert f"belongs to connection '{pending.id}'" in first.message
    assert second.outcome is Outcome.VERIFIED
    assert exit_code([first, second]) == 1
    assert store.get(other.id) == other


def test_a_role_that_is_refused_says_that_the_other_is_kept(
    store: Any, vendor: Vendor, pending: Connection, say: Any, means: Any, fake_role: Any
) -> None:
    say(pending)
    settle_one(of_one(store, pending.id, vendor), means())
    say(pending, OTHER_ROLE)
    (only,) = settle_all(waiting(store, vendor)[0], means(fake_role(external_id="anothers")))
    assert only.message.endswith(f"the connection keeps {ROLE}")
    assert store.get(pending.id).role_arn == ROLE


def test_the_secret_is_learnt_of_what_was_verified(
    store: Any, vendor: Vendor, pending: Connection, say: Any, means: Any
) -> None:
    say(pending, secret_arn="arn:secret")
    asked: list[Any] = []
    settle_one(of_one(store, pending.id, vendor), means(learn=lambda *both: asked.append(both)))
    ((request, report),) = asked
    assert (request.secret_arn, request.connection_id) == ("arn:secret", pending.id)
    assert report.role_arn == ROLE


@pytest.mark.parametrize("error", [ConnectionConflict("overtaken"), AwsError("odd")], ids=["conflict", "aws"])
def test_what_could_not_be_told_of_one_holds_up_no_other(
    store: Any, vendor: Vendor, pending: Connection, say: Any, means: Any, error: Exception
) -> None:
    def learn(*_: object) -> None:
        raise error

    say(pending)
    (only,) = settle_all(waiting(store, vendor)[0], means(learn=learn))
    assert (only.outcome, exit_code([only])) == (Outcome.UNKNOWN, 3)


def test_a_store_that_is_gone_ends_it(store: Any, vendor: Vendor, pending: Connection, say: Any, means: Any) -> None:
    def gone() -> Any:
        raise StoreError("gone")

    say(pending)
    with pytest.raises(StoreError):
        list(settle_all(waiting(store, vendor)[0], means(open_store=gone)))


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [("", 0), ("verified settled", 0), ("verified unknown", 3), ("unknown failed", 1), ("insecure", 1), ("refused", 1)],
)
def test_exit_codes(outcomes: str, code: int, pending: Connection, say: Any, store: Any, vendor: Vendor) -> None:
    say(pending)
    before = waiting(store, vendor)[0][0]
    found = [Settled(before=before, outcome=Outcome(name), message="") for name in outcomes.split()]
    assert exit_code(found) == code


# Meanwhile: on the real store, whose transactions are what is tried --------------------------------------------------


@pytest.fixture
def real(tmp_path: Path, pending: Connection, other: Connection) -> Iterator[Any]:
    """A store that several may open at once, with the two connections."""

    def opened() -> Any:
        return open_store(f"sqlite:///{tmp_path}/s.sqlite3", key=None, key_file=tmp_path / "key")

    first = opened()
    first.add(pending)
    first.add(other)
    first.open = opened
    yield first
    first.close()


def claim_in(store: Any, claim: StackClaim) -> None:
    assert store.claim(claim, token_hash=None)


@pytest.mark.parametrize("unsound", [{}, {"without": True}], ids=["sound", "open"])
def test_a_stack_that_is_deleted_while_it_is_verified_stays_disconnected(
    real: Any, vendor: Vendor, pending: Connection, say: Any, means: Any, fake_role: Any, now: Any, unsound: Any
) -> None:
    claim_in(real, say(pending))
    busy = with_event(means(fake_role(**unsound), open_store=real.open), lambda: disconnect(real, pending.id, now))
    with pytest.raises(ConnectionConflict, match="was disconnected in the meantime"):
        settle_one(of_one(real, pending.id, vendor), busy)
    ended = real.get(pending.id)
    assert (ended.status, ended.role_arn) == (ConnectionStatus.DISCONNECTED, None)
    assert real.last_report(pending.id) is None


def test_what_is_said_while_the_claim_before_is_verified_is_what_stays(
    real: Any, vendor: Vendor, pending: Connection, say: Any, means: Any
) -> None:
    claim_in(real, say(pending))
    busy = with_event(means(open_store=real.open), lambda: claim_in(real, say(pending, OTHER_ROLE)))
    settled = settle_one(of_one(real, pending.id, vendor), busy)
    assert (settled.outcome, real.get(pending.id).role_arn) == (Outcome.VERIFIED, OTHER_ROLE)
    assert waiting(real, vendor) == ([], 0)


def test_a_role_that_fails_takes_nothing_from_one_that_was_verified_meanwhile(
    real: Any, vendor: Vendor, pending: Connection, say: Any, means: Any, fake_role: Any, verifier: Any
) -> None:
    """The attack: a claim that cannot be verified, timed so that its failure is written after another's success."""
    claim_in(real, say(pending))

    def another_is_verified() -> None:
        claim_in(real, say(pending, OTHER_ROLE))
        settle(pending.id, vendor, verifier(fake_role()), real.open)

    busy = with_event(means(fake_role(external_id="anothers"), open_store=real.open), another_is_verified)
    settle_one(of_one(real, pending.id, vendor), busy)
    kept = real.get(pending.id)
    assert (kept.role_arn, kept.account_id) == (OTHER_ROLE, "444455556666")
    assert kept.verified_at is not None


def test_at_once(
    real: Any, vendor: Vendor, pending: Connection, other: Connection, say: Any, means: Any, verifier: Any
) -> None:
    """Several runs settle the same claims: all agree, and each connection has its own role."""
    claim_in(real, say(pending))
    found = waiting(real, vendor)[0]
    results: list[list[Outcome]] = []
    several = means(open_store=real.open)

    def run() -> None:
        results.append([one.outcome for one in settle_all(found, several)])

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[Outcome.VERIFIED]] * 4
    assert real.get(pending.id).role_arn == ROLE
    assert real.get(other.id).role_arn is None
    assert waiting(real, vendor) == ([], 0)


def test_each_has_a_verifier_of_its_own(
    store: Any, vendor: Vendor, pending: Connection, other: Connection, say: Any, means: Any, verifier: Any
) -> None:
    made: list[Verifier] = []
    plain = means()

    def make() -> Verifier:
        made.append(plain.verifier())
        return made[-1]

    say(pending)
    say(other, OTHER_ROLE)
    assert len(list(settle_all(waiting(store, vendor)[0], replace(plain, verifier=make)))) == 2
    assert len({id(one) for one in made}) == 2
