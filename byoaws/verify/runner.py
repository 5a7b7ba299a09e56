"""Run the probes of one account in order, and say what they add up to."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from byoaws.errors import AwsError
from byoaws.model import ProbeResult, Status, Verdict, VerificationReport
from byoaws.vendors.names import REQUIRED_OF
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts, Probe, Progress

_WHO_WE_ARE_THERE = ("caller-identity", "key-identity")


def run(facts: Facts, probes: Sequence[Probe], progress: Progress, now: Callable[[], datetime]) -> VerificationReport:
    """Ask every probe, in order.

    A probe whose prerequisite did not pass is SKIP, with the prerequisite's name. An error of AWS that the probe
    itself does not explain is UNKNOWN: it neither passes nor fails the account.
    """
    results: dict[str, ProbeResult] = {}
    for probe in probes:
        progress.started(probe)
        result = _ask(probe, facts, results)
        results[probe.name] = result
        progress.finished(result)
    found = tuple(results.values())
    account = next((result.evidence.get("account_id") for result in found if result.name in _WHO_WE_ARE_THERE), None)
    sandbox = next((result.evidence["sandbox"] for result in found if "sandbox" in result.evidence), None)
    return VerificationReport(
        verdict=verdict(found, REQUIRED_OF[facts.target.vendor.access]),
        role_arn=facts.target.role_arn or None,
        account_id=str(account) if account else None,
        region=facts.target.region,
        vendor=facts.target.vendor.name,
        sandbox=sandbox if isinstance(sandbox, bool) else None,
        checked_at=now(),
        probes=found,
    )


def _ask(probe: Probe, facts: Facts, results: dict[str, ProbeResult]) -> ProbeResult:
    for name in probe.needs:
        if name in results and results[name].status not in (Status.PASS, Status.WARN):
            return ProbeResult(
                code=probe.code,
                name=probe.name,
                status=Status.SKIP,
                summary=f"not asked: '{name}' did not pass",
                evidence={"needs": name},
            )
    try:
        return probe.ask(facts)
    except AwsError as error:
        return unknown(probe.code, probe.name, error)


def unknown(code: str, name: str, error: AwsError) -> ProbeResult:
    """The result of a probe that AWS gave no usable answer to."""
    return ProbeResult(
        code=code,
        name=name,
        status=Status.UNKNOWN,
        summary=f"could not tell: {error}",
        fix=error.hint or "try again; if it stays so, the AWS message below says where to look",
        evidence=evidence_of(error),
    )


def verdict(results: Iterable[ProbeResult], required: Collection[str]) -> Verdict:
    """What the results add up to, in whatever order they come.

    Verified needs a PASS of every required probe, and of the others a PASS or a WARN. What could not be told, or was
    not asked, keeps an account from being verified.
    """
    found = list(results)
    if any(result.opens_for_others for result in found):
        return Verdict.INSECURE
    if any(result.status is Status.FAIL for result in found):
        return Verdict.FAILED
    passed = {result.name for result in found if result.status is Status.PASS}
    undecided = any(result.status in (Status.UNKNOWN, Status.SKIP) for result in found)
    if undecided or not passed.issuperset(required):
        return Verdict.UNKNOWN
    return Verdict.VERIFIED
