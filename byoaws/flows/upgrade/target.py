"""The template that a stack is to be upgraded to, and the URL that CloudFormation reads it from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.errors import UsageError
from byoaws.flows.links.template import ReadTemplates, template_at
from byoaws.lifecycle.age import newest_version
from byoaws.lifecycle.stack import is_template
from byoaws.quickcreate.published import index_key, name_of, parse_index, url_of
from byoaws.quickcreate.template_url import TemplateUrl, parse_template_url
from byoaws.regions import partition_of
from byoaws.templates.stack import build
from byoaws.templates.text import read_template, to_yaml
from byoaws.vendor_model import Vendor
from byoaws.vendors.words import plain

PLACEHOLDER = "<NEW_TEMPLATE_URL>"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTemplate:
    """What a stack is upgraded to."""

    template: Mapping[str, Any]
    version: str
    url: str
    """PLACEHOLDER where it is not published."""
    note: str = ""


def target_template(vendor: Vendor, version: str | None, source: ReadTemplates) -> TargetTemplate:
    """Return the template of that version, by default the newest one that is published.

    Raises:
        UsageError: no such version was published, or the vendor publishes none.
        LinkError: what is published is not what its key says.
        AwsError: it cannot be read.
    """
    generated = build(vendor)
    if version is None or version == newest_version(vendor):
        return _newest(vendor, generated, source)
    if vendor.template_url is None:
        raise UsageError(
            f"version '{plain(version)}' is not the present one, and vendor '{vendor.name}' publishes no templates",
            hint=f"the present one is {vendor.stack.version}; byoaws publish keeps every version",
        )
    return _published(vendor, parse_template_url(vendor.template_url), version, source)


def _newest(vendor: Vendor, generated: Mapping[str, Any], source: ReadTemplates) -> TargetTemplate:
    if vendor.template_url is None:
        return TargetTemplate(
            template=generated,
            version=vendor.stack.version,
            url=PLACEHOLDER,
            note="the new template is published nowhere yet: byoaws publish, then put its URL in place of "
            + PLACEHOLDER,
        )
    found = template_at(vendor.template_url, vendor, generated, source)
    version = found.published_as.version if found.published_as else vendor.stack.version
    older = f"template_url is that of {version}; we would generate {found.ours} now" if found.published_as else ""
    return TargetTemplate(template=found.template, version=version, url=vendor.template_url, note=older)


def _published(vendor: Vendor, place: TemplateUrl, version: str, source: ReadTemplates) -> TargetTemplate:
    region = place.region or "us-east-1"
    read = source().read
    index = parse_index(read(_index_url(place, region, vendor)), vendor.name)
    entry = index.find(version)
    if entry is None:
        known = ", ".join(item.version for item in index.templates[-10:])
        raise UsageError(f"version '{plain(version)}' was never published", hint=f"published: {known or 'none'}")
    url = url_of(place.bucket, region, entry.key, entry.version_id)
    body = read(url)
    template = read_template(body)
    if name_of(vendor.name, version, body).key != entry.key or template is None or not is_template(template):
        raise UsageError(f"what lies at {plain(url, 300)} is not what was published as {version}")
    return TargetTemplate(template=template, version=version, url=url)


def _index_url(place: TemplateUrl, region: str, vendor: Vendor) -> str:
    host, key = f"s3.{region}.{partition_of(region).dns_suffix}", index_key(vendor.name)
    dotted = "." in place.bucket
    return f"https://{host}/{place.bucket}/{key}" if dotted else f"https://{place.bucket}.{host}/{key}"


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True if two templates are the same text."""
    return to_yaml(one) == to_yaml(other)
