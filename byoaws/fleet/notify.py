"""What people are told of a change: the message itself, the same by whichever way it goes. Pure.

It holds the diagnosis and where to read on, and no secret: what a claim carries has none, and of a report only what AWS
and byoaws said of it is taken.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from byoaws.fleet.schedule import Change
from byoaws.model import Connection, ConnectionStatus, Json, ProbeResult, Status, VerificationReport
from byoaws.runbooks.sections import section_of
from byoaws.store.interface import Notice

_TOLD = {
    ConnectionStatus.VERIFIED: "works again",
    ConnectionStatus.FAILED: "does not work any more",
    ConnectionStatus.INSECURE: "is insecure: its role opens for someone whom it must refuse",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message as mail."""

    subject: str
    text: str


def message_id() -> str:
    """An id that no other message has."""
    return f"msg_{secrets.token_hex(16)}"


def notices(
    change: Change, connection: Connection, report: VerificationReport, channels: Sequence[str]
) -> tuple[Notice, ...]:
    """Return the message of a change, once for each way of telling, under one id."""
    if not channels:
        return ()
    shared, body = message_id(), json.dumps(_document(change, connection, report), ensure_ascii=True)
    return tuple(Notice(message_id=shared, channel=channel, body=body) for channel in channels)


def as_mail(body: str) -> Mail:
    """Return a message as plain text for people."""
    document = json.loads(body)
    data = document["data"]
    lines = [
        f"{data['summary']}.",
        "",
        f"Connection  {data['connection_id']}",
        f"Customer    {data['customer'] or data['alias']}",
        f"Account     {data['account_id'] or 'not proven'}, {data['region']}",
        f"Role        {data['role_arn']}",
        f"Checked     {document['timestamp']}",
    ]
    for item in data["diagnosis"]:
        lines += ["", f"{item['code']} {item['name']}: {item['summary']}"]
        lines += [f"  {number}. {cause}" for number, cause in enumerate(item["causes"], start=1)]
        lines += [f"  Do: {item['fix']}"] if item["fix"] else []
        lines += [f"  AWS says: {item['aws_message']}"] if item["aws_message"] else []
        lines += [f"  More: byoaws runbook {item['runbook'].partition('#')[0]} --connection {data['connection_id']}"]
    # A line break in a subject would be a header of its own.
    return Mail(subject=" ".join(data["summary"].split())[:200], text="\n".join(lines) + "\n")


def _document(change: Change, connection: Connection, report: VerificationReport) -> dict[str, Json]:
    """As Standard Webhooks recommends a payload: type, timestamp, data."""
    return {
        "type": f"connection.{change.after.value}",
        "timestamp": report.checked_at.isoformat(timespec="seconds"),
        "data": {
            "connection_id": connection.id,
            "alias": connection.alias,
            "customer": connection.customer,
            "vendor": connection.vendor,
            "region": connection.region,
            "account_id": connection.account_id,
            "role_arn": report.role_arn,
            "before": change.before.value if change.before else None,
            "after": change.after.value,
            "summary": f"{connection.alias} ({connection.id}) {_TOLD[change.after]}",
            "diagnosis": [_diagnosis(probe) for probe in report.probes if probe.status is Status.FAIL],
        },
    }


def _diagnosis(probe: ProbeResult) -> Json:
    return {
        "code": probe.code,
        "name": probe.name,
        "summary": probe.summary,
        "causes": list(probe.causes),
        "fix": probe.fix,
        "aws_message": str(probe.evidence.get("aws_message") or ""),
        "runbook": section_of(probe.code),
    }
