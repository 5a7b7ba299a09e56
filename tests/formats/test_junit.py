"""The JUnit XML of a report, by an XML parser that is not ours and by the rules that CI systems read it with."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.formats.interface import Look
from byoaws.formats.junit import render
from byoaws.model import ProbeResult, Status, Verdict, VerificationReport

LOOK = Look(width=80, color=False)
TAGS = {Status.FAIL: "failure", Status.UNKNOWN: "error", Status.SKIP: "skipped"}

# Source: jenkinsci/xunit-plugin, junit-10.xsd: attributes (required, allowed) and children of each element.
RULES = {
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"skipped", "timestamp", "time", "hostname", "id", "package", "disabled"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": (
        {"name", "classname"},
        {"time", "status", "class", "file", "line", "assertions"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"message", "type"}, set()),
    "error": (set(), {"message", "type"}, set()),
    "skipped": (set(), {"message", "type"}, set()),
    "system-out": (set(), set(), set()),
}


def _judge(element):
    required, allowed, children = RULES[element.tag]
    assert required <= set(element.keys())
    assert set(element.keys()) <= required | allowed
    for child in element:
        assert child.tag in children
        _judge(child)


def _parse(text):
    """Parse as a strict reader does; every character must be one that XML 1.0 allows."""
    expat.ParserCreate().Parse(text.encode("utf-8"), True)
    suite = ElementTree.fromstring(text.encode("utf-8"))  # noqa: S314  our own
    _judge(suite)
    return suite


def _report(*results, **changes):
    return VerificationReport(
        **{
            "verdict": Verdict.UNKNOWN,
            "role_arn": "arn:aws:iam::444455556666:role/mail",
            "account_id": None,
            "region": "eu-west-1",
            "vendor": "mailmark",
            "sandbox": None,
            "checked_at": datetime(2026, 11, 21, 12, 30, 5, 999999, tzinfo=UTC),
            "probes": results,
            **changes,
        }
    )


def _result(status, **changes):
    return ProbeResult(**{"code": "V203", "name": "assume-role", "status": status, "summary": "found", **changes})


def test_suite():
    suite = _parse(render(_report(_result(Status.PASS), verdict=Verdict.VERIFIED), LOOK))
    assert suite.tag == "testsuite"
    assert suite.attrib == {
        "name": "byoaws verify arn:aws:iam::444455556666:role/mail",
        "tests": "1",
        "failures": "0",
        "errors": "0",
        "skipped": "0",
        "timestamp": "2026-11-21T12:30:05+00:00",
    }
    assert [item.attrib for item in suite.iter("property")] == [{"name": "verdict", "value": "verified"}]
    case = suite.find("testcase")
    assert case.attrib == {"classname": "byoaws.mailmark", "name": "V203 assume-role"}


@pytest.mark.parametrize("status", list(Status))
def test_mapping(status):
    suite = _parse(render(_report(_result(status)), LOOK))
    inside = suite.find("testcase")[0]
    if status in TAGS:
        assert (inside.tag, inside.attrib) == (TAGS[status], {"message": "found"})
        assert inside.text == "found"
    else:
        assert (inside.tag, inside.text) == ("system-out", f"{status.value}: found")


def test_what_to_do_is_in_the_text():
    """Who reads a CI log has nothing else."""
    failed = _result(Status.FAIL, causes=("one", "two"), fix="mend it", evidence={"aws_message": "not authorized"})
    failure = _parse(render(_report(failed), LOOK)).find("testcase/failure")
    assert failure.text == "found\ncause: one\ncause: two\nfix: mend it\nAWS says: not authorized"


@given(st.lists(st.sampled_from(list(Status)), max_size=12))
def test_counts(statuses):
    suite = _parse(render(_report(*(_result(status) for status in statuses)), LOOK))
    assert int(suite.get("tests")) == len(statuses) == len(suite.findall("testcase"))
    for status, attribute in ((Status.FAIL, "failures"), (Status.UNKNOWN, "errors"), (Status.SKIP, "skipped")):
        assert int(suite.get(attribute)) == statuses.count(status) == len(suite.findall(f"testcase/{TAGS[status]}"))


# Everything, control characters, lone surrogates and what XML itself forbids included.
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=20) | st.sampled_from(
    ["]]>", "<!--", "&amp;", "\x00", "\x1b[31m", "\ud800", "\ufffe", "\uffff", "\x85", "\u2028", "\U0001ffff", '"', "'"]
)


@given(status=st.sampled_from(list(Status)), texts=st.lists(ANYTHING, min_size=8, max_size=8))
def test_any_text_is_xml(status, texts):
    code, name, summary, cause, fix, said, arn, vendor = texts
    result = ProbeResult(
        code=code,
        name=name,
        status=status,
        summary=summary,
        causes=(cause,),
        fix=fix,
        evidence={"aws_message": said},
    )
    suite = _parse(render(_report(result, role_arn=arn, vendor=vendor), LOOK))
    # What XML allows comes through as it is; of line ends, XML itself makes "\n".
    if re.fullmatch("[\t\n\x20-\x7e]*", summary) and status in TAGS:
        assert suite.find(f"testcase/{TAGS[status]}").get("message") == summary
