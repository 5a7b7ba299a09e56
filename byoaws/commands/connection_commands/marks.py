"""What there is to do about stored connections, as `connections list` and `show` mark it; nobody is asked anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byoaws.commands.connection_commands.age import ages_of

if TYPE_CHECKING:
    from byoaws.commands.connection_commands.age import Age
    from byoaws.model import Connection, Json, StackClaim
    from byoaws.settings import Settings

OUTDATED, ROTATING, REPORTED = "OUTDATED", "ROTATING", "REPORTED"
ADVICE = {
    OUTDATED: "outdated: byoaws connections upgrade ID says what an upgrade would do",
    ROTATING: "rotating: an ExternalId or a webhook secret is being exchanged; byoaws connections rotate-external-id "
    "ID or byoaws connections rotate-secret ID says what is next, byoaws verify --connection ID finishes it",
    REPORTED: "reported: a stack has reported itself, and waits to be verified: byoaws connections settle",
}
"""By mark, what to do."""


def rotating(connection: "Connection") -> list[str]:
    """What is being exchanged: `external_id`, `webhook_secret`, both or none."""
    pending = {
        "external_id": connection.pending_external_id,
        "webhook_secret": connection.next_webhook_secret,
    }
    return [name for name, new in pending.items() if new is not None]


def reported(connection: "Connection", claim: "StackClaim | None") -> "dict[str, Json] | None":
    """What a stack said last, and whether that was verified since; None if none ever did."""
    if claim is None:
        return None
    from byoaws.flows.registration import is_settled

    return {
        "stack_id": claim.stack_id,
        "role_arn": claim.role_arn,
        "bucket_name": claim.bucket_name,
        "claimed_at": claim.claimed_at.isoformat(timespec="seconds"),
        "settled": is_settled(claim, connection),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One connection, and what there is to do."""

    age: "Age"
    rotating: list[str]
    reported: "dict[str, Json] | None"
    ended: bool

    @property
    def marks(self) -> list[str]:
        """As the table shows them; of what has ended nothing has to be done."""
        if self.ended:
            return []
        waits = self.reported is not None and not self.reported["settled"]
        which = {OUTDATED: self.age.outdated, ROTATING: self.rotating, REPORTED: waits}
        return [mark for mark, is_so in which.items() if is_so]

    def as_json(self) -> "dict[str, Json]":
        """The keys that `connections list --format json` adds."""
        return {**self.age.as_json(), "rotating": list(self.rotating), "reported": self.reported}


def marks_of(
    connections: "Sequence[Connection]", claims: "Sequence[StackClaim]", settings: "Settings"
) -> dict[str, Marked]:
    """Return it of each connection by its id."""
    said = {claim.connection_id: claim for claim in claims}
    told = {item.id: reported(item, said.get(item.id)) for item in connections}
    versions = {
        name: version
        for name, one in told.items()
        if one and one["settled"] and (version := said[name].template_version)
    }
    ages = ages_of(connections, settings, versions)
    return {
        item.id: Marked(
            age=ages[item.id],
            rotating=rotating(item),
            reported=told[item.id],
            ended=item.status == "disconnected",
        )
        for item in connections
    }
