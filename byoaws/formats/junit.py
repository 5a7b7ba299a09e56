"""A report as JUnit XML, as CI systems read it: FAIL is a failure, UNKNOWN an error."""

import re
from xml.etree import ElementTree

from byoaws.formats.interface import Look
from byoaws.model import ProbeResult, Status, VerificationReport

# XML 1.0 allows no other control characters. Source: XML 1.0, production 2, Char.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: VerificationReport, look: Look) -> str:
    """Return the report as one test suite, a test case per probe."""
    statuses = [result.status for result in report.probes]
    suite = ElementTree.Element(
        "testsuite",
        name=clean(f"byoaws verify {report.role_arn or report.vendor}"),
        tests=str(len(statuses)),
        failures=str(statuses.count(Status.FAIL)),
        errors=str(statuses.count(Status.UNKNOWN)),
        skipped=str(statuses.count(Status.SKIP)),
        timestamp=report.checked_at.isoformat(timespec="seconds"),
    )
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", name="verdict", value=report.verdict.value)
    for result in report.probes:
        _case(suite, report, result)
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, report: VerificationReport, result: ProbeResult) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=clean(f"byoaws.{report.vendor}"), name=clean(f"{result.code} {result.name}")
    )
    tag = {Status.FAIL: "failure", Status.UNKNOWN: "error", Status.SKIP: "skipped"}.get(result.status)
    lines = [
        result.summary,
        *(f"cause: {cause}" for cause in result.causes),
        f"fix: {result.fix}" if result.fix else "",
        f"AWS says: {said}" if (said := result.evidence.get("aws_message")) else "",
    ]
    text = clean("\n".join(line for line in lines if line))
    if tag:
        ElementTree.SubElement(case, tag, message=clean(result.summary)).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = f"{result.status.value}: {text}"


def clean(text: str) -> str:
    """Return the text without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
