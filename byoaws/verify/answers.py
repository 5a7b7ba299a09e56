"""Short ways for a probe to answer, and the checks that several probes share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from byoaws.errors import AccessDenied
from byoaws.model import Json, ProbeResult, Status
from byoaws.vendors.words import plain
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Attempt, Facts, TrustTrial
from byoaws.verify.refusals import operators, our_policy

_NAMED = 8


def several(names: Sequence[str]) -> str:
    """Return names that AWS gave as text for one line: the first of them, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(plain(name, 200) for name in names[:_NAMED]) + more


@dataclass(frozen=True, slots=True)
class Answers:
    """Makes the results of one probe."""

    code: str
    name: str

    def passed(self, summary: str, *, evidence: Mapping[str, Json] | None = None) -> ProbeResult:
        """PASS."""
        return self._result(Status.PASS, summary, evidence=evidence)

    def warned(
        self, summary: str, fix: str, *, causes: tuple[str, ...] = (), evidence: Mapping[str, Json] | None = None
    ) -> ProbeResult:
        """WARN: works, and somebody should know."""
        return self._result(Status.WARN, summary, causes, fix, evidence)

    def failed(
        self, summary: str, fix: str, *, causes: tuple[str, ...] = (), evidence: Mapping[str, Json] | None = None
    ) -> ProbeResult:
        """FAIL."""
        return self._result(Status.FAIL, summary, causes, fix, evidence)

    def opens(
        self, summary: str, fix: str, *, causes: tuple[str, ...] = (), evidence: Mapping[str, Json] | None = None
    ) -> ProbeResult:
        """FAIL that makes the account insecure: the role opens for someone it must refuse."""
        return self._result(Status.FAIL, summary, causes, fix, evidence, opens_for_others=True)

    def skipped(self, summary: str, fix: str) -> ProbeResult:
        """SKIP: not asked, because of what another check found."""
        return self._result(Status.SKIP, summary, fix=fix)

    def unknown(
        self, summary: str, fix: str, *, causes: tuple[str, ...] = (), evidence: Mapping[str, Json] | None = None
    ) -> ProbeResult:
        """UNKNOWN."""
        return self._result(Status.UNKNOWN, summary, causes, fix, evidence)

    def _result(
        self,
        status: Status,
        summary: str,
        causes: tuple[str, ...] = (),
        fix: str = "",
        evidence: Mapping[str, Json] | None = None,
        opens_for_others: bool = False,
    ) -> ProbeResult:
        return ProbeResult(
            code=self.code,
            name=self.name,
            status=status,
            summary=summary,
            causes=causes,
            fix=fix,
            evidence=evidence or {},
            opens_for_others=opens_for_others,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative:
    """What a call that must be refused is about."""

    choose: Callable[[TrustTrial], Attempt]
    given: str
    """How the call was made, as in "the role opens ..."."""
    causes: tuple[str, ...]


async def judge_refusal(facts: Facts, answers: Answers, negative: Negative) -> ProbeResult:
    """Judge an AssumeRole call that must be refused.

    Only the role's own AccessDenied is a refusal, and it proves something only if the right ExternalId opens the role:
    a role that refuses everybody would pass otherwise.
    """
    trial = await facts.trial()
    error = negative.choose(trial).error
    if error is None:
        return _opens(facts, answers, negative)
    evidence = evidence_of(error)
    if not isinstance(error, AccessDenied):
        return answers.unknown(
            f"could not tell whether the role opens {negative.given}: {error}",
            operators(error.hint or "Try again."),
            evidence=evidence,
        )
    ours = our_policy(error)
    if ours:
        return answers.unknown(
            f"the call {negative.given} was stopped by a policy of our own ({ours}), so the role was never asked",
            operators("Verify with credentials that may call sts:AssumeRole with and without an ExternalId."),
            evidence=evidence,
        )
    if not trial.right.opened:
        return answers.unknown(
            f"refused {negative.given}, but the right ExternalId did not open the role either, so this proves nothing",
            "mend 'assume-role' first",
            evidence={"needs": "assume-role", **evidence},
        )
    return answers.passed(f"refused {negative.given}", evidence=evidence)


def _opens(facts: Facts, answers: Answers, negative: Negative) -> ProbeResult:
    target = facts.target
    return answers.opens(
        f"the role opens {negative.given}: anyone who can make us assume a role can use it",
        f"the customer sets the trust policy to the one that `byoaws policy trust --vendor {target.vendor.option} "
        f"--external-id {target.external_id}` prints; until then do not use this role",
        causes=negative.causes,
        evidence={"role_arn": target.role_arn},
    )
