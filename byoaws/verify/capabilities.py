"""What an account can be used for, read off the probes' results by one table. Nothing is asked of anybody here.

A capability is `yes` only where every probe that it rests on said so. A probe that was not asked, or could not tell, is
never a yes; only a probe that FAILed is a no.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from byoaws.iam.compose import actions, packs_of
from byoaws.model import Ability, Capability, ProbeResult, Status
from byoaws.vendor_model import Access, Vendor


def _cannot_tell(result: ProbeResult) -> Ability:
    return Ability.UNKNOWN


def harmless(result: ProbeResult) -> Ability:
    """What a WARN means that leaves the capability whole."""
    return Ability.YES


def _sandbox_is_a_no(result: ProbeResult) -> Ability:
    """In the sandbox SES sends to verified recipients only, so not to a vendor's customers' customers."""
    return Ability.NO if result.evidence.get("sandbox") is True else Ability.YES


def _mail_is_taken_away(result: ProbeResult) -> Ability:
    """Mail that arrives is stored, and does not stay: nothing to build an archive on."""
    return Ability.NO if result.evidence.get("expires") else Ability.YES


def _no(result: ProbeResult) -> Ability:
    return Ability.NO


def _no_unless_taken(result: ProbeResult) -> Ability:
    """That SES took the messages is what counts for sending; what became of their events does not."""
    return Ability.YES if result.evidence.get("accepted") is True else Ability.NO


@functools.lru_cache(maxsize=64)
def _ses_actions(vendor: Vendor) -> frozenset[str]:
    return frozenset(name.removeprefix("ses:") for name in actions(packs_of(vendor)) if name.startswith("ses:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A probe that a capability rests on."""

    probe: str
    warns: Callable[[ProbeResult], Ability] = _cannot_tell
    """What its WARN means for the capability."""
    fails: Callable[[ProbeResult], Ability] = _no
    """What its FAIL means for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One capability."""

    name: str
    offered: Callable[[Vendor], bool]
    """Does the vendor use it?"""
    ways: Sequence[Sequence[Need]]
    """Sets of probes, any of which shows it where all of the set were asked. What any of them says against it counts,
    whichever set it is of."""
    further: Sequence[Need] = ()
    """Probes that count where they were asked, and are not missed where they were not."""


def _sends(vendor: Vendor) -> bool:
    return any(name.startswith("Send") for name in _ses_actions(vendor))


def _has_identities(vendor: Vendor) -> bool:
    return any("Identit" in name for name in _ses_actions(vendor))


_ACCESS: Mapping[Access, Sequence[Need]] = {
    Access.ROLE: (Need(probe="assume-role"), Need(probe="caller-identity")),
    Access.USER: (Need(probe="key-identity"), Need(probe="key-permissions")),
}
"""What every capability rests on."""

ROWS: Sequence[Row] = (
    Row(
        name="send",
        offered=_sends,
        ways=(
            (Need(probe="ses-account", warns=_sandbox_is_a_no),),
            (Need(probe="ses-sending-enabled"), Need(probe="ses-send-quota")),
        ),
        further=(Need(probe="send", fails=_no_unless_taken),),
    ),
    Row(
        name="identities",
        offered=_has_identities,
        # That some identities do not work, or none is there yet, takes nothing from what can be done with them.
        ways=((Need(probe="identities", warns=harmless),),),
    ),
    Row(
        name="events",
        offered=lambda vendor: "notifications" in vendor.stack.blocks,
        ways=((Need(probe="events"),),),
        further=(Need(probe="send"),),
    ),
    Row(
        name="inbound",
        offered=lambda vendor: "inbound" in vendor.stack.blocks,
        # Messages that wait were received and stored: our webhook did not take them.
        ways=((Need(probe="inbound", warns=harmless),),),
    ),
    # What is received is kept in the stack's bucket.
    Row(
        name="archive",
        offered=lambda vendor: "inbound" in vendor.stack.blocks,
        ways=((Need(probe="bucket", warns=_mail_is_taken_away),),),
    ),
)
"""In the order in which they are shown."""


def capabilities(results: Sequence[ProbeResult], vendor: Vendor, rows: Sequence[Row] = ROWS) -> tuple[Capability, ...]:
    """Return what the account can be used for, one entry for each row."""
    found = {result.name: result for result in results}
    return tuple(
        _judged(row, found, vendor.access)
        if row.offered(vendor)
        else Capability(name=row.name, ability=Ability.NOT_OFFERED)
        for row in rows
    )


def _judged(row: Row, found: Mapping[str, ProbeResult], access: Access) -> Capability:
    asked = [way for way in row.ways if all(need.probe in found for need in way)]
    further = (need for needs in (*row.ways, row.further) for need in needs if need.probe in found)
    needs = [*_ACCESS[access], *further]
    said = [(need, found.get(need.probe)) for need in needs]
    for wanted in (Ability.NO, Ability.UNKNOWN):
        for need, result in said:
            if _ability(need, result) is wanted:
                return _told(row, wanted, _root(result, found) if result else None)
    if not asked:
        return _told(row, Ability.UNKNOWN, None)
    return _told(row, Ability.YES, found[asked[0][-1].probe])


def _ability(need: Need, result: ProbeResult | None) -> Ability:
    if result is None:
        return Ability.UNKNOWN
    if result.status is Status.WARN:
        return need.warns(result)
    if result.status is Status.FAIL:
        return need.fails(result)
    return Ability.YES if result.status is Status.PASS else Ability.UNKNOWN


def _root(result: ProbeResult, found: Mapping[str, ProbeResult]) -> ProbeResult:
    """The probe for whose sake this one was skipped; else this one."""
    while result.status is Status.SKIP and (before := found.get(str(result.evidence.get("needs")))):
        result = before
    return result


def _told(row: Row, ability: Ability, result: ProbeResult | None) -> Capability:
    if result is None:
        return Capability(name=row.name, ability=ability)
    return Capability(name=row.name, ability=ability, code=result.code, probe=result.name)
