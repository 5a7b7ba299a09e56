"""What a run over a fleet came to: numbers whatever its size, and the first few hundred that need a look."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from byoaws.fleet.delivery import Delivered
from byoaws.model import Connection, ConnectionStatus, Verdict
from byoaws.store.interface import Counts, Result

_LISTED = 200
"""Changes and refusals that are listed; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A connection whose state is another than before."""

    connection: Connection
    """As it is now."""
    before: ConnectionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A connection that could not be asked at all."""

    connection: Connection
    reason: str


@dataclass(slots=True, kw_only=True)
class Summary:
    """What a run came to."""

    began_at: datetime
    resumed: bool = False
    """It goes on with a run that was interrupted, and is about what that left."""
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    changed: list[Changed] = field(default_factory=list)
    changed_count: int = 0
    refused: list[Refused] = field(default_factory=list)
    refused_count: int = 0
    overtaken: int = 0
    """Results that no longer counted: somebody else changed or checked the connection meanwhile."""
    elsewhere: int = 0
    """Of what was planned, how many another process checked meanwhile, or is checking."""
    counts: Counts | None = None
    """As it was planned; None where nobody counted."""
    delivered: Delivered = field(default_factory=Delivered)
    throttles: int = 0
    """How often AWS asked for fewer calls."""
    interrupted: bool = False
    seconds: float = 0

    @property
    def checked(self) -> int:
        """How many were judged."""
        return self.verdicts.total()

    @property
    def exit_code(self) -> int:
        """1 where one is not fine, else 3 where one could not be told, or another process has them all; else 0."""
        if self.verdicts[Verdict.FAILED] or self.verdicts[Verdict.INSECURE]:
            return 1
        nothing_of_it = self.elsewhere and not self.checked
        return 3 if self.verdicts[Verdict.UNKNOWN] or self.refused_count or nothing_of_it else 0

    def add(self, results: Sequence[Result], kept: Collection[str]) -> None:
        """Count what was recorded."""
        for result in results:
            if result.connection.id not in kept:
                self.overtaken += 1
                continue
            self.verdicts[result.report.verdict] += 1
            before = result.claim.connection.status
            if before is not result.connection.status:
                self.changed_count += 1
                if len(self.changed) < _LISTED:
                    self.changed.append(Changed(connection=result.connection, before=before))

    def refuse(self, connection: Connection, reason: str) -> None:
        """Count one that could not be asked."""
        self.refused_count += 1
        if len(self.refused) < _LISTED:
            self.refused.append(Refused(connection=connection, reason=reason))

    def merge(self, other: "Summary") -> None:
        """Count what another one counted."""
        self.verdicts.update(other.verdicts)
        self.changed_count += other.changed_count
        self.changed += other.changed[: _LISTED - len(self.changed)]
        self.refused_count += other.refused_count
        self.refused += other.refused[: _LISTED - len(self.refused)]
        self.overtaken += other.overtaken
