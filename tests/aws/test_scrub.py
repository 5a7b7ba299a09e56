import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.aws.scrub import MAXIMUM_LENGTH, REMOVED, scrub

KEY = "AKIAIOSFODNN7EXAMPLE"
TOKEN = "FwoGZXIvYXdzEXAMPLE/token=="
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        pytest.param(
            f'Could not connect to "https://s3.example/b/k?X-Amz-Signature={TOKEN}&v=1"', TOKEN, id="url-query"
        ),
        pytest.param(f"Max retries exceeded with url: /b/k?versionId=1&X-Amz-Credential={KEY}", KEY, id="path-query"),
        pytest.param("Failed to connect to http://user:hunter2@proxy:8080", "hunter2", id="proxy-password"),
        pytest.param(f"host:sts\nx-amz-security-token:{TOKEN}\n\nhost", TOKEN, id="signed-header"),
        pytest.param(
            f"does not match. The Canonical String for this request should have been\n'POST\n/\n{TOKEN}'",
            TOKEN,
            id="canonical-string",
        ),
        pytest.param(f"<SecretAccessKey>{SECRET}</SecretAccessKey>", SECRET, id="xml-secret"),
        pytest.param(f'{{"SessionToken": "{TOKEN}"}}', TOKEN, id="json-token"),
        pytest.param(f"aws_secret_access_key = {SECRET}", SECRET, id="ini-secret"),
        pytest.param(f"aws_session_token={TOKEN}", TOKEN, id="ini-token"),
        pytest.param(f"AWS4-HMAC-SHA256 Credential={KEY}/20261121/us-east-1", KEY, id="authorization-header"),
        pytest.param(f"The key {KEY} does not exist", KEY, id="access-key"),
        pytest.param("The key ASIAIOSFODNN7EXAMPLE does not exist", "ASIAIOSFODNN7EXAMPLE", id="temporary-key"),
    ],
)
def test_what_looks_like_a_credential_goes(text: str, gone: str) -> None:
    assert gone in text
    assert gone not in scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        "User: arn:aws:iam::111122223333:user/platform is not authorized to perform: sts:AssumeRole on resource: "
        "arn:aws:iam::444455556666:role/byoaws/sendfleet/Mail-1ABCDEFGHIJKL",
        "The security token included in the request is expired",
        "Credential should be scoped to a valid region",
        "Parameter validation failed: Invalid length for parameter ExternalId, value: 0, valid min length: 2",
        'Could not connect to the endpoint URL: "https://sts.us-east-1.amazonaws.com/"',
        "Signature expired: 20261121T000000Z is now earlier than 20261121T001500Z",
        "is this a question? yes",
    ],
)
def test_what_aws_says_stays(text: str) -> None:
    assert scrub(text) == text


def test_one_printable_line_of_bounded_length() -> None:
    assert scrub("a\x1b[31mb\r\n  c\x00") == "a [31mb c"
    long = scrub("x y " * MAXIMUM_LENGTH)
    assert len(long) == MAXIMUM_LENGTH
    assert long.endswith("...")


@given(
    before=st.text(max_size=40),
    secret=st.text(string.ascii_letters + string.digits + "+/=", min_size=8, max_size=60),
    after=st.text(max_size=40),
)
def test_a_known_secret_goes_whatever_it_looks_like(before: str, secret: str, after: str) -> None:
    assert secret not in scrub(before + secret + after, [secret])


def test_a_short_word_is_not_taken_for_a_secret() -> None:
    assert scrub("no such role", ["role", ""]) == "no such role"
    assert REMOVED not in scrub("")
