"""Which template URLs CloudFormation takes, and what is read out of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import LinkError
from byoaws.quickcreate.template_url import MAXIMUM_LENGTH, parse_template_url

ACCEPTED = {
    "virtual host": ("https://acme-cfn.s3.eu-west-1.amazonaws.com/t.yaml", "acme-cfn", "t.yaml", "eu-west-1"),
    "path style": ("https://s3.eu-west-1.amazonaws.com/acme-cfn/a/t.yaml", "acme-cfn", "a/t.yaml", "eu-west-1"),
    "old regional host": ("https://s3-eu-west-1.amazonaws.com/acme-cfn/t.yaml", "acme-cfn", "t.yaml", "eu-west-1"),
    "old virtual host": ("https://acme-cfn.s3-eu-west-1.amazonaws.com/t.yaml", "acme-cfn", "t.yaml", "eu-west-1"),
    "global host": ("https://acme-cfn.s3.amazonaws.com/t.yaml", "acme-cfn", "t.yaml", None),
    "global path style": ("https://s3.amazonaws.com/acme-cfn/t.yaml", "acme-cfn", "t.yaml", None),
    "dots in path style": (
        "https://s3.eu-west-1.amazonaws.com/cfn.acme.example/t",
        "cfn.acme.example",
        "t",
        "eu-west-1",
    ),
    "encoded key": ("https://acme-cfn.s3.eu-west-1.amazonaws.com/a%20b/t%2B", "acme-cfn", "a b/t+", "eu-west-1"),
    "upper-case host": ("https://ACME-CFN.S3.EU-WEST-1.AMAZONAWS.COM/T", "acme-cfn", "T", "eu-west-1"),
    "port 443": ("https://acme-cfn.s3.eu-west-1.amazonaws.com:443/t", "acme-cfn", "t", "eu-west-1"),
    "bucket called like a host": ("https://s3-cfn.s3.eu-west-1.amazonaws.com/t", "s3-cfn", "t", "eu-west-1"),
    "GovCloud": ("https://acme-cfn.s3.us-gov-west-1.amazonaws.com/t", "acme-cfn", "t", "us-gov-west-1"),
    "China": ("https://acme-cfn.s3.cn-north-1.amazonaws.com.cn/t", "acme-cfn", "t", "cn-north-1"),
    "sovereign cloud": ("https://acme-cfn.s3.eusc-de-east-1.amazonaws.eu/t", "acme-cfn", "t", "eusc-de-east-1"),
}
REFUSED = {
    "http": ("http://acme-cfn.s3.eu-west-1.amazonaws.com/t", "must begin with https://"),
    "S3 URI": ("s3://acme-cfn/t", "must begin with https://"),
    "no URL": ("template.yaml", "must begin with https://"),
    "empty": ("", "must be ASCII"),
    "own domain": ("https://templates.acme.example/t", "'templates.acme.example' is not S3"),
    "CloudFront": ("https://d111111abcdef8.cloudfront.net/t", "is not S3"),
    "GitHub": ("https://raw.githubusercontent.com/acme/cfn/main/t", "is not S3"),
    "two letters": ("https://ab.s3.eu-west-1.amazonaws.com/t", "begins with no name that a bucket can have"),
    "website": ("https://acme-cfn.s3-website-eu-west-1.amazonaws.com/t", "is not S3"),
    "website with a dot": ("https://acme-cfn.s3-website.eu-west-1.amazonaws.com/t", "is not S3"),
    "dual-stack, which AWS does not list": ("https://acme-cfn.s3.dualstack.eu-west-1.amazonaws.com/t", "is not S3"),
    "accelerate": ("https://acme-cfn.s3-accelerate.amazonaws.com/t", "is not S3"),
    "another service": ("https://acme-cfn.ec2.eu-west-1.amazonaws.com/t", "is not S3"),
    "looks like S3": ("https://acme-cfn.s3.eu-west-1.amazonaws.com.evil.example/t", "is not S3"),
    "S3 as a sub-domain": ("https://s3.eu-west-1.amazonaws.com.example/acme-cfn/t", "is not S3"),
    "old FIPS host": ("https://s3-fips-us-gov-west-1.amazonaws.com/acme-cfn/t", "is not S3"),
    "host of another partition": ("https://acme-cfn.s3.eu-west-1.amazonaws.com.cn/t", "hosts end otherwise"),
    "China on the global host": ("https://acme-cfn.s3.amazonaws.com.cn/t", "hosts end otherwise"),
    "dotted bucket": ("https://cfn.acme.s3.eu-west-1.amazonaws.com/t", "has a dot, so TLS fails"),
    "no key": ("https://acme-cfn.s3.eu-west-1.amazonaws.com/", "must name a bucket and an object"),
    "folder": ("https://acme-cfn.s3.eu-west-1.amazonaws.com/a/", "must name a bucket and an object"),
    "no key in path style": ("https://s3.eu-west-1.amazonaws.com/acme-cfn", "must name a bucket and an object"),
    "no bucket": ("https://s3.eu-west-1.amazonaws.com/", "must name a bucket and an object"),
    "bucket of one letter": ("https://s3.eu-west-1.amazonaws.com/a/t", "must name a bucket and an object"),
    "user name": ("https://me@acme-cfn.s3.eu-west-1.amazonaws.com/t", "no user name, port or fragment"),
    "port": ("https://acme-cfn.s3.eu-west-1.amazonaws.com:8443/t", "no user name, port or fragment"),
    "port that is none": ("https://acme-cfn.s3.eu-west-1.amazonaws.com:x/t", "Port could not be cast"),
    "fragment": ("https://acme-cfn.s3.eu-west-1.amazonaws.com/t#x", "no user name, port or fragment"),
    "space": ("https://acme-cfn.s3.eu-west-1.amazonaws.com/a b", "must be ASCII without spaces"),
    "line break, which urlsplit drops": ("https://acme-cfn.s3.eu-west-1.amazonaws.com/a\nb", "must be ASCII"),
    "letter beyond ASCII": ("https://acme-cfn.s3.eu-west-1.amazonaws.com/ä", "must be ASCII"),
    "too long": (f"https://acme-cfn.s3.eu-west-1.amazonaws.com/{'x' * MAXIMUM_LENGTH}", "AWS allows 1,024"),
    "IPv6 that is none": ("https://[::1/t", "Invalid IPv6 URL"),
}


@pytest.mark.parametrize(("url", "bucket", "key", "region"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_cloudformation_takes(url: str, bucket: str, key: str, region: str | None) -> None:
    found = parse_template_url(url)
    assert (found.bucket, found.key, found.region, found.version_id) == (bucket, key, region, None)


@pytest.mark.parametrize(("url", "why"), REFUSED.values(), ids=REFUSED)
def test_what_ends_in_template_url_must_be_a_supported_url(url: str, why: str) -> None:
    with pytest.raises(LinkError) as refused:
        parse_template_url(url)
    assert why in refused.value.message
    assert "S3 bucket" in refused.value.hint


def test_version() -> None:
    url = "https://acme-cfn.s3.eu-west-1.amazonaws.com/t?versionId=3%2FL4"
    assert parse_template_url(url).version_id == "3/L4"


@pytest.mark.parametrize(
    ("host", "region", "readable"),
    [
        ("s3.eu-west-1.amazonaws.com", "us-east-1", True),
        ("s3.eu-west-1.amazonaws.com", "us-gov-west-1", False),
        ("s3.us-gov-east-1.amazonaws.com", "us-gov-west-1", True),
        ("s3.us-gov-east-1.amazonaws.com", "us-east-1", False),
        ("s3.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", True),
        ("s3.eusc-de-east-1.amazonaws.eu", "eu-west-1", False),
        ("s3.amazonaws.com", "ap-south-1", True),
        ("s3.amazonaws.com", "us-gov-west-1", False),
    ],
)
def test_partitions_do_not_read_each_other(host: str, region: str, readable: bool) -> None:
    assert parse_template_url(f"https://{host}/acme-cfn/t").in_partition_of(region) is readable


@pytest.mark.parametrize(
    "url",
    [
        "https://acme-cfn.example/t?X-Amz-Credential=AKIAHUSH&X-Amz-Signature=hush",
        "https://AKIAHUSH:hush@acme-cfn.s3.eu-west-1.amazonaws.com/t",
        "https://acme-cfn.s3.eu-west-1.amazonaws.com/t?X-Amz-Signature=hush#x",
    ],
    ids=["presigned", "user name", "presigned with a fragment"],
)
def test_a_refusal_shows_no_credential(url: str) -> None:
    with pytest.raises(LinkError) as refused:
        parse_template_url(url)
    assert "hush" not in f"{refused.value} {refused.value.hint}".lower()


def test_a_presigned_url_does_not_show_in_a_repr() -> None:
    found = parse_template_url("https://acme-cfn.s3.eu-west-1.amazonaws.com/t?X-Amz-Signature=hush")
    assert "hush" not in repr(found)


@given(
    st.one_of(
        st.text(max_size=80),
        st.builds("https://{}/{}".format, st.text(max_size=40), st.text(max_size=20)),
        st.builds("https://{}.s3.eu-west-1.amazonaws.com/{}".format, st.text(max_size=20), st.text(max_size=20)),
    )
)
def test_garbage_is_refused_or_lies_on_s3(url: str) -> None:
    try:
        found = parse_template_url(url)
    except LinkError as refused:
        found, message = None, refused.message
    else:
        message = ""
    assert "\n" not in message
    assert message or (found and found.bucket and found.key)
