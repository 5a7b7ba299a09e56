"""Refusals that are held back, since they may be of our own making: no role has opened since.

AWS says the same where one customer withdrew a role and where all roles lost sight of us, as they do when the principal
that they trust is deleted and made anew. A role that opens later tells the two apart, and the breaker does when none
opens. What is held back is nobody's result until then: its claim is ours, and is given back where nothing was proven.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from byoaws.fleet.breaker import FEW, Breaker
from byoaws.model import VerificationReport
from byoaws.store.interface import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of one claim."""

    claim: Claim
    report: VerificationReport | None
    """None where it could not be asked, or told; `refusal` says why."""
    refusal: str = ""
    openings: int = 0
    """How many roles had opened when its check began."""


class Held:
    """What one engine holds back."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._found: list[Found] = []

    @property
    def claims(self) -> Sequence[Claim]:
        """What it was found of."""
        return [one.claim for one in self._found]

    def take(self, found: Found) -> bool:
        """Hold it back if it is in doubt; False if it is not."""
        doubtful = found.report is not None and self._breaker.doubtful(found.claim.role_arn)
        if doubtful:
            self._found.append(found)
        return doubtful

    def proven(self) -> Sequence[Found]:
        """Let go of those after which a role opened: they are the customers' doing."""
        return self._let_go([one for one in self._found if not self._breaker.doubtful(one.claim.role_arn)])

    def judged(self, *, until: datetime | None = None) -> Sequence[Found]:
        """Let go of those whose lease ends by then, or of all: there will be no better evidence.

        A role that opened while it was under way is good evidence, if not proof; one that opened earlier is none, as
        batches end every second or so, and a principal may be deleted within one. Without evidence, one or two are the
        customers' (`FEW`), and more could not be told: their status is as it was, and they are asked again soon.
        """
        over = [one for one in self._found if until is None or one.claim.until <= until]
        return [self._judged(one) for one in self._let_go(over)]

    def _let_go(self, those: Sequence[Found]) -> Sequence[Found]:
        ids = {one.claim.connection.id for one in those}
        self._found = [one for one in self._found if one.claim.connection.id not in ids]
        return those

    def _judged(self, found: Found) -> Found:
        breaker = self._breaker
        if breaker.openings > found.openings or breaker.doubts <= FEW:
            return found
        said = found.report.last_error() if found.report else ""
        why = f"could not tell whose fault it is: {breaker.doubts} roles that opened before refuse us, and none opens"
        return Found(claim=found.claim, report=None, refusal=f"{why}; AWS says: {said}")
