"""The parts of a pipeline that are not rules or policies: ingress points, relays, archives, address lists, add-ons.

Each is written in a vendor file as AWS has it, with less nesting.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, cast

from byoaws.errors import UsageError
from byoaws.mail_manager.placed import Placed
from byoaws.mail_manager.reading import Reading
from byoaws.mail_manager.resources import ADDRESS_LIST, ARCHIVE, INGRESS_POINT, RELAY
from byoaws.mail_manager.shapes import Fields, OneOf, Text
from byoaws.mail_manager.terms import NAME_OR_ARN
from byoaws.pipeline import FromParameter, Kind
from byoaws.vendors.document import Path

ReadFile: TypeAlias = Callable[[str], str]
"""Given a path below the vendor file's folder, the text of the file; raises UsageError."""

_CONFIGURATION = cast(OneOf, INGRESS_POINT.fields["IngressPointConfiguration"]).choices
_NETWORK = cast(OneOf, INGRESS_POINT.fields["NetworkConfiguration"]).choices
_TRUST_STORE = cast(Fields, cast(Fields, _CONFIGURATION["TlsAuthConfiguration"]).fields["TrustStore"])
_INGRESS_POINT = Fields(
    name="IngressPoint",
    fields={
        **{name: INGRESS_POINT.fields[name] for name in ("Type", "TlsPolicy", "TrafficPolicyId", "RuleSetId")},
        "IpType": cast(Fields, _NETWORK["PublicNetworkConfiguration"]).fields["IpType"],
        "VpcEndpointId": cast(Fields, _NETWORK["PrivateNetworkConfiguration"]).fields["VpcEndpointId"],
        "SecretArn": _CONFIGURATION["SecretArn"],
        "TrustStore": _TRUST_STORE,
    },
    # AWS's default for the TLS policy differs by region, so it is always said.
    required=frozenset({"Type", "TlsPolicy", "TrafficPolicyId", "RuleSetId"}),
)
_SAME_FOR_ALL = ("Type", "TlsPolicy", "IpType")
"""What the rest of the stack, and where it can be made, depend on."""
_NEEDS = {"AUTH": "SecretArn", "MTLS": "TrustStore"}
"""Type of an ingress point to what it cannot do without."""
_KEYS = {"SecretArn": "secret_arn", "TrustStore": "trust_store"}

_RELAY = replace(RELAY, fields={name: shape for name, shape in RELAY.fields.items() if name != "RelayName"})
_ARCHIVE = Fields(
    name="Archive",
    fields={
        "Retention": cast(OneOf, ARCHIVE.fields["Retention"]).choices["RetentionPeriod"],
        "KmsKeyArn": ARCHIVE.fields["KmsKeyArn"],
    },
    # It is what an archive costs, and how long others' mail is kept: said, not left to AWS.
    required=frozenset({"Retention"}),
)
_ADDRESS_LIST = Fields(name="AddressList", fields={})
ADDON = OneOf(
    name="AddonInstance",
    choices={
        "AddonName": Text(pattern=r"[A-Z0-9_]+", shortest=1, longest=128),
        "AddonInstanceArn": replace(NAME_OR_ARN, shortest=20),
    },
)
"""An add-on that the stack subscribes to, or one that the customer has already."""

CERTIFICATES = cast(Text, _TRUST_STORE.fields["CAContent"])
_FILE = re.compile(r"(?:\./)?(?:[A-Za-z0-9_][\w.-]*/)*[A-Za-z0-9_][\w.-]*", re.ASCII)
_LABELS = {"ca_content": "-----BEGIN CERTIFICATE-----", "crl_content": "-----BEGIN X509 CRL-----"}


def certificates(reading: Reading, read_file: ReadFile, value: Any, path: Path) -> Placed:
    """Read certificates or revocations: `{file: PATH}`, which goes into the template, or `{parameter: NAME}`."""
    if isinstance(value, Mapping) and "parameter" in value:
        return reading.from_parameter(value, CERTIFICATES, path)
    if not isinstance(value, Mapping) or not isinstance(value.get("file"), str):
        return reading.expected("{file: ./NAME.pem} or {parameter: NAME}", value, path)
    reading.unknown_keys(value, ["file"], path)
    where, name = (*path, "file"), value["file"]
    if not _FILE.fullmatch(name):
        return reading.refuse(where, "is not a file beside the vendor file, such as ./ca.pem")
    try:
        text = read_file(name)
    except UsageError as error:
        return reading.refuse(where, error.message)
    if "PRIVATE KEY" in text:
        return reading.refuse(where, "holds a private key, and everybody who sees the template would have it")
    if _LABELS[str(path[-1])] not in text:
        return reading.refuse(where, f"holds no {_LABELS[str(path[-1])]}")
    return Placed(text, path)


def _ingress_point(reading: Reading, value: Any, path: Path) -> Placed:
    read = reading.fields(value, _INGRESS_POINT, path)
    if read.broken:
        return read
    given: dict[str, Placed] = read.value
    for name in _SAME_FOR_ALL:
        if name in given and isinstance(given[name].value, FromParameter):
            reading.refuse(given[name].path, "is the same for all customers; write it out")
    _check_type(reading, given, path)
    found = {name: given[name] for name in ("Type", "TlsPolicy", "TrafficPolicyId", "RuleSetId")}
    found["NetworkConfiguration"] = _network(reading, given, path)
    if "SecretArn" in given:
        found["IngressPointConfiguration"] = Placed({"SecretArn": given["SecretArn"]}, path)
    elif "TrustStore" in given:
        store = Placed({"TrustStore": given["TrustStore"]}, path)
        found["IngressPointConfiguration"] = Placed({"TlsAuthConfiguration": store}, path)
    return Placed(found, path)


def _check_type(reading: Reading, given: Mapping[str, Placed], path: Path) -> None:
    kind, tls = given["Type"].value, given["TlsPolicy"].value
    if not isinstance(kind, str):
        return
    needed = _NEEDS.get(kind)
    if needed and needed not in given:
        reading.refuse((*path, _KEYS[needed]), f"is missing; type {kind.lower()} needs it")
    for name in _NEEDS.values():
        if name in given and name != needed:
            reading.refuse(given[name].path, f"does nothing with type {kind.lower()}; take it out")
    if needed and tls == "OPTIONAL":
        what = "passwords would travel in the clear" if kind == "AUTH" else "a certificate is shown over TLS only"
        reading.refuse(given["TlsPolicy"].path, f"'optional' does not go with type {kind.lower()}: {what}")


def _network(reading: Reading, given: Mapping[str, Placed], path: Path) -> Placed:
    if "VpcEndpointId" not in given:
        public = {"IpType": given.get("IpType", Placed("IPV4", path))}
        return Placed({"PublicNetworkConfiguration": Placed(public, path)}, path)
    if "IpType" in given:
        reading.refuse(given["IpType"].path, "stands beside 'vpc_endpoint_id'; a private network has no addresses")
    private = {"VpcEndpointId": given["VpcEndpointId"]}
    return Placed({"PrivateNetworkConfiguration": Placed(private, path)}, path)


def _archive(reading: Reading, value: Any, path: Path) -> Placed:
    read = reading.fields(value, _ARCHIVE, path)
    if read.broken:
        return read
    period = Placed({"RetentionPeriod": read.value["Retention"]}, path)
    return Placed({**read.value, "Retention": period}, path)


def _relay(reading: Reading, value: Any, path: Path) -> Placed:
    return reading.fields(value, _RELAY, path)


def _address_list(reading: Reading, value: Any, path: Path) -> Placed:
    return reading.fields(value, _ADDRESS_LIST, path)


def _addon(reading: Reading, value: Any, path: Path) -> Placed:
    # A word alone would be a key without its value.
    return reading.one_of([] if isinstance(value, str) else value, ADDON, path)


Reader: TypeAlias = Callable[[Reading, Any, Path], Placed]
PARTS: Mapping[Kind, tuple[Reader, Fields | OneOf]] = {
    Kind.INGRESS_POINT: (_ingress_point, INGRESS_POINT),
    Kind.RELAY: (_relay, RELAY),
    Kind.ARCHIVE: (_archive, ARCHIVE),
    Kind.ADDRESS_LIST: (_address_list, ADDRESS_LIST),
    Kind.ADDON: (_addon, ADDON),
}
"""How each kind is read, and the shape of what that comes to."""
