"""A report as JSON: the shape that `byoaws verify --format json` promises."""

import json

from byoaws.formats.interface import Look
from byoaws.model import Json, ProbeResult, VerificationReport


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
    }


def result_as_json(result: ProbeResult) -> dict[str, Json]:
    """Return one probe's result as plain data."""
    return {
        "code": result.code,
        "name": result.name,
        "status": result.status.value,
        "summary": result.summary,
        "causes": list(result.causes),
        "fix": result.fix,
        "evidence": dict(result.evidence),
    }
