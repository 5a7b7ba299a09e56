"""What a client is limited to: documents as AWS takes them, packs as narrow as the account is known."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from byoaws.errors import PolicyError, UnknownName
from byoaws.flows.use.session_policy import session_policy
from byoaws.model import Connection, StackClaim
from byoaws.vendors.file import load_vendor

VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
AT = datetime(2026, 11, 21, tzinfo=UTC)
CONNECTION = Connection(
    id="con_1",
    alias="A",
    vendor="mailmark",
    region="eu-west-1",
    external_id="e",
    role_arn="arn:aws:iam::444455556666:role/byoaws/mailmark/stack-AccessRole-1",
    bucket_name="mailmark-0a1b2c3d-444455556666",
    secret_arn="arn:aws:secretsmanager:eu-west-1:444455556666:secret:WebhookSigningSecret-abc",
    created_at=AT,
    updated_at=AT,
)
ALLOW = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
DOCUMENT = {"Version": "2012-10-17", "Statement": [ALLOW]}
STACK = "arn:aws:cloudformation:eu-west-1:444455556666:stack/their-own-name/0a1b2c3d-1111-2222-3333-444455556666"


class Claims:
    """A store that knows of a stack, or of none."""

    def __init__(self, stack_id: str | None) -> None:
        self.stack_id = stack_id

    def claimed(self, connection_id: str) -> StackClaim | None:
        role = str(CONNECTION.role_arn)
        return self.stack_id and StackClaim(
            connection_id=connection_id,
            stack_id=self.stack_id,
            role_arn=role,
            bucket_name=None,
            secret_arn=None,
            claimed_at=AT,
        )


def policy(given: Any, *, stack_id: str | None = None, connection: Connection = CONNECTION) -> str | None:
    return session_policy(Claims(stack_id), VENDOR, connection, given)


def resources(given: Any, **options: Any) -> set[str]:
    found = []
    for statement in json.loads(policy(given, **options) or "")["Statement"]:
        one = statement["Resource"]
        found += [one] if isinstance(one, str) else one
    return set(found)


def test_none_is_no_limit_and_nothing_else_is() -> None:
    assert policy(None) is None


EMPTY: list[Any] = ["", "  ", [], (), {}, "{}", '{"Version": "2012-10-17", "Statement": []}', set()]


@pytest.mark.parametrize("given", EMPTY, ids=repr)
def test_an_empty_one_is_never_taken_for_no_limit(given: Any) -> None:
    with pytest.raises(PolicyError):
        policy(given)


@pytest.mark.parametrize("given", [DOCUMENT, json.dumps(DOCUMENT, indent=4), dict(reversed(DOCUMENT.items()))])
def test_the_same_document_is_sent_the_same(given: Any) -> None:
    sent = policy(given)
    assert json.loads(sent or "") == DOCUMENT
    assert sent == policy(DOCUMENT)
    assert " " not in str(sent)


BAD: dict[str, tuple[Any, str]] = {
    "not JSON": ("{nonsense", "not JSON"),
    "a list": ("[1]", "not an object"),
    "no Effect": ({"Statement": [{"Action": "s3:*", "Resource": "*"}]}, "no Effect"),
    "a principal": ({"Statement": [{**ALLOW, "Principal": "*"}]}, "no Principal"),
    "a key twice": ('{"Statement": [], "Statement": []}', "stands twice"),
    "too large": ({"Statement": [{**ALLOW, "Resource": [f"arn:aws:s3:::{n:060}" for n in range(40)]}]}, "2,048"),
    "every pack": (
        ["ses-send", "ses-identities", "inbound-read", "inbound-replay", "drift-read", "webhook-secret-read"],
        "2,048",
    ),
}


@pytest.mark.parametrize(("given", "says"), BAD.values(), ids=BAD)
def test_what_aws_would_not_take_is_told_before_it_is_asked(given: Any, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        policy(given)


def test_a_pack_that_there_is_not() -> None:
    with pytest.raises(UnknownName, match="'ses-sent'"):
        policy(["ses-sent"])


def test_packs_name_what_is_known_of_the_account() -> None:
    assert resources(["self-read", "self-read"]) == {CONNECTION.role_arn}
    bucket = f"arn:aws:s3:::{CONNECTION.bucket_name}"
    assert all(one.startswith(bucket) for one in resources(("inbound-read",)))
    assert resources("webhook-secret-read") >= {CONNECTION.secret_arn}
    ses = "arn:aws:ses:eu-west-1:444455556666"
    assert resources("ses-send") == {f"{ses}:identity/*", f"{ses}:configuration-set/mailmark-????????"}


def test_packs_are_narrower_where_the_stack_has_told_of_itself() -> None:
    ses = "arn:aws:ses:eu-west-1:444455556666"
    assert f"{ses}:configuration-set/mailmark-0a1b2c3d" in resources("ses-send", stack_id=STACK)
    assert STACK in resources("webhook-secret-read", stack_id=STACK)
    # The customer may have given it another name than was proposed.
    assert not any("mailmark-byo-aws" in one for one in resources("webhook-secret-read"))


def test_what_is_not_known_is_a_pattern_in_this_account() -> None:
    unknown = replace(CONNECTION, bucket_name=None, secret_arn=None)
    assert all("mailmark-????????-*" in one for one in resources("inbound-read", connection=unknown))
    for one in resources(["ses-send", "webhook-secret-read"], connection=unknown):
        assert ":444455556666:" in one
