"""Whatever answers at the other end, the port raises `AwsError` and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from byoaws.aws.boto import BotoCustomerAws, BotoVendorAws
from byoaws.aws.interface import Caller, SesAccount
from byoaws.aws.questions import trust_policy
from byoaws.aws.session import Limits
from byoaws.errors import AwsError, Unreachable

Wire = Any
CALLS: list[str] = ["assume-role", "caller", "ses", "role"]


@dataclass(slots=True, kw_only=True)
class Garbler:
    """Answers every call of one vendor and its customer, in place of the network."""

    calls: dict[str, Callable[[], object]]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    sent: int = 0

    def send(self, request: Any, **_: object) -> AWSResponse:
        self.sent += 1
        response = AWSResponse(request.url, self.status, self.headers, None)  # type: ignore[arg-type]
        response._content = self.body
        return response


@pytest.fixture
def garbler(vendor_environment: Wire, quick: Limits) -> Garbler:
    vendor = BotoVendorAws(None, "us-east-1", limits=quick)

    def assume() -> BotoCustomerAws:
        session = vendor.assume_role(
            role_arn="arn:aws:iam::444455556666:role/mail",
            external_id=None,
            session_name="byoaws",
            duration=900,
            region="eu-west-1",
        )
        assert isinstance(session, BotoCustomerAws)
        return session

    customer = assume()
    calls: dict[str, Callable[[], object]] = {
        "assume-role": assume,
        "caller": customer.caller,
        "ses": customer.ses_account,
        "role": lambda: customer.ask(trust_policy("mail")),
    }
    garbler = Garbler(calls=calls)
    places = [("sts", "us-east-1"), ("sesv2", "eu-west-1"), ("iam", "us-east-1")]
    theirs = [customer._session.client(*place) for place in places]
    for client in (vendor._session.client(*places[0]), *theirs):
        client.meta.events.register("before-send", garbler.send)
    return garbler


TAGS = [
    *("AssumeRoleResponse", "AssumeRoleResult", "Credentials", "AccessKeyId", "SecretAccessKey", "SessionToken"),
    *("GetCallerIdentityResponse", "GetCallerIdentityResult", "Account", "Arn", "ErrorResponse", "Errors", "Error"),
    *("Code", "Message", "GetRoleResponse", "GetRoleResult", "Role", "AssumeRolePolicyDocument", "ResponseMetadata"),
]
KEYS = ["ProductionAccessEnabled", "SendQuota", "Max24HourSend", "Details", "ReviewDetails", "Status", "code", "__type"]
XML = st.recursive(
    st.sampled_from(["", "AccessDenied", "1", "%7B%7D", "\n"]),
    lambda inner: st.builds("<{0}>{1}{2}</{0}>".format, st.sampled_from(TAGS), inner, inner),
    max_leaves=12,
).map(str.encode)
JSON = st.recursive(
    st.sampled_from(["null", "true", "0", "1e999", "NaN", '""', '"AccessDenied"', '"a:b"']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{','.join(parts)}]"),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=3).map(
            lambda parts: "{" + ",".join(f'"{name}":{value}' for name, value in parts.items()) + "}"
        ),
    ),
    max_leaves=8,
).map(str.encode)
HEADERS = st.dictionaries(
    st.sampled_from(["x-amzn-ErrorType", "Content-Type", "x-amzn-RequestId", "x-amzn-query-error", "Date"]),
    st.sampled_from(["", "AccessDenied", "a:b", "application/json", "text/xml", ";;", "junk"]),
    max_size=2,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(
    call=st.sampled_from(CALLS),
    status=st.sampled_from([200, 204, 301, 400, 403, 404, 413, 429, 500, 503]),
    headers=HEADERS,
    body=st.one_of(st.binary(max_size=40), XML, JSON),
)
@example(call="ses", status=200, headers={}, body=b"[" * 100_000)
@example(call="ses", status=200, headers={}, body=b"[]")
@example(call="ses", status=403, headers={}, body=b"[]")
@example(call="ses", status=200, headers={}, body=b'{"SendQuota": 1}')
@example(call="ses", status=200, headers={}, body=b'{"SendQuota": {"MaxSendRate": "x"}}')
@example(call="role", status=200, headers={}, body=b"<a><b/></a>")
@example(call="assume-role", status=403, headers={}, body=b"<ErrorResponse><Error/></ErrorResponse>")
@example(call="assume-role", status=403, headers={}, body=b"<ErrorResponse><Error>x</Error></ErrorResponse>")
@example(call="assume-role", status=200, headers={}, body=b"<a>" * 50_000)
def test_only_aws_errors_come_out(
    garbler: Garbler, call: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    garbler.status, garbler.headers, garbler.body, garbler.sent = status, headers, body, 0
    try:
        answer = garbler.calls[call]()
    except AwsError as error:
        operation = error.operation
    else:
        operation = "answered"
        assert isinstance(answer, Caller | SesAccount | BotoCustomerAws | dict)
    assert operation
    assert garbler.sent == 1


def test_the_garbler_is_believed_when_it_makes_sense(garbler: Garbler) -> None:
    """Else the property above would hold of a garbler that nobody listens to."""
    garbler.body = b'{"ProductionAccessEnabled": true}'
    account = garbler.calls["ses"]()
    assert isinstance(account, SesAccount)
    assert account.production_access is True
    garbler.body = b'{"SendQuota": {"MaxSendRate": "fast"}}'
    with pytest.raises(Unreachable):
        garbler.calls["ses"]()
