"""The steps by which a webhook secret is exchanged, each on what was seen of both sides."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from byoaws.errors import AccessDenied, UsageError
from byoaws.flows.webhook_secret import exchange
from byoaws.flows.webhook_secret.outcome import Outcome, State
from byoaws.flows.webhook_secret.side import WRITE_PACK, Held, Unread, lacks
from byoaws.model import Connection
from byoaws.quickcreate.secret_port import WebhookSecrets
from byoaws.quickcreate.update import FILE, console_steps, rewrite_secret_commands, update_commands
from byoaws.store.interface import Store
from byoaws.vendor_model import SecretMode, Vendor

PLACEHOLDER = "<WEBHOOK_SECRET>"
"""What stands for the new key wherever it is shown."""
_BY_HAND = f"# in an editor, put the new key in place of {PLACEHOLDER} in {FILE}; delete that file afterwards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What an exchange needs from outside."""

    store: Store
    vendor: Vendor
    open_secrets: Callable[[Connection], WebhookSecrets]
    """Opens the connection's role; raises AwsError, UsageError."""
    now: Callable[[], datetime]
    given_arn: str | None = None
    """Of the customer's secret, where somebody gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Both sides, brought in line."""

    case: Case
    connection: Connection
    side: Held | Unread
    secrets: WebhookSecrets | None = field(repr=False)
    """None where the role has no right to any."""

    @property
    def new(self) -> str:
        """The key that takes the other's place."""
        return str(self.connection.next_webhook_secret)

    @property
    def place(self) -> str | None:
        """Where the customer's secret is, if that is known."""
        return self.side.arn or self.connection.secret_arn

    def outcome(self, state: State, message: str, **more: object) -> Outcome:
        """What came of it."""
        return Outcome(state=state, connection=self.connection, message=message, **more)  # type: ignore[arg-type]


def with_change(seen: Seen, changed: Connection) -> Seen:
    """Write what changed, if anything did."""
    if changed == seen.connection:
        return seen
    return Seen(case=seen.case, connection=seen.case.store.exchange(changed), side=seen.side, secrets=seen.secrets)


def due(seen: Seen) -> bool:
    """True once both keys were accepted for as long as was asked for."""
    ends = seen.connection.secret_overlap_ends
    return ends is not None and seen.connection.next_webhook_secret is not None and seen.case.now() >= ends


def overlap(seen: Seen) -> Outcome:
    """Both sides have both keys."""
    connection = seen.connection
    ends, earliest = connection.secret_overlap_ends, exchange.may_end_at(connection)
    sooner = f"; sooner, from {earliest:%H:%M} UTC on: byoaws connections rotate-secret {connection.id} --finish"
    return seen.outcome(
        State.OVERLAP,
        f"the customer's stack signs with the new key; both are accepted until {ends:%Y-%m-%d %H:%M} UTC",
        todo=f"the next byoaws verify --connection {connection.id} after that drops the old one{sooner}",
    )


def spread(seen: Seen) -> Outcome:
    """Put the new key into the customer's secret, before those that are there."""
    present = seen.side.keys if isinstance(seen.side, Held) else (str(seen.connection.webhook_secret),)
    if written(seen, (seen.new, *present)):
        return overlap(with_change(seen, exchange.spread(seen.connection, seen.case.now())))
    if seen.case.vendor.webhook_secret is SecretMode.PARAMETER:
        return spread_needed(seen)
    # Refused for certain, so nobody has the new key: the customer makes one, which is then read there.
    return spread_needed(with_change(seen, exchange.withdrawn(seen.connection, seen.case.now())))


def written(seen: Seen, keys: tuple[str, ...]) -> bool:
    """Whether the role could write; raises AwsError where that is not certain."""
    if seen.secrets is None or seen.place is None:
        return False
    try:
        seen.secrets.write(seen.place, " ".join(dict.fromkeys(keys)))
    except AccessDenied:
        return False
    return True


def spread_needed(seen: Seen) -> Outcome:
    """Say what the customer does, since the role may not."""
    connection, vendor = seen.connection, seen.case.vendor
    again = f"then run this again: byoaws connections rotate-secret {connection.id}"
    if vendor.webhook_secret is SecretMode.PARAMETER:
        stack_name, parameter = connection.stack_name or "STACK_NAME", vendor.parameters.webhook_secret
        given = {"region": connection.region, "stack_name": stack_name, "parameter": parameter, "value": PLACEHOLDER}
        read, *update = update_commands(**given, capabilities=_capabilities(vendor))
        return seen.outcome(
            State.CUSTOMER,
            "receivers accept the new key from now on; the customer updates the stack with it",
            todo="--out FILE writes the new key to a file; hand it over as a secret. Ten minutes after the update: "
            f"byoaws connections rotate-secret {connection.id} --finish",
            console=console_steps(**given),
            commands=(read, _BY_HAND, *update),
        )
    if isinstance(seen.side, Unread) or seen.place is None:
        why, todo = (seen.side.why, seen.side.todo) if isinstance(seen.side, Unread) else ("", "")
        return seen.outcome(State.UNREAD, f"the customer's secret can be neither read nor written: {why}", todo=todo)
    return seen.outcome(
        State.CUSTOMER,
        "the role may not write the secret; the customer puts a new key in front of the present one",
        todo=f"{again}; or {lacks(WRITE_PACK)}",
        commands=rewrite_secret_commands(region=connection.region, secret_arn=seen.place, keep=True),
    )


def _capabilities(vendor: Vendor) -> list[str]:
    # Half a second of troposphere, which most runs never need.
    from byoaws.quickcreate.check import capabilities
    from byoaws.templates.stack import build

    return capabilities(build(vendor))


def finish(seen: Seen, *, sure: bool) -> Outcome:
    """Drop the old key on both sides: on the customer's first, since the forwarder signs with the new one already."""
    connection, held = seen.connection, isinstance(seen.side, Held)
    if held and connection.secret_spread_at is None:
        raise UsageError(
            f"the customer's stack of connection '{connection.id}' does not sign with the new key yet",
            hint=f"byoaws connections rotate-secret {connection.id} puts it there, or says who does",
        )
    if not held and not sure:
        return seen.outcome(
            State.UNSURE,
            "it cannot be seen from here whether the customer's stack signs with the new key; if it does not, what it "
            "posts will be refused",
            todo="ask the customer whether the stack was updated, at least ten minutes ago",
        )
    earliest = exchange.may_end_at(connection)
    if earliest is not None and seen.case.now() < earliest:
        raise UsageError(
            f"the old key can be dropped from {earliest:%H:%M:%S} UTC on: what it signed may still be on its way",
            hint="the forwarder reads its keys every five minutes",
        )
    tidy = isinstance(seen.side, Held) and set(seen.side.keys) != {seen.new} and not written(seen, (seen.new,))
    seen = with_change(seen, exchange.done(connection, seen.case.now()))
    if not tidy or seen.place is None:
        return seen.outcome(State.DONE, "only the new key is accepted now")
    return seen.outcome(
        State.DONE,
        "only the new key is accepted now; the customer's secret still holds the old one as well",
        todo="the customer takes it out, when convenient",
        commands=rewrite_secret_commands(region=connection.region, secret_arn=seen.place, keep=False),
    )
