"""Published templates: what their keys and URLs say, and the index of all that a vendor ever published.

A key holds version and content (`templates/VENDOR/VERSION-SHA12/template.yaml`), so nothing is ever overwritten. The
index is what stacks are updated from months later: it is read strictly, and only ever grows. Pure: texts and values.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import quote

from byoaws.errors import LinkError, UsageError
from byoaws.model import Json
from byoaws.quickcreate.template_url import TemplateUrl, parse_template_url
from byoaws.regions import partition_of

PREFIX = "templates/"
"""What anyone may read of the bucket."""
SHORT = 12
"""Hexadecimal digits of the SHA-256 in a key."""

_FORMAT = 1
_DOCUMENT = {"byoaws_index", "vendor", "templates"}
_KEY = re.compile(
    rf"{PREFIX}(?P<vendor>[a-z0-9-]+)/(?P<version>\d+\.\d+\.\d+)-(?P<short>[0-9a-f]{{{SHORT}}})/template\.yaml",
    re.ASCII,
)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Whose template a key holds, which version, and the beginning of its SHA-256."""

    vendor: str
    version: str
    short: str

    @property
    def key(self) -> str:
        """Where it lies in the bucket."""
        return f"{PREFIX}{self.vendor}/{self.version}-{self.short}/template.yaml"

    def holds(self, body: bytes) -> bool:
        """True if these are the bytes that the key speaks of."""
        return sha256(body).startswith(self.short)


def sha256(body: bytes) -> str:
    """Return the SHA-256 of the exact bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def name_of(vendor: str, version: str, body: bytes) -> Name:
    """Return the name under which a template is published."""
    return Name(vendor=vendor, version=version, short=sha256(body)[:SHORT])


def parse_key(key: str) -> Name | None:
    """Return what a key says; None for a key that is not of `byoaws publish`."""
    found = _KEY.fullmatch(key)
    return Name(vendor=found["vendor"], version=found["version"], short=found["short"]) if found else None


def url_of(bucket: str, region: str, key: str, version_id: str) -> str:
    """Return the URL of one version of an object: whatever is put there later, the customer gets these bytes.

    Raises:
        LinkError: not the name of a bucket, or over AWS's limits.
    """
    host = f"s3.{region}.{partition_of(region).dns_suffix}"
    path, version = quote(key), quote(version_id, safe="")
    # A dot in the bucket's name breaks TLS in the second form.
    place = f"{host}/{bucket}/{path}" if "." in bucket else f"{bucket}.{host}/{path}"
    return parse_template_url(f"https://{place}?versionId={version}").url


def published_at_url(url: str) -> tuple[TemplateUrl, Name] | None:
    """Take the URL of a published template apart; None for any other URL, also one that is no template's."""
    try:
        place = parse_template_url(url)
    except LinkError:
        return None
    name = parse_key(place.key)
    return (place, name) if name else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published template. The field names are the keys of the index."""

    version: str
    key: str
    sha256: str
    """Of the exact bytes, in hexadecimal."""
    version_id: str
    """S3's id of that version of the object."""
    published_at: str
    """UTC, ISO 8601."""
    parameters: tuple[str, ...]
    """Names of the template's parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """All that was ever published for a vendor, oldest first."""

    vendor: str
    templates: tuple[Entry, ...] = ()

    @property
    def key(self) -> str:
        """Where it lies in the bucket."""
        return index_key(self.vendor)

    def find(self, version: str) -> Entry | None:
        """Return what was published as that version, if anything was."""
        return next((entry for entry in self.templates if entry.version == version), None)

    def with_entry(self, entry: Entry) -> Self:
        """Return the index with one entry more."""
        return type(self)(vendor=self.vendor, templates=(*self.templates, entry))

    def to_json(self) -> str:
        """Return the index as it is stored."""
        templates: list[Json] = [{**asdict(entry), "parameters": list(entry.parameters)} for entry in self.templates]
        document: dict[str, Json] = {"byoaws_index": _FORMAT, "vendor": self.vendor, "templates": templates}
        return json.dumps(document, indent=1) + "\n"


def index_key(vendor: str) -> str:
    """Return where a vendor's index lies in the bucket."""
    return f"{PREFIX}{vendor}/index.json"


def parse_index(body: bytes, vendor: str) -> Index:
    """Read a stored index.

    Raises:
        UsageError: it is not one that byoaws wrote for this vendor, or somebody changed it; nothing of it is believed.
    """
    try:
        document = json.loads(body.decode("utf-8"))
        _require(isinstance(document, dict) and "byoaws_index" in document, "it is no index of byoaws")
        _require(document["byoaws_index"] == _FORMAT, "it is of another format, written by another version of byoaws")
        _require(set(document) == _DOCUMENT, "its keys are not those that byoaws writes")
        _require(document["vendor"] == vendor, "it is another vendor's")
        _require(isinstance(document["templates"], list), "its templates are no list")
        entries = tuple(_entry(item, vendor) for item in document["templates"])
        _require_once("version", (entry.version for entry in entries))
    except (ValueError, RecursionError) as error:
        # A decoder's message would quote the file.
        why = str(error) if isinstance(error, _Broken) else "it is no JSON text"
        raise UsageError(
            f"the index '{index_key(vendor)}' cannot be used: {why}",
            hint="byoaws never replaces it; look at its versions (aws s3api list-object-versions) and restore the last "
            "sound one, or publish in another bucket",
        ) from None
    return Index(vendor=vendor, templates=entries)


class _Broken(ValueError):
    """Why an index cannot be used."""


def _require(sound: bool, otherwise: str) -> None:
    if not sound:
        raise _Broken(otherwise)


def _require_once(what: str, values: Iterable[str]) -> None:
    listed = list(values)
    _require(len(set(listed)) == len(listed), f"it holds a {what} twice")


def _entry(item: Any, vendor: str) -> Entry:
    fields = tuple(Entry.__slots__)
    _require(isinstance(item, Mapping) and set(item) == set(fields), "an entry's keys are not those that byoaws writes")
    texts = {name: item[name] for name in fields if name != "parameters"}
    _require(all(isinstance(text, str) and text for text in texts.values()), "an entry lacks a value")
    names = item["parameters"]
    _require(isinstance(names, list) and all(isinstance(name, str) for name in names), "an entry's parameters are odd")
    _require(_SHA256.fullmatch(texts["sha256"]) is not None, "an entry's sha256 is none")
    key = Name(vendor=vendor, version=texts["version"], short=texts["sha256"][:SHORT]).key
    # An entry that names another key would one day update customers' stacks from it.
    _require(texts["key"] == key and parse_key(key) is not None, "an entry's key is not that of its version and sha256")
    return Entry(**texts, parameters=tuple(names))
