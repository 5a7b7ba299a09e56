"""The JSON of a report: the shape that `byoaws verify --format json` promises, whatever the texts hold."""

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.formats.interface import Look
from byoaws.formats.json import render, report_as_json
from byoaws.model import Ability, Capability, ProbeResult, Status, Verdict, VerificationReport

LOOK = Look(width=80, color=False)
RESULT = ProbeResult(
    code="V203",
    name="assume-role",
    status=Status.FAIL,
    summary="AWS refused AssumeRole",
    causes=("first", "second"),
    fix="compare",
    evidence={"aws_code": "AccessDenied", "tries": 2, "waited_seconds": 1.5, "list": ["a"], "none": None},
    opens_for_others=True,
)


def _report(**changes):
    return VerificationReport(
        **{
            "verdict": Verdict.INSECURE,
            "role_arn": "arn:aws:iam::444455556666:role/mail",
            "account_id": "444455556666",
            "region": "eu-west-1",
            "vendor": "mailmark",
            "sandbox": True,
            "checked_at": datetime(2026, 11, 21, 12, 30, 5, 999999, tzinfo=UTC),
            "probes": (RESULT,),
            "capabilities": (
                Capability(name="send", ability=Ability.NO, code="V203", probe="assume-role"),
                Capability(name="events", ability=Ability.UNKNOWN),
            ),
            **changes,
        }
    )


def test_shape():
    """Names, order and types are a promise: other programs read them."""
    assert render(_report(), LOOK) == (
        '{\n  "verdict": "insecure",\n  "role_arn": "arn:aws:iam::444455556666:role/mail",\n'
        '  "account_id": "444455556666",\n  "region": "eu-west-1",\n  "vendor": "mailmark",\n  "sandbox": true,\n'
        '  "checked_at": "2026-11-21T12:30:05+00:00",\n  "probes": [\n    {\n      "code": "V203",\n'
        '      "name": "assume-role",\n      "status": "FAIL",\n      "summary": "AWS refused AssumeRole",\n'
        '      "causes": [\n        "first",\n        "second"\n      ],\n      "fix": "compare",\n'
        '      "evidence": {\n        "aws_code": "AccessDenied",\n        "tries": 2,\n'
        '        "waited_seconds": 1.5,\n'
        '        "list": [\n          "a"\n        ],\n        "none": null,\n'
        '        "runbook": "verification-failed#v203-assume-role"\n      }\n    }\n  ],\n'
        '  "capabilities": {\n    "send": {\n      "state": "no",\n      "code": "V203",\n'
        '      "probe": "assume-role"\n    },\n    "events": {\n      "state": "unknown",\n      "code": null,\n'
        '      "probe": null\n    }\n  }\n}\n'
    )


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("sandbox", [True, False, None])
@pytest.mark.parametrize("account_id", ["444455556666", None])
def test_values(verdict, sandbox, account_id):
    found = json.loads(render(_report(verdict=verdict, sandbox=sandbox, account_id=account_id), LOOK))
    assert found["verdict"] in ("verified", "insecure", "failed", "unknown")
    assert (found["verdict"], found["sandbox"], found["account_id"]) == (verdict.value, sandbox, account_id)


@pytest.mark.parametrize("status", list(Status))
def test_statuses(status):
    found = report_as_json(_report(probes=(ProbeResult(code="V1", name="n", status=status, summary="s"),)))
    evidence = {} if status is Status.PASS else {"runbook": "verification-failed"}
    plain = {"code": "V1", "name": "n", "status": status.value, "summary": "s", "causes": [], "fix": ""}
    assert found["probes"] == [{**plain, "evidence": evidence}]
    assert type(found["probes"][0]["status"]) is str


TEXTS = st.text(max_size=20) | st.sampled_from(["\x00", "\x1b[31m", "\u2028", "\uffff", '"', "\\"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(summary=TEXTS, causes=st.lists(TEXTS, max_size=3), fix=TEXTS, evidence=st.dictionaries(TEXTS, PLAIN, max_size=3))
def test_any_text_comes_back(summary, causes, fix, evidence):
    result = ProbeResult(
        code="V1", name="n", status=Status.WARN, summary=summary, causes=tuple(causes), fix=fix, evidence=evidence
    )
    text = render(_report(probes=(result,)), LOOK)
    text.encode("utf-8")  # it can be printed
    found = json.loads(text)["probes"][0]
    assert (found["summary"], found["causes"], found["fix"]) == (summary, causes, fix)
    assert found["evidence"] == {**evidence, "runbook": "verification-failed"}


def test_lone_surrogate_can_be_printed():
    """It is no character, and cannot be written to a terminal or a file."""
    text = render(_report(probes=(ProbeResult(code="V1", name="n", status=Status.PASS, summary="a\ud800b"),)), LOOK)
    assert text.isascii()
    assert json.loads(text)["probes"][0]["summary"] == "a\ud800b"


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_number_that_is_none_is_null(odd):
    """NaN is no JSON, and strict readers would refuse the whole report for it."""
    result = ProbeResult(code="V1", name="n", status=Status.PASS, summary="s", evidence={"max_send_rate": odd})
    text = render(_report(probes=(result,)), LOOK)
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert found["probes"][0]["evidence"] == {"max_send_rate": None}
