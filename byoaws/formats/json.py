"""Reports and connections as JSON, in the shapes that docs/commands.md promises."""

import json
from datetime import datetime

from byoaws.formats.interface import Look
from byoaws.model import Capability, Connection, Json, ProbeResult, Status, VerificationReport
from byoaws.runbooks.sections import section_of


def render(report: VerificationReport, look: Look) -> str:
    """Return the report as indented JSON."""
    # NaN and Infinity are no JSON: a number that is none is not known.
    plain = json.loads(json.dumps(report_as_json(report)), parse_constant=lambda name: None)
    text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    # A lone surrogate cannot be printed; as \udXXX it is what JSON itself calls it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def report_as_json(report: VerificationReport) -> dict[str, Json]:
    """Return the report as plain data."""
    return {
        "verdict": report.verdict.value,
        "role_arn": report.role_arn,
        "account_id": report.account_id,
        "region": report.region,
        "vendor": report.vendor,
        "sandbox": report.sandbox,
        "checked_at": report.checked_at.isoformat(timespec="seconds"),
        "probes": [result_as_json(result) for result in report.probes],
        "capabilities": {item.name: _capability_as_json(item) for item in report.capabilities},
    }


def _capability_as_json(item: Capability) -> dict[str, Json]:
    return {"state": item.ability.value, "code": item.code or None, "probe": item.probe or None}


def result_as_json(result: ProbeResult) -> dict[str, Json]:
    """Return one probe's result as plain data."""
    return {
        "code": result.code,
        "name": result.name,
        "status": result.status.value,
        "summary": result.summary,
        "causes": list(result.causes),
        "fix": result.fix,
        "evidence": dict(result.evidence) | _more(result),
    }


def _more(result: ProbeResult) -> dict[str, Json]:
    """Where to read on: a section of `byoaws runbook`."""
    return {} if result.status is Status.PASS else {"runbook": section_of(result.code)}


def connection_as_json(connection: Connection) -> dict[str, Json]:
    """Return a connection as plain data, without its webhook secret."""
    return {
        "connection_id": connection.id,
        "alias": connection.alias,
        "vendor": connection.vendor,
        "customer": connection.customer,
        "region": connection.region,
        "status": connection.status.value,
        "sandbox": connection.sandbox,
        "external_id": connection.external_id,
        "role_arn": connection.role_arn,
        "account_id": connection.account_id,
        "bucket_name": connection.bucket_name,
        "stack_name": connection.stack_name,
        "template_url": connection.template_url,
        "last_error": connection.last_error,
        "created_at": _iso(connection.created_at),
        "checked_at": _iso(connection.checked_at),
        "verified_at": _iso(connection.verified_at),
        "pending_external_id": connection.pending_external_id,
        "webhook_secret": _secret_state(connection),
        "webhook_secret_overlap_ends": _iso(connection.secret_overlap_ends),
        "webhook_secret_arn": connection.secret_arn,
    }


def _secret_state(connection: Connection) -> str:
    """What is known of the webhook secret; never the secret."""
    if connection.next_webhook_secret is None:
        return "unknown" if connection.webhook_secret is None else "known"
    return "exchanging" if connection.secret_spread_at is None else "overlap"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
