"""A new ExternalId becomes the present one once a verification proved that it took the old one's place."""

from dataclasses import replace

from byoaws.flows.check import ROTATION
from byoaws.model import Connection, Status, Verdict, VerificationReport
from byoaws.store.interface import Store


def promote(store: Store, connection_id: str, report: VerificationReport) -> Connection:
    """Make the pending ExternalId the present one, if a verification proved that it took the other's place.

    Raises:
        ConnectionConflict: another command changed the connection at the same moment; the next verification does it.
    """
    connection = store.get(connection_id)
    proven = _proven(report)
    if proven is None or connection.pending_external_id != proven:
        return connection
    promoted = replace(connection, external_id=proven, pending_external_id=None, updated_at=report.checked_at)
    return store.exchange(promoted)


def _proven(report: VerificationReport) -> str | None:
    """The ExternalId with which alone the role opened; None unless everything else was in order, too."""
    if report.verdict is not Verdict.VERIFIED:
        return None
    for probe in report.probes:
        if probe.name == ROTATION and probe.status is Status.PASS:
            opened_with = probe.evidence.get("opened_with")
            return opened_with if isinstance(opened_with, str) else None
    return None
