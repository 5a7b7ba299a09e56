"""What a bucket's policy shows the public: exactly one prefix, or something else."""

import functools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.errors import PolicyError
from byoaws.iam.bucket import READS, Place, exposures, read_only_policy, unreadable
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, concerns, evaluate
from byoaws.iam.principals import ANONYMOUS, aws_principal

BUCKET = "acme-templates"
ARN = f"arn:aws:s3:::{BUCKET}"
PLACE = Place(bucket=BUCKET, prefix="templates/")
KEY = "templates/acme/1.0.0-0123456789ab/template.yaml"
SOUND = read_only_policy(PLACE)["Statement"]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Any, resources: Any, *, principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": resources, **more}


def with_sound(*statements: dict[str, Any]) -> str:
    return policy(*SOUND, *statements)  # type: ignore[misc]


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-eusc"])
def test_what_publish_makes_is_fit(partition: str) -> None:
    place = Place(bucket=BUCKET, prefix="templates/", partition=partition)
    document = json.dumps(read_only_policy(place))
    assert exposures(document, place) == ()
    assert unreadable(document, place, KEY) == ()


FURTHER = {
    "everything": (allow("*", "*"), "s3:PutObject"),
    "everything of s3": (allow("s3:*", [ARN, f"{ARN}/*"]), "s3:PutObject"),
    "read all": (allow("s3:GetObject", f"{ARN}/*"), "s3:GetObject"),
    "read a folder": (allow("s3:GetObject", f"{ARN}/private/*"), "s3:GetObject on 'private/"),
    "read one key": (allow("s3:GetObject", f"{ARN}/secrets.txt"), "'secrets.txt'"),
    "read by a wildcard in the middle": (allow("s3:GetObject", f"{ARN}/*secret*"), "secret"),
    "a prefix without its slash": (allow("s3:GetObject", f"{ARN}/templates*"), "'templates"),
    "a bucket with a wildcard": (allow("s3:GetObject", "arn:aws:s3:::*"), "s3:GetObject"),
    "a bucket with a question mark": (allow("s3:GetObject", "arn:aws:s3:::acme-template?/keys/*"), "s3:GetObject"),
    "old versions": (allow("s3:GetObjectVersion", f"{ARN}/*"), "s3:GetObjectVersion"),
    "list": (allow("s3:ListBucket", ARN), "s3:ListBucket"),
    "list versions": (allow("s3:ListBucketVersions", ARN), "s3:ListBucketVersions"),
    "list with a prefix": (
        allow("s3:ListBucket", ARN, Condition={"StringLike": {"s3:prefix": "templates/*"}}),
        "s3:ListBucket",
    ),
    "list by a pattern": (allow("s3:List*", ARN), "s3:ListBucket"),
    "write under the prefix": (allow("s3:PutObject", f"{ARN}/templates/*"), "s3:PutObject on 'templates/"),
    "delete": (allow("s3:DeleteObject", f"{ARN}/templates/*"), "s3:DeleteObject"),
    "delete versions": (allow("s3:DeleteObjectVersion", f"{ARN}/*"), "s3:DeleteObjectVersion"),
    "in lower case": (allow("s3:putobject", f"{ARN}/templates/*"), "s3:PutObject"),
    "an action that no list here holds": (allow("s3:PutObjectLegalHold", f"{ARN}/*"), "s3:PutObjectLegalHold"),
    "a bucket's action that no list here holds": (allow("s3:PutBucketCORS", ARN), "s3:PutBucketCORS"),
    "the policy itself": (allow("s3:PutBucketPolicy", ARN), "s3:PutBucketPolicy"),
    "any AWS account": (allow("s3:PutObject", f"{ARN}/*", principal={"AWS": "*"}), "s3:PutObject"),
    "all but one account": (
        {
            "Effect": "Allow",
            "NotPrincipal": {"AWS": "arn:aws:iam::444455556666:root"},
            "Action": "s3:*",
            "Resource": f"{ARN}/*",
        },
        "s3:PutObject",
    ),
    "all but some actions": (
        {"Effect": "Allow", "Principal": "*", "NotAction": "s3:DeleteBucket", "Resource": f"{ARN}/*"},
        "s3:PutObject",
    ),
    "all but some keys": (
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "NotResource": f"{ARN}/private/*"},
        "s3:GetObject",
    ),
    "a condition that anyone can meet": (
        allow("s3:*", f"{ARN}/*", Condition={"StringLike": {"aws:Referer": "https://acme.example/*"}}),
        "s3:PutObject",
    ),
    "a condition that is always met": (
        allow("s3:*", f"{ARN}/*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        "s3:PutObject",
    ),
    "an address": (
        allow("s3:*", f"{ARN}/*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        "s3:PutObject",
    ),
    "any principal with an ARN": (
        allow("s3:*", f"{ARN}/*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}),
        "s3:PutObject",
    ),
    "a role of a name that anybody can give": (
        allow("s3:PutObject", f"{ARN}/*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deployer"}}),
        "s3:PutObject",
    ),
    "any user": (
        allow("s3:PutObject", f"{ARN}/*", Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}),
        "s3:PutObject",
    ),
    "a user of a name that anybody can give": (
        allow("s3:PutObject", f"{ARN}/*", Condition={"StringEquals": {"aws:username": "bob"}}),
        "s3:PutObject",
    ),
    "an operator that AWS does not know": (
        allow("s3:*", f"{ARN}/*", Condition={"StringMatches": {"aws:Referer": "x"}}),
        "s3:PutObject",
    ),
}


@pytest.mark.parametrize(("statement", "words"), FURTHER.values(), ids=FURTHER)
def test_attack_a_second_statement_opens_more(statement: dict[str, Any], words: str) -> None:
    found = exposures(with_sound({**statement, "Sid": "Second"}), PLACE)
    assert any(words in sentence for sentence in found), found
    assert all("'Second'" in sentence for sentence in found)


def test_attack_what_only_plain_http_opens_is_seen() -> None:
    """A deny without TLS, as the sound policy has it, closes it again."""
    plain = allow("s3:GetObject", f"{ARN}/*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    assert exposures(policy(plain), PLACE)
    assert exposures(with_sound(plain), PLACE) == ()


def test_attack_a_deny_that_keeps_users_out() -> None:
    """The customer's administrator may be an IAM user."""
    users = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*", "Condition": users}
    assert unreadable(with_sound(deny), PLACE, "templates/x") != ()


HARMLESS = {
    "our own role writes": allow("s3:*", f"{ARN}/*", principal={"AWS": "arn:aws:iam::111122223333:role/ci"}),
    "our own account lists": allow("s3:ListBucket", ARN, principal={"AWS": "111122223333"}),
    "a service writes logs": allow("s3:PutObject", f"{ARN}/logs/*", principal={"Service": "logging.s3.amazonaws.com"}),
    "only one account of a wildcard": allow(
        "s3:*", f"{ARN}/*", Condition={"StringEquals": {"aws:PrincipalAccount": "111122223333"}}
    ),
    "another bucket": allow("s3:*", "arn:aws:s3:::acme-other/*"),
    "another service": allow("sqs:*", "*"),
    "a narrower deny": {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject*", "Resource": f"{ARN}/*"},
}


@pytest.mark.parametrize("statement", HARMLESS.values(), ids=HARMLESS)
def test_what_is_not_for_anyone_is_no_exposure(statement: dict[str, Any]) -> None:
    assert exposures(with_sound(statement), PLACE) == ()
    assert unreadable(with_sound(statement), PLACE, KEY) == ()


def test_a_deny_that_surely_holds_closes_what_was_opened() -> None:
    opened = allow("s3:*", f"{ARN}/*")
    closed = {
        "Effect": "Deny",
        "Principal": "*",
        "NotAction": list(READS),
        "Resource": [ARN, f"{ARN}/*"],
    }
    elsewhere = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": f"{ARN}/templates/*"}
    assert exposures(policy(opened), PLACE)
    assert exposures(policy(opened, closed, elsewhere), PLACE) == ()


UNREADABLE = {
    "no policy": None,
    "another prefix": policy(allow(list(READS), f"{ARN}/public/*")),
    "another bucket": policy(allow(list(READS), "arn:aws:s3:::acme-other/templates/*")),
    "one vendor's only": policy(allow(list(READS), f"{ARN}/templates/acme/*")),
    "without versions": policy(allow("s3:GetObject", f"{ARN}/templates/*")),
    "versions only": policy(allow("s3:GetObjectVersion", f"{ARN}/templates/*")),
    "some addresses": policy(
        allow(list(READS), f"{ARN}/templates/*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    ),
    "a deny": with_sound({"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*"}),
    "a deny that may hold": with_sound(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"{ARN}/*",
            "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        }
    ),
    "a wrong partition": json.dumps(read_only_policy(Place(bucket=BUCKET, prefix="templates/", partition="aws-cn"))),
    "only signed": policy(allow(list(READS), f"{ARN}/templates/*", principal={"AWS": "111122223333"})),
}


@pytest.mark.parametrize("document", UNREADABLE.values(), ids=UNREADABLE)
def test_a_template_that_some_could_not_read_is_said_so(document: str | None) -> None:
    found = unreadable(document, PLACE, KEY)
    assert found
    assert all("'templates/*'" in sentence for sentence in found)


def test_all_of_a_bucket_may_be_public_on_purpose() -> None:
    whole = Place(bucket=BUCKET, prefix="")
    assert exposures(policy(allow("s3:GetObject", f"{ARN}/*")), whole) == ()
    assert exposures(policy(allow(["s3:GetObject", "s3:ListBucket"], [ARN, f"{ARN}/*"])), whole)


def test_no_policy_opens_nothing() -> None:
    assert exposures(None, PLACE) == ()


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"Statement": [{"Effect": "Perhaps", "Action": "*"}]}'])
def test_what_is_no_policy_is_an_error(document: str) -> None:
    with pytest.raises(PolicyError):
        exposures(document, PLACE)
    with pytest.raises(PolicyError):
        unreadable(document, PLACE, KEY)


ACTIONS = st.sampled_from(["s3:GetObject", "s3:Get*", "s3:*", "*", "s3:ListBucket", "s3:PutObject", "s3:De?eteObject"])
RESOURCES = st.sampled_from(["*", ARN, f"{ARN}/*", f"{ARN}*", f"{ARN}/t*", f"{ARN}/templates/*", f"{ARN}/x/?", "arn:*"])


@functools.cache
def alone(action: str, resource: str) -> tuple[str, ...]:
    return exposures(policy(allow(action, resource)), PLACE)


ANYTHING = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Principal": st.sampled_from(["*", {"AWS": "111122223333"}])},
    optional={"Condition": st.just({"StringLike": {"aws:username": "${aws:PrincipalTag/team, 'x'}*"}})},
)
WHAT = st.tuples(st.sampled_from(["Action", "NotAction"]), ACTIONS | st.sampled_from(["S3:get*", "s3:PutObjec?"]))
WHERE = st.tuples(
    st.sampled_from(["Resource", "NotResource"]),
    RESOURCES | st.sampled_from([f"{ARN}/${{aws:username}}/*", f"{ARN}/t${{*}}", f"{ARN}/${{aws:username, 'x'}}/?"]),
)
STATEMENTS = st.builds(lambda rest, *pairs: {**rest, **dict(pairs)}, ANYTHING, WHAT, WHERE)


@settings(max_examples=200)
@given(
    version=st.sampled_from(["2012-10-17", "2008-10-17"]),
    statement=STATEMENTS,
    action=st.sampled_from([*READS, "s3:PutObject", "s3:ListBucket", "sqs:SendMessage"]),
    name=st.sampled_from(["", "/t", "/t*", "/t${*}", "/x/y", "/bob/y", "/templates/acme"]),
    user=st.sampled_from(["bob", "x", ""]),
)
def test_property_what_a_statement_does_not_concern_it_neither_allows_nor_denies(
    version: str, statement: dict[str, Any], action: str, name: str, user: str
) -> None:
    """Then no caller needs to be tried: whoever it is, nothing comes of it."""
    document = parse({"Version": version, "Statement": [statement]})
    arn = f"{ARN}{name}"
    concerned = concerns(document.statements[0], action, arn, variables=document.has_variables)
    for caller in (ANONYMOUS, aws_principal(f"arn:aws:iam::111122223333:user/{user}")):
        for keys in ({}, {"aws:PrincipalTag/team": "x"}):
            decision = evaluate(document, Request(principal=caller, action=action, resource=arn, context=keys))
            assert concerned or decision.outcome is Outcome.IMPLICIT_DENY


@settings(max_examples=25)
@given(statements=st.lists(st.tuples(ACTIONS, RESOURCES), min_size=1, max_size=3))
def test_property_what_one_statement_opens_none_beside_it_closes(statements: list[tuple[str, str]]) -> None:
    """Allow statements only ever add: a bucket with one of them bad is bad."""
    each = [alone(*one) for one in statements]
    together = exposures(policy(*(allow(*one) for one in statements)), PLACE)
    assert bool(together) == any(each)
