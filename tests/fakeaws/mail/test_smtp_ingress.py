"""SES receiving, rule by rule: what is kept, what is refused, and what must come again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byoaws.fakeaws.mail.smtp_ingress import Ingress
from byoaws.fakeaws.mail.smtp_server import Letter

ACCOUNT, REGION = "111122223333", "us-east-1"
OURS = "arn:aws:ses:us-east-1:111122223333:receipt-rule-set/set:receipt-rule/ours"


class NotFoundError(Exception):
    pass


class Account:
    """SES and S3 of one account, as far as receiving goes."""

    def __init__(self, *rules: dict[str, Any]) -> None:
        self.rules = list(rules)
        self.objects: dict[tuple[str, str], bytes] = {}
        self.policies: dict[str, Any] = {"bucket": allowing()}
        self.verified = {"x.example"}
        self.broken: set[str] = set()
        self.exceptions = type("Exceptions", (), {"NotFoundException": NotFoundError})

    def __call__(self, service: str) -> "Account":
        return self

    def describe_active_receipt_rule_set(self) -> dict[str, Any]:
        self._may_break("rules")
        return {"Metadata": {"Name": "set"}, "Rules": self.rules} if self.rules else {}

    def get_identity_verification_attributes(self, *, Identities: list[str]) -> dict[str, Any]:
        status = {name: {"VerificationStatus": "Pending"} for name in Identities}
        return {"VerificationAttributes": status}

    def get_email_identity(self, *, EmailIdentity: str) -> dict[str, Any]:
        if EmailIdentity not in self.verified:
            raise NotFoundError
        return {"VerifiedForSendingStatus": True}

    def get_bucket_policy(self, *, Bucket: str) -> dict[str, Any]:
        if Bucket not in self.policies:
            raise refused("NoSuchBucketPolicy")
        return {"Policy": json.dumps(self.policies[Bucket])}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:
        self._may_break("put")
        self.objects[Bucket, Key] = Body

    def mails(self) -> dict[str, bytes]:
        return {key: body for (_, key), body in self.objects.items() if not key.endswith("NOTIFICATION")}

    def _may_break(self, what: str) -> None:
        if what in self.broken:
            raise refused("InternalError")


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Operation")


def allowing(**condition: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::bucket/*",
        "Condition": condition or {"ArnLike": {"aws:SourceArn": OURS}, "StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


KEEP = {"S3Action": {"BucketName": "bucket", "ObjectKeyPrefix": "in/"}}
STOP = {"StopAction": {"Scope": "RuleSet"}}
BOUNCE = {"BounceAction": {"SmtpReplyCode": "552", "StatusCode": "5.2.2", "Message": "full", "Sender": "a@x.example"}}


def rule(*actions: dict[str, Any], name: str = "ours", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Enabled": True, "ScanEnabled": True, "Actions": list(actions), **more}


def send(
    account: Account, *recipients: str, content: bytes = b"Subject: x\r\n\r\nbody\r\n", over_tls: bool = False
) -> str:
    ingress = Ingress(account, account_id=ACCOUNT, region=REGION)
    recipients = recipients or ("info@x.example",)
    answers = {one: ingress.recipient(one, over_tls=over_tls) for one in recipients}
    taken = [one for one, answer in answers.items() if answer.startswith("250")]
    if not taken:
        return next(iter(answers.values()))
    letter = Letter(
        sender="a@y.example", recipients=taken, content=content, helo="mx", client="127.0.0.1", over_tls=over_tls
    )
    return ingress.message(letter)


def test_kept_under_its_id() -> None:
    account = Account(rule(KEEP))
    answer = send(account)
    assert answer.startswith("250 OK ")
    ((key, body),) = account.mails().items()
    assert key == f"in/{answer.removeprefix('250 OK ')}"
    assert body.endswith(b"\r\nSubject: x\r\n\r\nbody\r\n")
    assert b" for info@x.example;" in body
    assert account.objects["bucket", "in/AMAZON_SES_SETUP_NOTIFICATION"]


@pytest.mark.parametrize(
    ("account", "recipient"),
    [
        (Account(), "info@x.example"),
        (Account(rule(KEEP, Enabled=False)), "info@x.example"),
        (Account(rule(KEEP, Recipients=["other@x.example"])), "info@x.example"),
        (Account(rule(KEEP)), "info@unverified.example"),
        (Account(rule(KEEP, Recipients=["unverified.example"])), "info@unverified.example"),
        (Account(rule(KEEP)), "no-domain"),
    ],
    ids=["no rule set", "not enabled", "another recipient", "another domain", "not verified", "no domain"],
)
def test_nobody_is_there(account: Account, recipient: str) -> None:
    assert send(account, recipient).startswith("550 5.1.1 ")
    assert account.objects == {}


def test_a_subdomain_of_a_verified_domain() -> None:
    account = Account(rule(KEEP, Recipients=[".x.example"]))
    assert send(account, "info@sub.x.example").startswith("250")
    assert send(account, "info@x.example").startswith("550")


def test_tls_that_a_rule_requires() -> None:
    account = Account(rule(KEEP, TlsPolicy="Require"))
    assert send(account).startswith("550 5.7.1 ")
    assert account.objects == {}
    assert send(account, over_tls=True).startswith("250")


def test_a_rule_that_requires_tls_after_one_that_does_not() -> None:
    """The first keeps the message; the second refuses it, as it came in the clear."""
    account = Account(rule(KEEP), rule(KEEP, name="second", TlsPolicy="Require"))
    assert send(account).startswith("550 5.7.1 ")


def test_stop_ends_the_rule_set() -> None:
    account = Account(rule(KEEP, STOP), rule(BOUNCE, name="never"))
    assert send(account).startswith("250 OK ")
    assert len(account.mails()) == 1


def test_without_stop_later_rules_count() -> None:
    account = Account(rule(KEEP), rule(BOUNCE, name="later"))
    assert send(account) == "552 5.2.2 full"


def test_bounce_without_a_status() -> None:
    bounce = {"BounceAction": {"SmtpReplyCode": "550", "Message": "no", "Sender": "a@x.example"}}
    assert send(Account(rule(bounce))) == "550 no"


def test_a_header_is_added_for_the_actions_after_it() -> None:
    header = {"AddHeaderAction": {"HeaderName": "X-Team", "HeaderValue": "sales"}}
    account = Account(rule(header, KEEP))
    send(account)
    (body,) = account.mails().values()
    assert b"\r\nX-Team: sales\r\nSubject: x\r\n" in body


def test_two_rules_keep_the_same_message_each_for_its_recipients() -> None:
    second = {"S3Action": {"BucketName": "second"}}
    account = Account(
        rule(KEEP, Recipients=["a@x.example"]),
        rule(second, name="second", Recipients=["x.example"], ScanEnabled=False),
    )
    account.policies["second"] = json.loads(
        json.dumps(allowing()).replace("bucket", "second").replace("ours", "second")
    )
    answer = send(account, "a@x.example", "b@x.example")
    first, other = account.objects["bucket", f"in/{answer[7:]}"], account.objects["second", answer[7:]]
    assert b" for a@x.example;" in first
    assert b"X-SES-Spam-Verdict" in first
    assert b" for " not in other.partition(b"Received-SPF")[0]
    assert b"X-SES-Spam-Verdict" not in other


def break_policy(account: Account) -> None:
    del account.policies["bucket"]


def bind_to_another(account: Account) -> None:
    account.policies["bucket"] = allowing(ArnLike={"aws:SourceArn": OURS + "2"})


def another_account(account: Account) -> None:
    account.policies["bucket"] = allowing(StringEquals={"aws:SourceAccount": "444455556666"})


@pytest.mark.parametrize(
    "harm",
    [
        break_policy,
        bind_to_another,
        another_account,
        lambda account: account.broken.add("put"),
        lambda account: account.rules.insert(0, rule({"LambdaAction": {"FunctionArn": "x"}})),
        lambda account: account.rules[0]["Actions"][0].update(S3Action={**KEEP["S3Action"], "KmsKeyArn": "x"}),
        lambda account: account.rules[0]["Actions"][0].update(S3Action={**KEEP["S3Action"], "IamRoleArn": "x"}),
    ],
    ids=["no policy", "for another rule", "for another account", "S3 fails", "an action not played", "a key", "a role"],
)
def test_what_cannot_be_kept_must_come_again(harm: Callable[[Account], None]) -> None:
    account = Account(rule(dict(KEEP)))
    harm(account)
    assert send(account).startswith("451 4.3.0 ")
    assert account.mails() == {}


def test_rules_that_cannot_be_read() -> None:
    account = Account(rule(KEEP))
    account.broken.add("rules")
    assert send(account).startswith("451 ")


def test_rules_that_went_away_after_rcpt() -> None:
    account = Account(rule(KEEP))
    ingress = Ingress(account, account_id=ACCOUNT, region=REGION)
    assert ingress.recipient("info@x.example", over_tls=False) == "250 OK"
    account.rules.clear()
    letter = Letter(
        sender="", recipients=["info@x.example"], content=b"", helo="mx", client="127.0.0.1", over_tls=False
    )
    assert ingress.message(letter).startswith("550 5.1.1 ")


def test_the_set_up_object_is_written_once_and_as_soon_as_it_may() -> None:
    account = Account(rule(KEEP))
    ingress = Ingress(account, account_id=ACCOUNT, region=REGION)
    letter = Letter(
        sender="", recipients=["info@x.example"], content=b"", helo="mx", client="127.0.0.1", over_tls=False
    )
    policy = account.policies.pop("bucket")
    assert ingress.message(letter).startswith("451")
    account.policies["bucket"] = policy
    assert ingress.message(letter).startswith("250")
    del account.objects["bucket", "in/AMAZON_SES_SETUP_NOTIFICATION"]
    assert ingress.message(letter).startswith("250")
    assert ("bucket", "in/AMAZON_SES_SETUP_NOTIFICATION") not in account.objects
