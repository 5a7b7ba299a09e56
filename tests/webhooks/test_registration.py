"""Reports of stacks: what proves one, and that nothing else gets through."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UsageError, WebhookError, WebhookForged, WebhookMalformed, WebhookStale, WebhookTooLarge
from byoaws.webhooks.registration import MOST_BYTES, connection_of, verify_registration

NOW = 1_795_000_000.0
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
TOKEN = "once_" + "A" * 43
REPORT = {
    "type": "stack.created",
    "connection_id": "con_8rqyhtrb2pcp0t8wn9jr",
    "account_id": "444455556666",
    "region": "eu-west-1",
    "stack_id": "arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1a2b3c4d-0000",
    "role_arn": "arn:aws:iam::444455556666:role/byoaws/acme/acme-AccessRole-1ABC",
    "bucket_name": "acme-mail",
    "template_version": "1.0.0",
    "outputs": {"RoleArn": "arn:aws:iam::444455556666:role/byoaws/acme/acme-AccessRole-1ABC"},
    "token": TOKEN,
}


def body(**changes: Any) -> bytes:
    return json.dumps({name: value for name, value in {**REPORT, **changes}.items() if value is not ...}).encode()


def headers(text: bytes, secret: str = SECRET, at: float = NOW) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"msg_1.{int(at)}.".encode() + text, hashlib.sha256)
    made = f"v1,{base64.b64encode(signed).decode()}"
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(at)), "Webhook-Signature": made}


def test_a_token_needs_no_signature_and_is_not_judged_here() -> None:
    found = verify_registration({}, body())
    assert (found.type, found.token, found.id, found.signed_at) == ("stack.created", TOKEN, None, None)
    assert (found.connection_id, found.bucket_name) == (REPORT["connection_id"], "acme-mail")
    assert TOKEN not in repr(found)


@pytest.mark.parametrize("kind", ["stack.created", "stack.updated", "stack.deleted"])
def test_without_a_token_the_signature_counts(kind: str) -> None:
    text = body(type=kind, token=..., bucket_name=None)
    found = verify_registration(headers(text), text, [OTHER, SECRET], now=NOW)
    assert (found.type, found.token, found.id, found.bucket_name) == (kind, None, "msg_1", None)
    assert found.signed_at is not None
    assert found.signed_at.timestamp() == NOW


def test_a_deletion_is_proven_by_no_token() -> None:
    text = body(type="stack.deleted")
    with pytest.raises(WebhookForged):
        verify_registration({}, text)
    with pytest.raises(WebhookForged):
        verify_registration(headers(text, OTHER), text, [SECRET], now=NOW)
    assert verify_registration(headers(text), text, [SECRET], now=NOW).token is None


@pytest.mark.parametrize("kind", ["stack.created", "stack.updated", "stack.deleted"])
def test_where_no_secret_is_known_nothing_but_a_token_proves_anything(kind: str) -> None:
    text = body(type=kind, token=...)
    with pytest.raises(WebhookForged):
        verify_registration(headers(text), text, [], now=NOW)


@pytest.mark.parametrize("kind", ["stack.created", "stack.updated", "stack.deleted"])
@pytest.mark.parametrize(
    "given",
    [{}, {"webhook-id": "msg_1"}, {"webhook-id": "m", "webhook-timestamp": "soon", "webhook-signature": "v1,x"}],
    ids=["none", "one", "all"],
)
def test_a_stranger_does_not_learn_of_which_connections_a_secret_is_known(kind: str, given: dict[str, str]) -> None:
    text, told = body(type=kind, token=...), set()
    for known in ([], [SECRET], [SECRET, OTHER]):
        with pytest.raises(WebhookError) as caught:
            verify_registration(given, text, known, now=NOW)
        told.add((type(caught.value), str(caught.value), caught.value.status))
    assert len(told) == 1


@pytest.mark.parametrize("age", [-301, 301, 86_400], ids=str)
def test_an_old_signature_is_stale(age: int) -> None:
    text = body(type="stack.deleted")
    with pytest.raises(WebhookStale):
        verify_registration(headers(text, at=NOW - age), text, [SECRET], now=NOW)


def test_a_signed_report_cannot_be_changed() -> None:
    text = body(type="stack.deleted")
    changed = text.replace(b"1a2b3c4d", b"1a2b3c4e")
    with pytest.raises(WebhookForged):
        verify_registration(headers(text), changed, [SECRET], now=NOW)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"account_id": "999988887777"}, WebhookForged),
        ({"region": "us-east-1"}, WebhookForged),
        ({"role_arn": "arn:aws:iam::999988887777:role/x"}, WebhookForged),
        ({"role_arn": "arn:aws-cn:iam::444455556666:role/x"}, WebhookForged),
        ({"stack_id": REPORT["stack_id"].replace("444455556666", "999988887777")}, WebhookForged),  # type: ignore[attr-defined]
        ({"role_arn": "arn:aws:iam::444455556666:user/x"}, WebhookMalformed),
        ({"role_arn": ""}, WebhookMalformed),
        ({"stack_id": "acme"}, WebhookMalformed),
        ({"stack_id": REPORT["stack_id"] + "\n"}, WebhookMalformed),  # type: ignore[operator]
        ({"type": "stack.moved"}, WebhookMalformed),
        ({"type": "inbound.received"}, WebhookMalformed),
        ({"type": 1}, WebhookMalformed),
        ({"type": ...}, WebhookMalformed),
        ({"outputs": ...}, WebhookMalformed),
        ({"outputs": {"a": 1}}, WebhookMalformed),
        ({"outputs": {str(n): "" for n in range(201)}}, WebhookMalformed),
        ({"bucket_name": 1}, WebhookMalformed),
        ({"bucket_name": "mail\x1b]0;title\x07"}, WebhookMalformed),
        ({"bucket_name": "mail; rm -rf ~"}, WebhookMalformed),
        ({"bucket_name": "../../mail"}, WebhookMalformed),
        ({"bucket_name": "x" * 64}, WebhookMalformed),
        ({"template_version": "1.0.0\x1b[2J"}, WebhookMalformed),
        ({"template_version": "1" * 65}, WebhookMalformed),
        ({"template_version": ""}, WebhookMalformed),
        ({"connection_id": None}, WebhookMalformed),
        ({"template_version": ...}, WebhookMalformed),
        ({"token": "once_"}, WebhookForged),
        ({"token": TOKEN + "x"}, WebhookForged),
        ({"token": 1}, WebhookForged),
        ({"token": ["once_"]}, WebhookForged),
        ({"token": ""}, WebhookForged),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], error: type[WebhookError]) -> None:
    with pytest.raises(error):
        verify_registration({}, body(**changes))


def test_a_huge_body_is_not_even_parsed() -> None:
    for reading in (connection_of, lambda text: verify_registration({}, text)):
        with pytest.raises(WebhookTooLarge):
            reading(b"[" * (MOST_BYTES + 1))


def test_a_secret_that_is_none_is_the_receivers_own_fault() -> None:
    text = body(token=...)
    with pytest.raises(UsageError, match="not a Standard Webhooks key"):
        verify_registration(headers(text), text, ["hush"], now=NOW)


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.text() | st.integers(),
        lambda one: st.lists(one) | st.dictionaries(st.sampled_from(sorted(REPORT)), one),
        max_leaves=20,
    ).map(lambda one: json.dumps(one).encode())
)
def test_nothing_but_the_documented_errors_comes_of_anything(text: bytes) -> None:
    for reading in (
        connection_of,
        lambda found: verify_registration({}, found),
        lambda found: verify_registration(headers(found), found, [SECRET], now=NOW),
    ):
        try:
            reading(text)
        except WebhookError:
            continue


@given(
    st.dictionaries(
        st.sampled_from(sorted(REPORT)),
        st.none() | st.text() | st.integers() | st.dictionaries(st.text(), st.text()),
        min_size=1,
    )
)
def test_a_report_with_anything_in_a_place_is_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        found = verify_registration({}, body(**changes))
    except WebhookError:
        return
    assert found.token == {**REPORT, **changes}["token"]
