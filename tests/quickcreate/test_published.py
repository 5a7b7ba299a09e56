"""Keys, URLs and the index of what was published: what is not exactly ours is not believed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import LinkError, UsageError
from byoaws.quickcreate.published import (
    Entry,
    Index,
    Name,
    index_key,
    name_of,
    parse_index,
    parse_key,
    published_at_url,
    sha256,
    url_of,
)
from byoaws.quickcreate.template_url import parse_template_url

BODY = b"Resources: {}\n"
NAME = name_of("acme", "1.0.0", BODY)
ENTRY = Entry(
    version="1.0.0",
    key=NAME.key,
    sha256=sha256(BODY),
    version_id="v1",
    published_at="2026-11-21T04:05:06+00:00",
    parameters=("ExternalId",),
)
INDEX = Index(vendor="acme", templates=(ENTRY,))

VENDORS = st.from_regex(r"[a-z][a-z0-9-]{1,30}", fullmatch=True)
VERSIONS = st.from_regex(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}", fullmatch=True)


@given(vendor=VENDORS, version=VERSIONS, body=st.binary(max_size=40))
def test_a_key_says_what_it_holds(vendor: str, version: str, body: bytes) -> None:
    name = name_of(vendor, version, body)
    assert parse_key(name.key) == name
    assert name.holds(body)
    assert not name.holds(body + b"\n")


def test_the_key_holds_version_and_hash() -> None:
    assert NAME.key == f"templates/acme/1.0.0-{sha256(BODY)[:12]}/template.yaml"
    assert index_key("acme") == "templates/acme/index.json"


@pytest.mark.parametrize(
    "key",
    [
        "templates/acme.yaml",
        "templates/acme/1.0.0/template.yaml",
        "templates/acme/1.0.0-0123456789AB/template.yaml",
        "templates/acme/1.0.0-0123456789a/template.yaml",
        "templates/acme/1.0.0-0123456789abc/template.yaml",
        "templates/acme/1.0-0123456789ab/template.yaml",
        "templates/acme/1.0.0-0123456789ab/template.json",
        "templates/acme/1.0.0-0123456789ab/template.yaml\n",
        "x/templates/acme/1.0.0-0123456789ab/template.yaml",
        "templates/acme/../x/1.0.0-0123456789ab/template.yaml",
        "templates/ACME/1.0.0-0123456789ab/template.yaml",
        "templates/acme/१.0.0-0123456789ab/template.yaml",
        "",
    ],
)
def test_other_keys_say_nothing(key: str) -> None:
    assert parse_key(key) is None


@pytest.mark.parametrize(
    ("bucket", "region", "beginning"),
    [
        ("acme-templates", "eu-west-1", "https://acme-templates.s3.eu-west-1.amazonaws.com/templates/"),
        ("acme.templates", "us-east-1", "https://s3.us-east-1.amazonaws.com/acme.templates/templates/"),
        ("acme-templates", "eusc-de-east-1", "https://acme-templates.s3.eusc-de-east-1.amazonaws.eu/templates/"),
        ("acme-templates", "us-gov-west-1", "https://acme-templates.s3.us-gov-west-1.amazonaws.com/templates/"),
    ],
)
def test_a_url_pins_the_version(bucket: str, region: str, beginning: str) -> None:
    url = url_of(bucket, region, NAME.key, "a/b+c")
    place = parse_template_url(url)
    assert url.startswith(beginning)
    assert (place.bucket, place.key, place.region, place.version_id) == (bucket, NAME.key, region, "a/b+c")
    assert published_at_url(url) == (place, NAME)


@pytest.mark.parametrize("bucket", ["a", "acme/evil", "acme_templates", "acme templates", ""])
def test_what_is_no_bucket_has_no_url(bucket: str) -> None:
    with pytest.raises(LinkError):
        url_of(bucket, "eu-west-1", NAME.key, "v1")


@pytest.mark.parametrize(
    "url",
    [
        f"https://cdn.example/{NAME.key}",
        f"http://acme.s3.eu-west-1.amazonaws.com/{NAME.key}",
        "https://acme.s3.eu-west-1.amazonaws.com/templates/acme.yaml",
        "nonsense",
        "",
    ],
)
def test_other_urls_are_not_of_publish(url: str) -> None:
    assert published_at_url(url) is None


def test_a_key_behind_percent_signs_is_the_same_key() -> None:
    url = f"https://acme-templates.s3.eu-west-1.amazonaws.com/{NAME.key.replace('-', '%2D')}"
    found = published_at_url(url)
    assert found is not None
    assert found[1] == NAME


# The index -----------------------------------------------------------------------------------------------------------


@given(versions=st.lists(VERSIONS, max_size=5, unique=True), parameters=st.lists(st.text(max_size=5), max_size=3))
def test_an_index_is_read_as_it_was_written(versions: list[str], parameters: list[str]) -> None:
    index = Index(vendor="acme")
    for version in versions:
        name = name_of("acme", version, version.encode())
        index = index.with_entry(
            Entry(
                version=version,
                key=name.key,
                sha256=sha256(version.encode()),
                version_id="null",
                published_at="2026-11-21T04:05:06+00:00",
                parameters=tuple(parameters),
            )
        )
    assert parse_index(index.to_json().encode(), "acme") == index
    assert [index.find(version) for version in versions] == list(index.templates)
    assert index.find("none") is None


def test_the_shape_of_the_index_is_documented_and_stable() -> None:
    assert json.loads(INDEX.to_json()) == {
        "byoaws_index": 1,
        "vendor": "acme",
        "templates": [
            {
                "version": "1.0.0",
                "key": NAME.key,
                "sha256": sha256(BODY),
                "version_id": "v1",
                "published_at": "2026-11-21T04:05:06+00:00",
                "parameters": ["ExternalId"],
            }
        ],
    }


def _changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(INDEX.to_json())
    change(document)
    return json.dumps(document).encode()


EVIL = Name(vendor="acme", version="1.0.0", short="0" * 12).key
TAMPERED = {
    "another key": _changed(lambda it: it["templates"][0].update(key=EVIL)),
    "another vendor's key": _changed(lambda it: it["templates"][0].update(key=NAME.key.replace("acme", "evil"))),
    "a key elsewhere": _changed(lambda it: it["templates"][0].update(key="templates/evil.yaml")),
    "another hash": _changed(lambda it: it["templates"][0].update(sha256="0" * 64)),
    "no hash": _changed(lambda it: it["templates"][0].update(sha256=sha256(BODY)[:20])),
    "another version": _changed(lambda it: it["templates"][0].update(version="2.0.0")),
    "a version that is none": _changed(
        lambda it: it["templates"][0].update(
            version="1.0.0/../x", key=f"templates/acme/1.0.0/../x-{NAME.short}/template.yaml"
        )
    ),
    "a version twice": _changed(lambda it: it["templates"].append(it["templates"][0])),
    "no version id": _changed(lambda it: it["templates"][0].update(version_id="")),
    "a version id that is none": _changed(lambda it: it["templates"][0].update(version_id=None)),
    "a missing field": _changed(lambda it: it["templates"][0].pop("published_at")),
    "a further field": _changed(lambda it: it["templates"][0].update(url="https://evil.example")),
    "parameters that are none": _changed(lambda it: it["templates"][0].update(parameters="ExternalId")),
    "numbers for parameters": _changed(lambda it: it["templates"][0].update(parameters=[1])),
    "another vendor": _changed(lambda it: it.update(vendor="evil")),
    "a newer format": _changed(lambda it: it.update(byoaws_index=2)),
    "a further key": _changed(lambda it: it.update(note="x")),
    "no templates": _changed(lambda it: it.pop("templates")),
    "templates that are none": _changed(lambda it: it.update(templates={})),
    "an entry that is none": _changed(lambda it: it.update(templates=["x"])),
    "somebody else's file": b'{"pages": []}',
    "a list": b"[]",
    "cut short": INDEX.to_json().encode()[:-20],
    "no text": b"\xff\xfe",
    "empty": b"",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("body", TAMPERED.values(), ids=TAMPERED)
def test_attack_an_index_that_is_not_as_we_wrote_it_is_not_believed(body: bytes) -> None:
    with pytest.raises(UsageError, match=r"'templates/acme/index\.json' cannot be used") as refused:
        parse_index(body, "acme")
    assert "never replaces it" in refused.value.hint


@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_property_reading_an_index_raises_nothing_else(body: bytes) -> None:
    with pytest.raises(UsageError):
        parse_index(body, "acme")
