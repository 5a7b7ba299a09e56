"""What came of a step in the exchange of a webhook secret, as values that show none."""

import enum
from dataclasses import dataclass

from byoaws.model import Connection, Json


class State(enum.StrEnum):
    """How far an exchange is."""

    KNOWN = "known"
    """There is nothing to do: the secret is known, and is not being exchanged."""
    UNREAD = "unread"
    """The secret could not be read in the customer's account."""
    CUSTOMER = "customer"
    """The customer has to put the new key into the stack, or into its secret."""
    OVERLAP = "overlap"
    """The forwarder signs with the new key; both are accepted until the overlap ends."""
    UNSURE = "unsure"
    """It cannot be seen whether the customer's side has the new key: somebody has to say so."""
    DONE = "done"
    """Only the new key is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run; holds no secret but inside `connection`, which shows none."""

    state: State
    connection: Connection
    message: str
    todo: str = ""
    console: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """The shape of `connections rotate-secret --format json`."""
        ends = self.connection.secret_overlap_ends
        return {
            "connection_id": self.connection.id,
            "state": self.state.value,
            "message": self.message,
            "todo": self.todo,
            "overlap_ends": ends.isoformat(timespec="seconds") if ends else None,
            "console": list(self.console),
            "commands": list(self.commands),
        }
