"""Whole verifications as reports: in the promised shape, and without a credential whatever AWS answers."""

import asyncio
import io
import json
import re
import traceback
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qs
from xml.etree import ElementTree

import botocore.loaders
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.aws.boto import BotoVendorAws
from byoaws.aws.session import Limits
from byoaws.aws.threads import ThreadedVendor
from byoaws.formats.interface import Look
from byoaws.registry import PROBES, REPORT_FORMATS
from byoaws.verify.clock import AsyncClock
from byoaws.verify.facts import LiveFacts
from byoaws.verify.runner import run

LOOK = Look(width=100, color=False)


def test_json(scene):
    found = json.loads(REPORT_FORMATS.load("json")(scene.run(), LOOK))
    keys = ["verdict", "role_arn", "account_id", "region", "vendor", "sandbox", "checked_at", "probes"]
    keys += ["capabilities"]
    assert list(found) == keys
    probe_keys = ["code", "name", "status", "summary", "causes", "fix", "evidence"]
    assert [list(probe) for probe in found["probes"]] == [probe_keys] * 8
    assert (found["verdict"], found["sandbox"], found["checked_at"]) == ("verified", False, "2026-11-21T12:00:00+00:00")


def test_junit(scene, refused):
    scene.right = [refused()]
    suite = ElementTree.fromstring(REPORT_FORMATS.load("junit")(scene.run(), LOOK).encode())  # noqa: S314  our own
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "8", "failures": "1", "errors": "2", "skipped": "3"}
    assert scene.external_id in suite.find("testcase/failure").text


# --- credentials ---

VENDOR_SECRET, VENDOR_TOKEN = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luEXAMPLE//vendor+session+token=="
KEY_ID, SECRET = "ASIAIOSFODNN7EXAMPLE", "zYxWvUtSrQpO/EXAMPLE/customer/secret/0001"
TOKEN = "FwoGZXIvYXdzEXAMPLE/token+of+the+customer+session=="
VENDOR_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
OURS, CUSTOMERS = (VENDOR_KEY_ID, VENDOR_SECRET, VENDOR_TOKEN), (KEY_ID, SECRET, TOKEN)
CREDENTIALS = (*OURS, *CUSTOMERS)
# Each operation, and the credentials that sign it: those are what an error may quote.
OPERATIONS = {
    **dict.fromkeys(["vendor caller", "without", "wrong", "right"], OURS),
    **dict.fromkeys(["session caller", "GetRole", "GetAccount"], CUSTOMERS),
}


class Wire:
    """Stands in for the network: sound answers, but for one operation."""

    def __init__(self, scene):
        self.scene = scene
        self.spoilt = {}
        self.asked = []

    def send(self, request):
        operation = self._operation(request)
        self.asked.append(operation)
        status, body = self._sound(operation)
        if operation in self.spoilt:
            answer = self.spoilt[operation](body)
            if isinstance(answer, Exception):
                raise answer
            status, body = answer
        raw = io.BytesIO(body.encode())
        raw.stream = lambda: iter([raw.getvalue()])
        return AWSResponse(request.url, status, {"content-type": "text/xml"}, raw)

    def _operation(self, request):
        body = request.body or b""
        form = parse_qs(body.decode() if isinstance(body, bytes) else body)
        action = form.get("Action", ["GetAccount"])[0]
        if action == "GetCallerIdentity":
            ours = VENDOR_KEY_ID in str(request.headers.get("Authorization"))
            return "vendor caller" if ours else "session caller"
        if action == "AssumeRole":
            given = form.get("ExternalId", [None])[0]
            return {None: "without", self.scene.external_id: "right"}.get(given, "wrong")
        return action

    def _sound(self, operation):
        if operation in ("without", "wrong"):
            return 403, error("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole")
        if operation == "right":
            parts = f"<AccessKeyId>{KEY_ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>"
            parts += f"<SessionToken>{TOKEN}</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>"
            return 200, answer("AssumeRole", f"<Credentials>{parts}</Credentials>")
        if operation == "GetRole":
            policy = json.dumps(self.scene.trust)
            return 200, answer("GetRole", f"<Role><AssumeRolePolicyDocument>{policy}</AssumeRolePolicyDocument></Role>")
        if operation == "GetAccount":
            return 200, '{"ProductionAccessEnabled": true, "SendingEnabled": true, "EnforcementStatus": "HEALTHY"}'
        who = self.scene.caller if operation == "vendor caller" else self.scene.session_caller
        return 200, answer("GetCallerIdentity", f"<Arn>{who.arn}</Arn><Account>{who.account_id}</Account>")


def answer(action, result):
    return f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"


def error(code, message):
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"


def _url(secret):
    return f"https://sts.amazonaws.com/?X-Amz-Security-Token={secret}"


# How an answer may come to hold a credential. Takes it and the sound answer's body.
SPOILS = {
    "refusal": lambda secret, body: (403, error("AccessDenied", f"the token {secret} is not authorized")),
    "refusal, as JSON": lambda secret, body: (403, json.dumps({"__type": "AccessDenied", "message": f"no {secret}"})),
    "signature": lambda secret, body: (
        403,
        error(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match.\n\nThe Canonical String for this request should have "
            f"been\n'POST\n/\n\nhost:sts.amazonaws.com\nx-amz-security-token:{secret}\n'",
        ),
    ),
    "expired": lambda secret, body: (403, error("ExpiredToken", f"token {secret} has expired")),
    "code": lambda secret, body: (403, error(secret, "no")),
    "validation": lambda secret, body: (400, error("ValidationError", f"Value '{secret}' at 'DurationSeconds'")),
    "throttled": lambda secret, body: (400, error("Throttling", f"Rate exceeded for {secret}")),
    "region": lambda secret, body: (403, error("RegionDisabledException", f"STS is not activated for {secret}")),
    "fault": lambda secret, body: (500, error("InternalFailure", f"failed for {secret}")),
    "proxy": lambda secret, body: (502, f"<html>bad gateway, x-amz-security-token: {secret}</html>"),
    "not XML": lambda secret, body: (200, f"<Credentials>{secret}"),
    "cut off": lambda secret, body: (200, f"{body[: len(body) // 2]}{secret}"),
    "empty": lambda secret, body: (200, ""),
    "other fields": lambda secret, body: (200, body.replace("<Expiration>", f"<Odd>{secret}</Odd><Expiration>")),
    "expiration": lambda secret, body: (200, body.replace("2030-01-01T00:00:00Z", secret)),
    "unreachable": lambda secret, body: EndpointConnectionError(endpoint_url=_url(secret)),
    "time-out": lambda secret, body: ReadTimeoutError(endpoint_url=_url(secret)),
    "address": lambda secret, body: ValueError(f"Invalid endpoint: {_url(secret)}"),
}


@pytest.fixture(scope="module")
def verify(new_scene):
    """Verify over the wire with one operation spoilt; returns the report, the facts, and what was asked."""
    loader = botocore.loaders.create_loader()

    def with_spoilt(spoilt):
        scene = new_scene()
        wire = Wire(scene)
        wire.spoilt = spoilt
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {
                "AWS_ACCESS_KEY_ID": VENDOR_KEY_ID,
                "AWS_SECRET_ACCESS_KEY": VENDOR_SECRET,
                "AWS_SESSION_TOKEN": VENDOR_TOKEN,
                "AWS_CONFIG_FILE": "/nowhere",
                "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
            }.items():
                patch.setenv(name, value)
            for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"):
                patch.delenv(name, raising=False)
            patch.setattr("botocore.session.create_loader", lambda *_: loader)
            patch.setattr("botocore.httpsession.URLLib3Session.send", lambda _, request: wire.send(request))
            aws = BotoVendorAws(None, "us-east-1", limits=Limits(attempts=1))
            clock = AsyncClock(lambda: 0.0, pytest.fail)
            facts = LiveFacts(scene.facts().target, lambda region: ThreadedVendor(aws), clock, scene)
            probes = [PROBES.load(name) for name in facts.target.vendor.probes]
            report = asyncio.run(run(facts, probes, scene, lambda: datetime(2026, 11, 21, tzinfo=UTC)))
        return report, facts, wire.asked

    return with_spoilt


def _said(report, facts):
    """Everything that anybody could be shown of a verification."""
    yield from (REPORT_FORMATS.load(name)(report, LOOK) for name in REPORT_FORMATS)
    yield from (repr(report), repr(facts), repr(facts.__dict__), str(report.last_error()))
    trial = asyncio.run(facts.trial()) if report.probes[1].status.value == "PASS" else None
    for attempt in (trial.without, trial.wrong, trial.right) if trial else ():
        if attempt.error:
            yield from traceback.format_exception(attempt.error)
            yield repr(vars(attempt.error))


def _leaks(report, facts):
    return {secret for text in _said(report, facts) for secret in CREDENTIALS if secret in text}


def test_wire_is_an_account_in_good_order(verify):
    """Else the tests below would look for credentials where none can be."""
    report, facts, asked = verify({})
    assert report.verdict.value == "verified"
    assert sorted(asked) == sorted(OPERATIONS)
    assert _leaks(report, facts) == set()


SPOILT = st.dictionaries(
    st.sampled_from(list(OPERATIONS)), st.tuples(st.sampled_from(list(SPOILS)), st.integers(0, 2)), max_size=3
)


@settings(max_examples=30, deadline=None)
@given(SPOILT)
def test_no_credential_in_any_report_or_error(verify, spoilt):
    report, facts, _ = verify(
        {name: partial(SPOILS[how], OPERATIONS[name][which]) for name, (how, which) in spoilt.items()}
    )
    assert _leaks(report, facts) == set()


@pytest.mark.parametrize("body", [f"<Credentials>{' '.join(CUSTOMERS)}", f"{' '.join(CUSTOMERS)}", "{}", "<a/>"])
def test_unreadable_answer_to_assume_role_is_not_quoted(verify, body):
    """What this answer holds was never in a request, so nobody could know it for a credential."""
    report, facts, _ = verify({kind: lambda _: (200, body) for kind in ("without", "wrong", "right")})
    assert (_leaks(report, facts), report.verdict.value) == (set(), "unknown")


@pytest.mark.parametrize("missing", ["AccessKeyId", "SecretAccessKey", "SessionToken"])
def test_assume_role_without_a_part_of_the_credentials(verify, missing):
    """A client with an empty key would look for others, and find our own."""
    report, facts, asked = verify({"right": lambda body: (200, re.sub(f"<{missing}>.*</{missing}>", "", body))})
    assert (_leaks(report, facts), report.verdict.value) == (set(), "unknown")
    assert set(asked) == {"vendor caller", "without", "wrong", "right"}


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_one_spoilt_answer(verify, operation, spoil):
    """Nothing is let out, nothing verified that was not proved, and no customer blamed for a fault of the line."""
    report, facts, _ = verify({operation: partial(SPOILS[spoil], " ".join(OPERATIONS[operation]))})
    assert _leaks(report, facts) == set()
    found = report.verdict.value
    if spoil in ("other fields", "expiration"):
        assert found == "verified" or operation in ("without", "wrong", "right")
        assert found in ("verified", "unknown")
    elif spoil.startswith("refusal") and operation in ("without", "wrong", "GetRole"):
        assert found in ("verified", "unknown")
    elif spoil.startswith("refusal") and operation in ("right", "GetAccount"):
        assert found in ("failed", "unknown")
    else:
        assert found == "unknown"
