"""Links: built, taken apart again, and refused where the console would refuse or quietly change them."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import LinkError
from byoaws.quickcreate.url import MAXIMUM_LENGTH, Link, build, parse
from byoaws.regions import partition_of, sending_regions

TEMPLATE = "https://acme-cfn.s3.eu-west-1.amazonaws.com/t.yaml"
LINK = Link(region="eu-west-1", template_url=TEMPLATE, stack_name="acme", parameters={"ExternalId": "0123456789abcdef"})
NAMES = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
# Fewer characters than the link's limit leaves room for, at twelve each.
VALUES = st.text(max_size=60)


@st.composite
def links(draw):
    region = draw(st.sampled_from(sending_regions()))
    suffix = partition_of(region).dns_suffix
    key = draw(st.text(string.ascii_letters + "%2+&=-_.", min_size=1, max_size=20))
    version = draw(st.sampled_from(["", "?versionId=a%2Fb&x=1"]))
    return Link(
        region=region,
        template_url=f"https://acme-cfn.s3.{region}.{suffix}/{key}{version}",
        stack_name=draw(st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,30}", fullmatch=True)),
        parameters=draw(st.dictionaries(NAMES, VALUES, max_size=5)),
    )


@given(links())
def test_what_is_built_is_read_back(link: Link) -> None:
    url = build(link)
    assert parse(url) == link
    assert url.isascii()
    assert not set(url) & set(' "<>\\^`{|}\n')


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "us-east-1.console.aws.amazon.com"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
    ],
)
def test_the_console_of_each_partition(region: str, host: str) -> None:
    url = f"https://acme-cfn.s3.{region}.{partition_of(region).dns_suffix}/t"
    built = build(Link(region=region, template_url=url, stack_name="acme"))
    assert built.startswith(
        f"https://{host}/cloudformation/home?region={region}#/stacks/create/review?templateURL=https"
    )


@pytest.mark.parametrize(
    "value", ["a+b", "a b", "a&param_Other=x", "a=b", "a#b", "a%2Bb", "ä", "\U0001f4e7", "a\nb", ""]
)
def test_a_value_stays_one_value(value: str) -> None:
    assert parse(build(replace(LINK, parameters={"P": value}))).parameters == {"P": value}


REFUSED = {
    "template not on S3": (replace(LINK, template_url="https://acme.example/t"), "is not S3"),
    "template over http": (replace(LINK, template_url=TEMPLATE.replace("https", "http")), "must begin with https"),
    "template in another partition": (
        replace(LINK, region="us-gov-west-1"),
        "lies in another partition than region 'us-gov-west-1'",
    ),
    "unknown region": (replace(LINK, region="eu-nowhere-1"), "region 'eu-nowhere-1' is not an AWS region"),
    "region with a host in it": (replace(LINK, region="evil.example/#"), "is not an AWS region"),
    "stack name with a blank": (replace(LINK, stack_name="ac me"), "'ac me' is not a stack name"),
    "stack name with a digit first": (replace(LINK, stack_name="1acme"), "is not a stack name"),
    "stack name of 129 letters": (replace(LINK, stack_name="a" * 129), "is not a stack name"),
    "no stack name": (replace(LINK, stack_name=""), "is not a stack name"),
    "stack name in another alphabet": (replace(LINK, stack_name="аcme"), "is not a stack name"),  # noqa: RUF001
    "too long": (replace(LINK, parameters={"P": "x" * MAXIMUM_LENGTH}), "byoaws allows 8,000 (our own limit)"),
    "half a character": (replace(LINK, parameters={"P": "\ud83d"}), "half a character"),
}


@pytest.mark.parametrize(("link", "why"), REFUSED.values(), ids=REFUSED)
def test_a_link_the_console_would_refuse_is_not_built(link: Link, why: str) -> None:
    with pytest.raises(LinkError) as refused:
        build(link)
    assert why in refused.value.message
    assert refused.value.hint


def test_the_longest_link_that_is_allowed() -> None:
    room = MAXIMUM_LENGTH - len(build(replace(LINK, parameters={"P": ""})))
    assert len(build(replace(LINK, parameters={"P": "x" * room}))) == MAXIMUM_LENGTH
    with pytest.raises(LinkError, match="our own limit"):
        build(replace(LINK, parameters={"P": "x" * (room + 1)}))


def test_a_presigned_template_is_refused_without_its_signature() -> None:
    link = replace(LINK, region="us-gov-west-1", template_url=f"{TEMPLATE}?X-Amz-Signature=hush")
    with pytest.raises(LinkError) as refused:
        build(link)
    assert "hush" not in f"{refused.value} {refused.value.hint}"
    assert "hush" not in repr(link)


def test_parameters_do_not_show_in_a_repr() -> None:
    assert "hush" not in repr(replace(LINK, parameters={"WebhookSecret": "hush"}))


GOOD = build(LINK)
NOT_LINKS = {
    "empty": "",
    "template alone": TEMPLATE,
    "another host": GOOD.replace("console.aws.amazon.com", "console.aws.amazon.com.evil.example"),
    "http": GOOD.replace("https://eu", "http://eu"),
    "user name": GOOD.replace("https://eu", "https://aws@eu"),
    "port": GOOD.replace(".com/cloud", ".com:8443/cloud"),
    "another page": GOOD.replace("/cloudformation/home", "/iam/home"),
    "another route": GOOD.replace("/stacks/create/review", "/stacks/create/template"),
    "no region": GOOD.replace("?region=eu-west-1", ""),
    "region of another host": GOOD.replace("?region=eu-west-1", "?region=us-east-1"),
    "two regions": GOOD.replace("?region=eu-west-1", "?region=us-east-1&region=eu-west-1"),
    "no template": GOOD.replace("templateURL=", "other="),
    "miscased templateUrl": GOOD.replace("templateURL=", "templateUrl="),
    "parameter twice": GOOD + "&param_ExternalId=fedcba9876543210",
    "template twice": GOOD + "&templateURL=https%3A%2F%2Fevil.s3.amazonaws.com%2Ft",
    "not UTF-8": GOOD + "&param_P=%ff",
    "not a URL": "https://[::1",
}


@pytest.mark.parametrize("url", NOT_LINKS.values(), ids=NOT_LINKS)
def test_what_is_no_link(url: str) -> None:
    with pytest.raises(LinkError, match="not a Quick-Create link"):
        parse(url)


def test_the_other_route_is_read_too() -> None:
    assert parse(GOOD.replace("/stacks/create/review", "/stacks/quickcreate")) == LINK


@given(
    st.one_of(
        st.text(max_size=60),
        st.builds("{}{}".format, st.just(GOOD), st.text(max_size=20)),
        st.builds("{}{}{}".format, st.just(GOOD[:20]), st.text(max_size=5), st.just(GOOD[20:])),
        st.builds("https://{}/cloudformation/home?region={}#{}".format, *[st.text(max_size=20)] * 3),
    )
)
def test_garbage_raises_nothing_but_link_errors(url: str) -> None:
    try:
        link = parse(url)
    except LinkError:
        return
    assert link.template_url == TEMPLATE or url.startswith(GOOD)
    assert link.region == "eu-west-1"
