from collections.abc import Callable
from typing import Any

import pytest

from byoaws.aws.s3 import MAXIMUM_BYTES, S3TemplateSource
from byoaws.aws.session import Limits
from byoaws.errors import AccessDenied, AwsError, InvalidRequest, NotFound, Throttled, Unreachable

Wire = Any
Reply = Any
URL = "https://acme-templates.s3.eu-west-1.amazonaws.com/templates/mail/1.0.0/template.json"
PATH = "GET /acme-templates/templates/mail/1.0.0/template.json"
BODY = b'{"AWSTemplateFormatVersion": "2010-09-09"}'


@pytest.fixture
def bucket(vendor_environment: Wire, reply: Reply) -> Wire:
    vendor_environment.replies["*"] = reply(body=BODY)
    return vendor_environment


@pytest.fixture
def source(bucket: Wire, quick: Limits) -> S3TemplateSource:
    return S3TemplateSource(limits=quick)


def refused(code: str, status: int, reply: Reply) -> Reply:
    return reply(body=f"<Error><Code>{code}</Code><Message>no</Message></Error>", status=status)


KEY = "templates/t.json"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"https://acme-bucket.s3.eu-west-1.amazonaws.com/{KEY}", f"/acme-bucket/{KEY}"),
        (f"https://acme-bucket.s3.amazonaws.com/{KEY}", f"/acme-bucket/{KEY}"),
        (f"https://acme-bucket.s3-eu-west-1.amazonaws.com/{KEY}", f"/acme-bucket/{KEY}"),
        (f"https://s3.eu-west-1.amazonaws.com/acme-bucket/{KEY}", f"/acme-bucket/{KEY}"),
        (f"https://s3-eu-west-1.amazonaws.com/acme-bucket/{KEY}", f"/acme-bucket/{KEY}"),
        (f"https://s3.amazonaws.com/acme-bucket/{KEY}", f"/acme-bucket/{KEY}"),
        (f"https://s3.eu-west-1.amazonaws.com/acme.templates/{KEY}", f"/acme.templates/{KEY}"),
        (f"https://acme-bucket.s3.cn-north-1.amazonaws.com.cn/{KEY}", f"/acme-bucket/{KEY}"),
        (f"https://acme-bucket.s3.eusc-de-east-1.amazonaws.eu/{KEY}", f"/acme-bucket/{KEY}"),
        ("https://acme-bucket.s3.amazonaws.com/a%20b%2Bc/t.json", "/acme-bucket/a%20b%2Bc/t.json"),
    ],
    ids=[
        *("virtual", "virtual-global", "virtual-legacy", "path", "path-legacy", "path-global"),
        *("dotted", "china", "sovereign", "quoted"),
    ],
)
def test_every_form_of_url_is_read(source: S3TemplateSource, bucket: Wire, url: str, path: str) -> None:
    assert source.read(url) == BODY
    assert [sent.path.partition("?")[0] for sent in bucket.sent] == [path]


def test_the_version_that_the_url_names_is_read(source: S3TemplateSource, bucket: Wire) -> None:
    assert source.read(f"{URL}?versionId=abc.123") == BODY
    assert source.read(URL) == BODY
    assert [sent.query.get("versionId") for sent in bucket.sent] == ["abc.123", None]


@pytest.mark.parametrize("profile", [None, "acme"])
def test_attack_nobody_signs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, bucket: Wire, quick: Limits, profile: str | None
) -> None:
    """A template that only the vendor can read must not look published."""
    config = tmp_path / "config"
    config.write_text("[profile acme]\naws_access_key_id=AKIAI44QH8DHBEXAMPLE\naws_secret_access_key=secret-EXAMPLE\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-EXAMPLE")
    monkeypatch.setenv("AWS_BEARER_TOKEN_S3", "bearer-EXAMPLE")
    S3TemplateSource(profile, limits=quick).read(URL)
    (sent,) = bucket.sent
    assert "authorization" not in sent.headers
    assert not [name for name in sent.headers if "token" in name]
    assert not [name for name in sent.query if name.lower().startswith("x-amz-")]
    assert not any("EXAMPLE" in value for value in sent.headers.values())


def test_attack_a_presigned_url_is_read_without_its_signature(source: S3TemplateSource, bucket: Wire) -> None:
    source.read(f"{URL}?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE&X-Amz-Signature=abcdef")
    (sent,) = bucket.sent
    assert "Signature" not in sent.path
    assert "authorization" not in sent.headers


def test_no_credentials_are_needed(monkeypatch: pytest.MonkeyPatch, source: S3TemplateSource, bucket: Wire) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert source.read(URL) == BODY


def test_the_endpoint_of_s3_wins(monkeypatch: pytest.MonkeyPatch, source: S3TemplateSource, bucket: Wire) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.url)
    assert source.read(URL) == BODY


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, AccessDenied),
        ("NoSuchKey", 404, NotFound),
        ("NoSuchBucket", 404, NotFound),
        ("NoSuchVersion", 404, NotFound),
    ],
)
def test_what_is_not_public_is_said_to_be_so(
    source: S3TemplateSource, bucket: Wire, reply: Reply, code: str, status: int, kind: type[AwsError]
) -> None:
    bucket.replies["*"] = refused(code, status, reply)
    with pytest.raises(AwsError) as caught:
        source.read(URL)
    assert type(caught.value) is kind
    assert (caught.value.operation, caught.value.code) == ("s3:GetObject", code)
    assert "not publicly readable" in caught.value.hint
    assert "acme-templates/templates/mail/1.0.0/template.json" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "status", "kind"), [("SlowDown", 503, Throttled), ("InternalError", 500, Unreachable)]
)
def test_what_says_nothing_about_the_template(
    source: S3TemplateSource, bucket: Wire, reply: Reply, code: str, status: int, kind: type[AwsError]
) -> None:
    bucket.replies["*"] = refused(code, status, reply)
    with pytest.raises(kind) as caught:
        source.read(URL)
    assert "public" not in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://acme-bucket.s3.eu-west-1.amazonaws.com/t.json",
        "https://d111111abcdef8.cloudfront.net/t.json",
        "https://acme-bucket.s3.amazonaws.com.evil.example/t.json",
        "https://evil.example/?x=acme-bucket.s3.amazonaws.com/t.json",
        "https://user@acme-bucket.s3.amazonaws.com/t.json",
        "https://acme-bucket.s3.amazonaws.com/",
        "file:///etc/passwd",
        "",
    ],
)
def test_attack_nothing_but_s3_is_asked(source: S3TemplateSource, bucket: Wire, url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        source.read(url)
    assert caught.value.hint
    assert bucket.sent == []


def test_the_largest_template_is_read(source: S3TemplateSource, bucket: Wire, reply: Reply) -> None:
    bucket.replies["*"] = reply(body=b" " * MAXIMUM_BYTES)
    assert len(source.read(URL)) == MAXIMUM_BYTES


def test_a_larger_one_is_not(source: S3TemplateSource, bucket: Wire, reply: Reply) -> None:
    bucket.replies["*"] = reply(body=b" " * (MAXIMUM_BYTES + 1))
    with pytest.raises(InvalidRequest, match="1,000,000 bytes"):
        source.read(URL)


def test_a_cut_body_is_unreachable(source: S3TemplateSource, bucket: Wire, reply: Reply) -> None:
    bucket.replies["*"] = reply(body=BODY, headers={"Content-Length": "500"})
    with pytest.raises(Unreachable):
        source.read(URL)


def test_a_body_that_does_not_match_its_checksum_is_unreachable(
    source: S3TemplateSource, bucket: Wire, reply: Reply
) -> None:
    bucket.replies["*"] = reply(body=BODY, headers={"x-amz-checksum-crc32": "AAAAAA=="})
    with pytest.raises(Unreachable):
        source.read(URL)


def test_a_bucket_elsewhere_is_followed(
    monkeypatch: pytest.MonkeyPatch, source: S3TemplateSource, bucket: Wire, reply: Reply
) -> None:
    """The global host names no region; S3 says where the bucket is."""
    moved = reply(
        body="<Error><Code>PermanentRedirect</Code><Message>moved</Message></Error>",
        status=301,
        headers={"x-amz-bucket-region": "eu-west-1"},
    )
    replies = iter([moved, reply(body=BODY), reply(body=BODY)])
    bucket.replies["*"] = lambda _: next(replies)
    assert source.read("https://acme-templates.s3.amazonaws.com/t.json") == BODY


def test_errors_hold_no_signature(
    monkeypatch: pytest.MonkeyPatch, source: S3TemplateSource, secrets_in: Callable[..., list[str]]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for url in (URL, "https://evil.example/t"):
        with pytest.raises(AwsError) as caught:
            source.read(f"{url}?X-Amz-Signature=AKIAIOSFODNN7EXAMPLE")
        assert secrets_in(caught.value) == []
