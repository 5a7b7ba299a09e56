"""Ingress points of Mail Manager: what the schema permits, and AWS refuses or nobody wants.

Sources: botocore's service model `mailmanager` (what the fields are for), and the published CloudFormation handler of
`AWS::SES::MailManagerIngressPoint`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from byoaws.lint.worlds.expressions import is_no_echo, is_single
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.walk import Mistake, Spot, mistakes_in
from byoaws.regions import is_in_us_or_canada

INGRESS_POINT = "AWS::SES::MailManagerIngressPoint"
PASSWORDS, CERTIFICATES = ("SecretArn", "SmtpPassword"), ("TlsAuthConfiguration",)
# Type of ingress point to what its configuration may be.
_CONFIGURATIONS: Mapping[str, tuple[str, ...]] = {"OPEN": (), "AUTH": PASSWORDS, "MTLS": CERTIFICATES}
_TO_ADD = {
    "AUTH": "add 'IngressPointConfiguration: {SecretArn: ...}', the ARN of a secret that holds the password",
    "MTLS": "add 'IngressPointConfiguration: {TlsAuthConfiguration: {TrustStore: {CAContent: ...}}}'",
}


def fips(template: Mapping[str, Any], regions: Sequence[str]) -> list[Mistake]:
    """Find the ingress points with the TLS policy FIPS.

    Args:
        template: A CloudFormation template.
        regions: Where it is to be deployed; a region without FIPS makes it an error.
    """
    without = [region for region in regions if not is_in_us_or_canada(region)]

    def look(name: str, properties: Spot) -> Iterator[Mistake]:
        spot = properties.at("TlsPolicy")
        if not _is_written(spot, "FIPS"):
            return
        # A condition may be there to choose by region.
        if without and "Fn::If" not in spot.path:
            refused = f"ingress point '{name}' has the TLS policy FIPS, which region '{without[0]}' does not have"
            yield Mistake(path=spot.path, message=refused, fix="write REQUIRED", severity="error")
            return
        yield Mistake(
            path=spot.path,
            message=(
                f"ingress point '{name}' has the TLS policy FIPS, which is in US and Canada regions only, and which no "
                "update can change later"
            ),
        )

    return mistakes_in(template, [INGRESS_POINT], look)


def without_tls_policy(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the ingress points that leave the TLS policy to AWS."""

    def look(name: str, properties: Spot) -> Iterator[Mistake]:
        spot = properties.at("TlsPolicy")
        if spot.is_absent and properties.is_object:
            path = spot.path if "TlsPolicy" in properties.written else properties.path
            message = (
                f"ingress point '{name}' has no 'TlsPolicy': AWS takes FIPS in the US and Canada, REQUIRED elsewhere"
            )
            yield Mistake(path=path, message=message)

    return mistakes_in(template, [INGRESS_POINT], look)


def passwords_in_clear(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the public ingress points that ask who is there, and do not insist on TLS."""

    def look(name: str, properties: Spot) -> Iterator[Mistake]:
        spot, kind = properties.at("TlsPolicy"), properties.at("Type").text()
        if kind in _TO_ADD and _is_written(spot, "OPTIONAL") and not is_private(properties):
            risk = "passwords may cross the internet in plain text" if kind == "AUTH" else "clients may stay unknown"
            message = f"ingress point '{name}' is of type {kind} and has the TLS policy OPTIONAL: {risk}"
            yield Mistake(path=spot.path, message=message)

    return list({one.path: one for one in mistakes_in(template, [INGRESS_POINT], look)}.values())


def is_private(properties: Spot) -> bool:
    """True if an ingress point is reached from inside a VPC only."""
    return "PrivateNetworkConfiguration" in properties.at("NetworkConfiguration").entries()


def wrong_configurations(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the ingress points whose configuration is missing, is for another type, or shows a password."""

    def look(name: str, properties: Spot) -> Iterator[Mistake]:
        spot, kind = properties.at("IngressPointConfiguration"), properties.at("Type").text() or ""
        assumed = properties.world.assumptions
        where = f", where {' and '.join(assumed)}" if assumed else ""
        if kind not in _CONFIGURATIONS:
            yield from _plain_password(spot)
        elif spot.is_absent and kind in _TO_ADD:
            path = spot.path if "IngressPointConfiguration" in properties.written else properties.path
            message = f"ingress point '{name}' is of type {kind} and has no 'IngressPointConfiguration'{where}"
            yield Mistake(path=path, message=message, fix=_TO_ADD[kind])
        else:
            wrong = [key for key in spot.entries() if key not in _CONFIGURATIONS[kind]]
            yield from _wrong_kind(spot, wrong, name, kind, where)
            if not wrong:
                yield from _plain_password(spot)

    return list({one.path: one for one in reversed(mistakes_in(template, [INGRESS_POINT], look))}.values())[::-1]


def _wrong_kind(spot: Spot, wrong: Sequence[str], name: str, kind: str, where: str) -> Iterator[Mistake]:
    known = (*PASSWORDS, *CERTIFICATES)
    for key in wrong:
        if key not in known:
            # The rule about shapes tells.
            continue
        if kind == "OPEN":
            why = f"ingress point '{name}' is of type OPEN, which asks nobody for anything: '{key}' is in vain{where}"
            meant = "AUTH" if key in PASSWORDS else "MTLS"
            yield Mistake(path=spot.at(key).path, message=why, fix=f"write 'Type: {meant}', or take '{key}' out")
        else:
            why = f"ingress point '{name}' is of type {kind}, which does not take '{key}'{where}"
            yield Mistake(path=spot.at(key).path, message=why, fix=_TO_ADD[kind].replace("add", "write"))


def _plain_password(spot: Spot) -> Iterator[Mistake]:
    password = spot.at("SmtpPassword")
    written = password.written
    if not spot.is_object or password.is_absent:
        return
    parameters = password.world.section("Parameters")
    shown = [one for one in mentions(written) if one in parameters and not is_no_echo(parameters[one])]
    if isinstance(written, str) and "{{resolve:" not in written:
        yield Mistake(path=password.path, message="'SmtpPassword' is a password in plain text")
    elif shown:
        why = f"'SmtpPassword' is parameter '{shown[0]}', which is not NoEcho: who may describe the stack sees it"
        yield Mistake(path=password.path, message=why)


def status_on_create(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the ingress points that can be updated and not created."""

    def look(name: str, properties: Spot) -> Iterator[Mistake]:
        spot = properties.at("StatusToUpdate")
        # A condition may be there to leave it out at first.
        if not spot.is_absent and properties.is_object and "Fn::If" not in spot.path:
            message = f"ingress point '{name}' has 'StatusToUpdate', with which AWS refuses to create it"
            yield Mistake(path=spot.path, message=message)

    return mistakes_in(template, [INGRESS_POINT], look)


def _is_written(spot: Spot, value: str) -> bool:
    """True if the template itself says so, by a literal or by a parameter's default."""
    if spot.written == value:
        return True
    name = spot.written.get("Ref") if is_single(spot.written) else None
    declared = spot.world.section("Parameters").get(name) if isinstance(name, str) else None
    return isinstance(declared, Mapping) and declared.get("Default") == value
