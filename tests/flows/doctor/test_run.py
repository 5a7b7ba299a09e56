"""The operator's side: what each check says of each state, and that "could not tell" is neither good nor bad."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.aws.interface import BucketState, Caller
from byoaws.errors import (
    AccessDenied,
    BadCredentials,
    NotFound,
    StoreError,
    StoreMissing,
    Throttled,
    Unreachable,
    UsageError,
)
from byoaws.flows.doctor.run import examine
from byoaws.flows.stack import generate
from byoaws.model import ProbeResult, Status
from byoaws.quickcreate.published import name_of, url_of
from byoaws.vendor_model import Vendor

OK = {"D101": "PASS", "D102": "PASS", "D103": "WARN", "D201": "PASS", "D202": "PASS", "D301": "PASS"}
# A hundred lines of this would be more than any memory holds.
BOMB = "\n".join(
    ["a0: &a0 [x, x]", *(f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]" for number in range(1, 60))]
)


class Edge:
    """Says or raises what it is given."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def _say(self) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def caller(self) -> Caller:
        return self._say()

    def read(self, url: str) -> bytes:
        return self._say()

    def look(self, bucket: str) -> BucketState | None:
        return self._say()


PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:GetObjectVersion"]}


def bucket(*resources: str, **state: Any) -> BucketState:
    """A bucket whose objects of these names anyone may read."""
    arns = [f"arn:aws:s3:::templates/{name}" for name in resources]
    policy = json.dumps({"Statement": [{**PUBLIC, "Resource": arns}]})
    fit = BucketState(region="us-east-1", policy=policy, blocks_policy=False, acls_off=True, versioned=True)
    return replace(fit, **state)


def caller(account: str = "111122223333") -> Caller:
    return Caller(account_id=account, arn=f"arn:aws:iam::{account}:user/byoaws")


@pytest.fixture
def statuses(vendor: Vendor, store: Any) -> Callable[..., dict[str, str]]:
    """Examine with all well but for what is given; statuses by code, as they differ from that."""

    def look(**given: Any) -> dict[str, str]:
        results = examine_all(**given)
        return {item.code: item.status.value for item in results if OK[item.code] != item.status.value}

    def examine_all(**given: Any) -> tuple[ProbeResult, ...]:
        who = given.get("vendor", vendor)
        template = given.get("template", generate(vendor, "yaml").encode())
        state = given.get("bucket", bucket("*"))
        results = examine(
            who,
            Edge(given.get("caller", caller())),
            Edge(template),
            given.get("open_store", store.open),
            lambda region: Edge(state),
        )
        assert [item.code for item in results] == list(OK)
        for item in results:
            assert item.summary
            assert item.fix or item.status is Status.PASS
        return results

    look.results = examine_all  # type: ignore[attr-defined]
    return look


def test_all_is_well(statuses: Any, store: Any) -> None:
    assert statuses() == {}
    assert store.opened == store.closed == 1


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (caller("999999999999"), "FAIL"),
        (BadCredentials("none", hint="set AWS_PROFILE"), "UNKNOWN"),
        (Unreachable("no answer"), "UNKNOWN"),
    ],
    ids=["other-account", "no-credentials", "unreachable"],
)
def test_identity(answer: Any, status: str, statuses: Any) -> None:
    assert statuses(caller=answer) == {"D102": status}


def test_identity_is_what_the_vendor_file_should_say(statuses: Any, vendor: Vendor) -> None:
    assert statuses(vendor=replace(vendor, account=replace(vendor.account, account_id=None))) == {"D102": "WARN"}


@pytest.mark.parametrize(
    "narrow", [{"role_arn": "arn:aws:iam::111122223333:role/saas"}, {"principal": "role/saas"}], ids=["role", "pattern"]
)
def test_a_narrow_principal_needs_no_warning(narrow: dict[str, str], statuses: Any, vendor: Vendor) -> None:
    narrowed = replace(vendor, account=replace(vendor.account, **narrow))
    template = generate(narrowed, "yaml").encode()
    assert statuses(vendor=narrowed, template=template) == {"D103": "PASS"}


@pytest.mark.parametrize(
    ("template", "status"),
    [
        (AccessDenied("private"), "FAIL"),
        (NotFound("not there"), "FAIL"),
        (Unreachable("no answer"), "UNKNOWN"),
        (Throttled("slow down"), "UNKNOWN"),
        (b"", "FAIL"),
        (b"Resources: {}\n", "FAIL"),
        (b"- a\n- list\n", "FAIL"),
        (b"\xff\xfe", "FAIL"),
        (b"{not json", "FAIL"),
        (b"AWSTemplateFormatVersion: 2010-09-09\n", "FAIL"),
        (b"Metadata: text\n", "FAIL"),
        (b"A: !Ref B\n", "FAIL"),
        (b"1: a\nb: c\n", "FAIL"),
        (b"[" * 100_000, "FAIL"),
        (b'{"a":' * 100_000, "FAIL"),
        (BOMB.encode(), "FAIL"),
    ],
    ids=[
        *("private", "not-there", "unreachable", "throttled", "empty", "old", "list", "binary", "half-json", "date"),
        *("odd-metadata", "tag", "odd-keys", "deep-yaml", "deep-json", "bomb"),
    ],
)
def test_published_template(template: Any, status: str, statuses: Any) -> None:
    assert statuses(template=template) == {"D201": status}


@pytest.mark.parametrize("format_name", ["yaml", "json"])
def test_published_in_either_format(format_name: str, statuses: Any, vendor: Vendor) -> None:
    assert statuses(template=generate(vendor, format_name).encode()) == {}


def test_published_with_one_character_changed(statuses: Any, vendor: Vendor) -> None:
    changed = json.loads(generate(vendor, "json"))
    changed["Parameters"]["ExternalId"].pop("AllowedPattern", None)
    changed["Parameters"]["ExternalId"]["Default"] = "guessable"
    assert statuses(template=json.dumps(changed).encode()) == {"D201": "FAIL"}


@pytest.mark.parametrize(
    ("url", "status"), [(None, "WARN"), ("https://cdn.example/t.yaml", "FAIL")], ids=["nowhere yet", "not S3"]
)
def test_template_url(url: str | None, status: str, statuses: Any, vendor: Vendor) -> None:
    found = statuses(vendor=replace(vendor, template_url=url))
    assert found == {"D201": status, "D202": "SKIP"}


# The published template by name, and its bucket -----------------------------------------------------------------------


@pytest.fixture
def published(vendor: Vendor) -> Vendor:
    """The vendor, whose template_url is one of `publish`'s."""
    name = name_of(vendor.name, vendor.stack.version, generate(vendor, "yaml").encode())
    return replace(vendor, template_url=url_of("templates", "us-east-1", name.key, "v1"))


def d201(results: tuple[ProbeResult, ...]) -> ProbeResult:
    return next(item for item in results if item.code == "D201")


def test_says_which_version_is_published_and_under_which_key(statuses: Any, published: Vendor) -> None:
    found = d201(statuses.results(vendor=published, bucket=bucket("templates/*")))
    assert found.status is Status.PASS
    assert "version 1.0.0 ('templates/mailmark/1.0.0-" in found.summary
    assert found.evidence["version_id"] == "v1"


def test_says_both_versions_where_they_differ(statuses: Any, published: Vendor) -> None:
    newer = replace(published, stack=replace(published.stack, version="1.1.0"), title="Changed")
    old = generate(published, "yaml").encode()
    found = d201(statuses.results(vendor=newer, template=old, bucket=bucket("templates/*")))
    assert found.status is Status.FAIL
    assert "version 1.0.0 (" in found.summary
    assert "version 1.1.0" in found.summary.partition("we generate")[2]
    assert "byoaws publish" in found.fix


def test_attack_published_under_a_key_that_says_otherwise(statuses: Any, published: Vendor) -> None:
    """Even the same template in other bytes is not what was published."""
    for body in (b"Resources: {}", generate(published, "json").encode()):
        found = d201(statuses.results(vendor=published, template=body, bucket=bucket("templates/*")))
        assert found.status is Status.FAIL
        assert "not what its key says" in found.summary


def test_the_version_of_another_key_is_read_in_the_template(statuses: Any) -> None:
    assert "version 1.0.0 ('mailmark.yaml')" in d201(statuses.results()).summary


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (bucket("templates/*"), "PASS"),
        (bucket("*"), "FAIL"),
        (bucket("templates/*", "private/key"), "FAIL"),
        (bucket("templates/*", acls_off=False), "FAIL"),
        (bucket("templates/*", policy="{}"), "FAIL"),
        (bucket("templates/*", policy=None), "WARN"),
        (bucket("templates/*", versioned=False), "WARN"),
        (bucket("templates/*", blocks_policy=True), "WARN"),
        (None, "FAIL"),
        (AccessDenied("not for you"), "UNKNOWN"),
        (Unreachable("no answer"), "UNKNOWN"),
        (UsageError("another account's"), "UNKNOWN"),
    ],
    ids=[
        *("sound", "all-of-it", "one-key-more", "acls", "odd-policy", "no-policy", "no-versions", "blocked", "gone"),
        *("denied", "unreachable", "another-account"),
    ],
)
def test_the_bucket_shows_the_templates_and_nothing_else(
    state: Any, status: str, statuses: Any, published: Vendor
) -> None:
    expected = {} if status == "PASS" else {"D202": status}
    assert statuses(vendor=published, bucket=state) == expected


@pytest.mark.parametrize("key", ["mailmark.yaml", "stacks/mailmark.yaml"])
def test_a_bucket_of_another_layout_may_show_the_folder(key: str, statuses: Any, vendor: Vendor) -> None:
    elsewhere = replace(vendor, template_url=f"https://templates.s3.us-east-1.amazonaws.com/{key}")
    assert statuses(vendor=elsewhere, bucket=bucket(key.replace("mailmark.yaml", "*"))) == {}
    listing = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    assert statuses(vendor=elsewhere, bucket=bucket(policy=json.dumps({"Statement": listing}))) == {"D202": "FAIL"}


def test_a_vendor_file_whose_parts_do_not_fit(statuses: Any, vendor: Vendor) -> None:
    broken = replace(vendor, stack=replace(vendor.stack, blocks=()))
    assert statuses(vendor=broken) == {"D101": "FAIL", "D201": "FAIL"}


def test_store(statuses: Any) -> None:
    def closed() -> Any:
        raise StoreError("cannot open store", hint="look")

    assert statuses(open_store=closed) == {"D301": "FAIL"}


def test_a_store_that_is_still_to_be_made(statuses: Any) -> None:
    def missing() -> Any:
        raise StoreMissing("there is no store at 'x'", hint="look")

    assert statuses(open_store=missing) == {"D301": "WARN"}
