"""Run the probes of one account, those side by side that do not wait for each other, and say what they add up to."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from byoaws.errors import AwsError
from byoaws.model import ProbeResult, Status, Verdict, VerificationReport
from byoaws.vendors.names import REQUIRED_OF
from byoaws.verify.capabilities import capabilities
from byoaws.verify.evidence import evidence_of, failure_of
from byoaws.verify.interface import Facts, Probe, Progress

_WHO_WE_ARE_THERE = ("caller-identity", "key-identity")


async def run(
    facts: Facts, probes: Sequence[Probe], progress: Progress, now: Callable[[], datetime]
) -> VerificationReport:
    """Ask every probe, each as soon as those that it needs have ended; the results keep the order of `probes`.

    A probe whose prerequisite did not pass is SKIP, with the prerequisite's name. An error of AWS that the probe
    itself does not explain is UNKNOWN: it neither passes nor fails the account, and holds up no other probe. Any other
    error is a mistake: it comes out as it is, and what is under way is given up.
    """
    found = await _all(facts, probes, progress)
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
        capabilities=capabilities(found, facts.target.vendor),
    )


async def _all(facts: Facts, probes: Sequence[Probe], progress: Progress) -> tuple[ProbeResult, ...]:
    asked: dict[str, asyncio.Task[ProbeResult]] = {}
    try:
        async with asyncio.TaskGroup() as group:
            for probe in probes:
                # Needs point at probes further up, so that they can neither be missing nor go round in circles.
                needs = {name: asked[name] for name in probe.needs if name in asked}
                asked[probe.name] = group.create_task(_told(probe, facts, needs, progress))
    except BaseExceptionGroup as mistakes:
        raise mistakes.exceptions[0] from None
    return tuple(task.result() for task in asked.values())


async def _told(
    probe: Probe, facts: Facts, needs: Mapping[str, asyncio.Task[ProbeResult]], progress: Progress
) -> ProbeResult:
    missing = await _first_missing(needs)
    progress.started(probe)
    result = await _ask(probe, facts) if missing is None else _skipped(probe, missing)
    progress.finished(result)
    return result


async def _first_missing(needs: Mapping[str, asyncio.Task[ProbeResult]]) -> str | None:
    """The first prerequisite, in the probe's own order, that did not pass."""
    for name, task in needs.items():
        if (await task).status not in (Status.PASS, Status.WARN):
            return name
    return None


async def _ask(probe: Probe, facts: Facts) -> ProbeResult:
    try:
        return await probe.ask(facts)
    except AwsError as error:
        return unknown(probe.code, probe.name, error)


def _skipped(probe: Probe, missing: str) -> ProbeResult:
    return ProbeResult(
        code=probe.code,
        name=probe.name,
        status=Status.SKIP,
        summary=f"not asked: '{missing}' did not pass",
        evidence={"needs": missing},
    )


def unknown(code: str, name: str, error: AwsError) -> ProbeResult:
    """The result of a probe that AWS gave no usable answer to."""
    known = failure_of(error)
    return ProbeResult(
        code=code,
        name=name,
        status=Status.UNKNOWN,
        summary=f"could not tell: {error}",
        causes=known.causes if known else (),
        fix=error.hint or (known.fix if known else "try again; if it stays so, AWS's message says where to look"),
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
