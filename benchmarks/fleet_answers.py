"""What AWS answers the fleet's calls: each as the service itself words it, of one sound account."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fleet_accounts import REGION, VENDOR_ACCOUNT, Account


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    body: bytes
    status: int = 200
    kind: str = "text/xml"
    more: str = ""
    """Further header lines, each with its line end."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    operation: str
    account: Account | None
    """Whose session signs; None: the vendor."""
    form: Mapping[str, str]
    """Of a query API."""
    target: str
    """Path and query of a REST API."""


def throttled(service: str) -> Answer:
    """Return how a service asks for fewer calls."""
    if service == "ses-json":
        return _refused_json(429, "TooManyRequestsException", "Rate exceeded")
    if service == "s3":
        return Answer(b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>", 503)
    return refused(400, "Throttling", "Rate exceeded")


def refused(status: int, code: str, message: str) -> Answer:
    """Return a refusal of a query API."""
    return Answer(
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>1</RequestId></ErrorResponse>".encode(),
        status,
    )


def foreign(service: str) -> Answer:
    """Return the refusal of a request for something in another account."""
    if service == "ses-json":
        return _refused_json(403, "AccessDeniedException", "not authorized")
    if service == "s3":
        return Answer(b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", 403)
    return refused(403, "AccessDenied", "not authorized")


def _refused_json(status: int, code: str, message: str) -> Answer:
    body = json.dumps({"message": message}).encode()
    return Answer(body, status, "application/json", f"x-amzn-ErrorType: {code}\r\n")


def _xml(action: str, result: str) -> Answer:
    return Answer(
        f"<{action}Response><{action}Result>{result}</{action}Result><ResponseMetadata><RequestId>"
        f"f3ab1d9e-0000-4000-8000-000000000000</RequestId></ResponseMetadata></{action}Response>".encode()
    )


def _json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), kind="application/json")


def _caller(asked: Asked) -> Answer:
    if asked.account is None:
        arn, account = f"arn:aws:iam::{VENDOR_ACCOUNT}:user/platform", VENDOR_ACCOUNT
    else:
        account = asked.account.id
        arn = f"arn:aws:sts::{account}:assumed-role/{asked.account.name}/byoaws"
    return _xml("GetCallerIdentity", f"<Arn>{arn}</Arn><UserId>AROA:byoaws</UserId><Account>{account}</Account>")


def _assume_role(asked: Asked) -> Answer:
    arn = asked.form.get("RoleArn", "")
    account = Account(arn.split(":")[4] if arn.count(":") >= 5 else "")
    if asked.account is not None or arn != account.role_arn or asked.form.get("ExternalId") != account.external_id:
        who = f"arn:aws:iam::{VENDOR_ACCOUNT}:user/platform"
        return refused(
            403, "AccessDenied", f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        )
    return _xml(
        "AssumeRole",
        f"<AssumedRoleUser><AssumedRoleId>AROA:byoaws</AssumedRoleId><Arn>arn:aws:sts::{account.id}:assumed-role/"
        f"{account.name}/byoaws</Arn></AssumedRoleUser><Credentials><AccessKeyId>{account.key}</AccessKeyId>"
        f"<SecretAccessKey>{account.secret}</SecretAccessKey><SessionToken>{account.token}</SessionToken>"
        "<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>",
    )


def _role(asked: Asked) -> Answer:
    assert asked.account is not None
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{VENDOR_ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": asked.account.external_id}},
            }
        ],
    }
    return _xml(
        "GetRole",
        f"<Role><Path>/</Path><RoleName>{asked.account.name}</RoleName><RoleId>AROAEXAMPLE</RoleId>"
        f"<Arn>{asked.account.role_arn}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        f"<AssumeRolePolicyDocument>{quote(json.dumps(document))}</AssumeRolePolicyDocument></Role>",
    )


def _ses_account(asked: Asked) -> Answer:
    # The account's number is also in what it has sent, by which a client sees whose answer it was given.
    sent = float(asked.account.id) if asked.account else 0.0
    return _json(
        {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": True,
            "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": sent},
            "SendingEnabled": True,
        }
    )


def _destinations(asked: Asked) -> Answer:
    topic = f"arn:aws:sns:{REGION}:{asked.account.id if asked.account else ''}:events"
    events = ["SEND", "BOUNCE", "COMPLAINT", "DELIVERY"]
    one = {"Name": "events", "Enabled": True, "MatchingEventTypes": events, "SnsDestination": {"TopicArn": topic}}
    return _json({"EventDestinations": [one]})


def _quota(asked: Asked) -> Answer:
    sent = float(asked.account.id) if asked.account else 0.0
    return _xml(
        "GetSendQuota",
        f"<SentLast24Hours>{sent}</SentLast24Hours><Max24HourSend>50000.0</Max24HourSend><MaxSendRate>14.0</MaxSendRate>",
    )


ANSWERS: Mapping[str, Callable[[Asked], Answer]] = {
    "AssumeRole": _assume_role,
    "GetCallerIdentity": _caller,
    "GetRole": _role,
    "GetSendQuota": _quota,
    "GetAccountSendingEnabled": lambda _: _xml("GetAccountSendingEnabled", "<Enabled>true</Enabled>"),
    "GetAccount": _ses_account,
    "GetConfigurationSetEventDestinations": _destinations,
    "GetBucketLocation": lambda _: Answer(
        b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>', kind="application/xml"
    ),
    "HeadBucket": lambda _: Answer(b"", more=f"x-amz-bucket-region: {REGION}\r\n"),
}


def answer(asked: Asked) -> Answer:
    """Return what AWS answers; of an operation that has no answer here, an empty one of its kind."""
    found = ANSWERS.get(asked.operation)
    if found is not None:
        return found(asked)
    return _xml(asked.operation, "") if asked.form else Answer(b"{}", kind="application/json")
