"""What the policy of a bucket that received mail lies in lets be done: SES stores there, and nobody else comes near it.

As in `bucket`, nothing is read off the policy's text: calls are put to `evaluate`. The bucket's own account is left
out: what its users and roles may do is its own business, and its IAM policies say most of it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from byoaws.iam.bucket import Place, reach, strangers
from byoaws.iam.callers import callers
from byoaws.iam.context import Values
from byoaws.iam.documents import Policy
from byoaws.iam.evaluate import Decision, Outcome, Request, evaluate
from byoaws.iam.principals import Kind, Principal, names, service_principal

_SES = "ses.amazonaws.com"
# An account that no policy names: AWS gives out no number that begins with 000.
_OTHER = "000700070007"
_NO_NAME = "zq7-no-meaning"
_MAY = (Outcome.ALLOW, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailBucket:
    """A stack's bucket, and what fills it."""

    name: str
    prefix: str
    """Where mail lies: `inbound/`."""
    account: str
    """The customer's."""
    region: str
    partition: str
    rule_set: str | None
    """The active receipt rule set; None where it is not known."""
    rule: str | None
    """The receipt rule that stores mail here; None where it is not known."""

    @property
    def place(self) -> Place:
        """All of it, of which nothing is public."""
        return Place(bucket=self.name, prefix="", partition=self.partition)

    def rule_arn(self, account: str, rule_set: str) -> str:
        """The ARN by which SES says for which rule it calls."""
        return f"arn:{self.partition}:ses:{self.region}:{account}:receipt-rule-set/{rule_set}:receipt-rule/{self.rule}"


def is_the_stacks(document: str, bucket: MailBucket) -> bool:
    """Is it what our template makes, for receipt rules? Then there is nothing to judge. Any other may be as good."""
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        return False
    return bucket.rule is not None and found == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "SesMayStoreMail",
                "Effect": "Allow",
                "Principal": {"Service": _SES},
                "Action": "s3:PutObject",
                "Resource": f"{bucket.place.arn}/{bucket.prefix}*",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": bucket.account},
                    "ArnLike": {"aws:SourceArn": bucket.rule_arn(bucket.account, "*")},
                },
            },
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket.place.arn, f"{bucket.place.arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }


def ses_may_store(policy: Policy, bucket: MailBucket) -> bool | None:
    """May SES store mail of this account's receipt rule? None: it depends on what is not known."""
    source = {"aws:SourceArn": bucket.rule_arn(bucket.account, bucket.rule_set)} if bucket.rule_set else {}
    outcome = _stored(policy, bucket, {"aws:SourceAccount": bucket.account, "aws:Referer": bucket.account, **source})
    return None if outcome.outcome is Outcome.UNKNOWN else outcome.outcome is Outcome.ALLOW


def ses_stores_for_others(policy: Policy, bucket: MailBucket) -> bool:
    """May SES store mail there, or could it, that another account's receipt rule sends?"""
    keys = {
        "aws:SourceAccount": _OTHER,
        "aws:Referer": _OTHER,
        "aws:SourceArn": bucket.rule_arn(_OTHER, bucket.rule_set or _NO_NAME),
    }
    return _stored(policy, bucket, keys).outcome in _MAY


def _stored(policy: Policy, bucket: MailBucket, keys: Mapping[str, Values]) -> Decision:
    return evaluate(
        policy,
        Request(
            principal=service_principal(_SES),
            action="s3:PutObject",
            resource=f"{bucket.place.arn}/{bucket.prefix}{_NO_NAME}",
            context={"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true", **keys},
        ),
    )


def others(policy: Policy, bucket: MailBucket) -> Iterator[str]:
    """Say who else could do what: anyone, and each principal outside the account that the policy names."""
    for caller in strangers(policy):
        if _is_meant(policy, caller[0]) and (found := reach(policy, bucket.place, caller)):
            yield f"anyone may call {found}"
            return
    root = f"arn:{bucket.partition}:iam::{bucket.account}:root"
    for named in callers(policy, trusted=(root,), own_account=bucket.account).others:
        if named.principal.kind is Kind.FEDERATED or named.principal.name == _SES:
            continue  # S3 knows no identity providers; SES is judged by itself
        if _is_meant(policy, named.principal) and (
            found := reach(policy, bucket.place, (named.principal, named.context))
        ):
            yield f"{named.title} may call {found}"


def _is_meant(policy: Policy, caller: Principal) -> bool:
    """Could any statement that allows something be about the caller? If none is, a thousand calls need not be tried."""
    return any(
        statement.principals is None or names(statement.principals, caller).value is not False
        for statement in policy.statements
        if statement.effect == "Allow"
    )
