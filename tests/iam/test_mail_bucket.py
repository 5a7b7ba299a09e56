"""The policy of a mail bucket: what is taken unread for the stack's own is sound, and what anyone adds is noticed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.iam.documents import parse
from byoaws.iam.mail_bucket import MailBucket, is_the_stacks, others, ses_may_store, ses_stores_for_others

BUCKET = MailBucket(
    name="mail",
    prefix="inbound/",
    account="444455556666",
    region="eu-west-1",
    partition="aws",
    rule_set="main",
    rule="ours",
)


def stacks(bucket: MailBucket) -> dict[str, Any]:
    """As templates/inbound.py makes it; tests/e2e/test_probes.py holds it against a stack."""
    arn = f"arn:{bucket.partition}:s3:::{bucket.name}"
    rule = f"arn:{bucket.partition}:ses:{bucket.region}:{bucket.account}:receipt-rule-set/*:receipt-rule/{bucket.rule}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "SesMayStoreMail",
                "Effect": "Allow",
                "Principal": {"Service": "ses.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"{arn}/inbound/*",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": bucket.account},
                    "ArnLike": {"aws:SourceArn": rule},
                },
            },
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }


BUCKETS = st.builds(
    MailBucket,
    name=st.from_regex(r"[a-z0-9][a-z0-9-]{2,40}", fullmatch=True),
    prefix=st.just("inbound/"),
    account=st.from_regex(r"[1-9][0-9]{11}", fullmatch=True),
    region=st.sampled_from(["eu-west-1", "us-gov-west-1"]),
    partition=st.sampled_from(["aws", "aws-us-gov"]),
    rule_set=st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
    rule=st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
)


@given(BUCKETS)
def test_what_is_the_stacks_own_need_not_be_judged(bucket: MailBucket) -> None:
    document = json.dumps(stacks(bucket))
    assert is_the_stacks(document, bucket)
    policy = parse(document)
    assert ses_may_store(policy, bucket) is True
    assert not ses_stores_for_others(policy, bucket)
    assert list(others(policy, bucket)) == []


@pytest.mark.parametrize(
    "changes",
    [{"account": "9" * 12}, {"region": "eu-west-2"}, {"rule": "other"}, {"rule": None}, {"name": "other"}],
    ids=lambda changes: next(iter(changes)),
)
def test_that_of_another_is_judged(changes: dict[str, Any]) -> None:
    assert not is_the_stacks(json.dumps(stacks(BUCKET)), replace(BUCKET, **changes))


@pytest.mark.parametrize(
    "document", ["", "{", "[]", "null", "[" * 100_000], ids=["empty", "cut", "list", "null", "deep"]
)
def test_what_is_no_policy_is_not_the_stacks(document: str) -> None:
    assert not is_the_stacks(document, BUCKET)


@given(st.data())
def test_one_more_statement_is_never_taken_for_the_stacks(data: st.DataObject) -> None:
    found = stacks(BUCKET)
    place = data.draw(st.integers(0, 2))
    found["Statement"].insert(place, {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})
    assert not is_the_stacks(json.dumps(found), BUCKET)
    assert any("anyone may call s3:GetObject" in text for text in others(parse(found), BUCKET))


@given(
    st.sampled_from(["Principal", "NotPrincipal"]),
    st.sampled_from(["*", {"AWS": "*"}, {"AWS": "9" * 12}, {"AWS": f"arn:aws:iam::{'9' * 12}:role/x"}]),
    st.sampled_from(["s3:GetObject", "s3:*", "s3:PutBucketPolicy"]),
)
def test_whoever_a_statement_lets_in_is_found(element: str, who: Any, action: str) -> None:
    """What is left out because no statement means it must be let in by none."""
    resource = ["arn:aws:s3:::mail", "arn:aws:s3:::mail/*"]
    lets_in = {"Effect": "Allow", element: who, "Action": action, "Resource": resource}
    found = list(others(parse({**stacks(BUCKET), "Statement": [lets_in]}), BUCKET))
    everybody_is_left_out = element == "NotPrincipal" and who in ("*", {"AWS": "*"})
    assert bool(found) is not everybody_is_left_out


def test_without_the_rule_sets_name_it_is_not_told() -> None:
    assert ses_may_store(parse(stacks(BUCKET)), replace(BUCKET, rule_set=None)) is None
