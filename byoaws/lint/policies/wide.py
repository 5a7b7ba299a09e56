"""Permissions wide enough to hand over the account, or a service: `Action: "*"`, `NotAction`, `iam:*` on everything."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.iam.patterns import alike
from byoaws.lint.policies.statements import Document, Kind, Path, Said, documents
from byoaws.lint.policies.trust import trust_mistakes
from byoaws.lint.worlds.expand import OPAQUE, variants
from byoaws.lint.worlds.expressions import OWN_ACCOUNT, Undecidable
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.walk import Mistake, Spot, mistakes_in
from byoaws.lint.worlds.walk import properties as properties_of

# With all of their actions on all resources, whoever has them can give themselves everything.
_KEYS_TO_THE_HOUSE = frozenset({"iam", "sts", "organizations"})
# No action of any service: a pattern that matches it matches whatever the service has.
_NO_ACTION = "Zq7NoAction"
_SERVICE = re.compile(r"[a-z0-9-]+")
# Policies of AWS's that say the same. Source: AWS managed policy reference.
_ADMINISTRATORS = re.compile(r"arn:[^:]*:iam::aws:policy/(?P<name>AdministratorAccess|IAMFullAccess|PowerUserAccess)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WidePermission:
    """A permission that nobody thought about."""

    path: Path
    message: str
    fix: str
    severity: str


def wide_permissions(template: Mapping[str, Any]) -> list[WidePermission]:
    """Find them in every world: one mistake for each entry of an Action element, and for each attached policy."""
    found: dict[Path, WidePermission] = {}
    bounding = _boundaries(template)
    for document in documents(template, *Kind):
        if document.resource in bounding:
            continue
        wide = [
            one for said in document.statements if said.parts.get("Effect") == "Allow" for one in _wide(document, said)
        ]
        # Of a role that opens wrongly E9101 speaks.
        if wide and not (document.kind is Kind.TRUST and trust_mistakes(template, document.resource)):
            for one in wide:
                found.setdefault(one.path, one)
    for attached in _attached(template):
        found.setdefault(attached.path, attached)
    return list(found.values())


def _wide(document: Document, said: Said) -> Iterator[WidePermission]:
    if document.kind is not Kind.IDENTITY:
        yield from _on_resource(document, said)
        return
    everywhere = _is_everything(said)
    if "NotAction" in said.parts:
        yield _mistake(
            document,
            (*_place(said, "NotAction"),),
            "allows every action but those under NotAction" + (" on every resource" if everywhere else ""),
            "error" if everywhere else "warning",
        )
    for path, action in _actions(said):
        service = action.partition(":")[0].lower()
        # `i*:*` is `iam:*` too.
        service = next((key for key in sorted(_KEYS_TO_THE_HOUSE) if _covers(action, key, "")), service)
        if _covers(action, "zq7", "*"):
            where = " on every resource" if everywhere else ""
            yield _mistake(
                document, path, f"allows '{action}', every action{where}", "error" if everywhere else "warning"
            )
        elif everywhere and _SERVICE.fullmatch(service) and _covers(action, service, ""):
            house = service in _KEYS_TO_THE_HOUSE
            if not house and not _names_nothing(said):
                continue
            hands = ", which hands over the account" if house else ""
            message = f"allows '{action}' on every resource{hands}"
            yield _mistake(document, path, message, "error" if house else "warning")


def _on_resource(document: Document, said: Said) -> Iterator[WidePermission]:
    """In a policy of a resource the service is given, and `kms:*` for the account itself is AWS's own default."""
    own = _names_own_account_only(said)
    if "NotAction" in said.parts:
        message = "allows every action but those under NotAction"
        yield _mistake(document, _place(said, "NotAction"), message, "warning" if own else "error")
    for path, action in _actions(said):
        if _covers(action, "zq7", "*"):
            message = f"allows '{action}', every action, to those under Principal"
            yield _mistake(document, path, message, "warning" if own else "error")


def _mistake(document: Document, path: Path, what: str, severity: str) -> WidePermission:
    return WidePermission(
        path=path,
        message=f"'{document.resource}' {what}{document.where}",
        fix="list the actions that are needed, and the resources that they are needed on",
        severity=severity,
    )


def _actions(said: Said) -> Iterator[tuple[Path, str]]:
    value = said.parts.get("Action")
    listed = value if isinstance(value, list) else [value]
    place = _place(said, "Action")
    written = said.written.get("Action") if isinstance(said.written, Mapping) else None
    same = isinstance(written, list) and len(written) == len(listed)
    for index, action in enumerate(listed):
        if isinstance(action, str) and not OPAQUE.search(action):
            yield (*place, index) if same else place, action


def _place(said: Said, element: str) -> Path:
    return (*said.path, element) if isinstance(said.written, Mapping) and element in said.written else said.path


def _covers(action: str, service: str, otherwise: str) -> bool:
    """True if the pattern matches whatever `service` has; `otherwise` is a pattern that says so by itself."""
    return action == otherwise or alike(action.lower(), f"{service}:{_NO_ACTION}".lower())


def _is_everything(said: Said) -> bool:
    """True if the statement reaches every resource of the account, or every role, which is as good."""
    if "NotResource" in said.parts:
        return True
    value = said.parts.get("Resource")
    listed = value if isinstance(value, list) else [value]
    return any(_reaches_all(one) for one in listed if isinstance(one, str))


def _names_nothing(said: Said) -> bool:
    """True if the statement does not even say whose resources: `*`, and not `arn:aws:logs:*:*:*`."""
    value = said.parts.get("Resource", "*")
    return "*" in (value if isinstance(value, list) else [value])


def _reaches_all(entry: str) -> bool:
    parts = entry.split(":", 5)
    if entry == "*" or len(parts) < 6:
        return alike(entry, f"arn:aws:zq7:us-east-1:{OWN_ACCOUNT}:zq7/zq7")
    in_account = any(alike(parts[4], account) for account in (OWN_ACCOUNT, ""))
    return in_account and any(alike(parts[5], some) for some in ("zq7/zq7", "zq7", "role/zq7"))


def _names_own_account_only(said: Said) -> bool:
    whom = said.parts.get("Principal")
    if not isinstance(whom, Mapping) or set(whom) != {"AWS"}:
        return False
    named = whom["AWS"] if isinstance(whom["AWS"], list) else [whom["AWS"]]
    return all(isinstance(one, str) and OWN_ACCOUNT in one.split(":") for one in named)


def _boundaries(template: Mapping[str, Any]) -> frozenset[str]:
    """Return the principals that always have a permissions boundary, which is what counts, and what serves as one.

    A policy that is also somebody's own is not left out.
    """
    bounded, bounds, owned = set(), set[str](), set[str]()
    for name, properties in _properties(template):
        if "PermissionsBoundary" in properties and all(_bounds_of(template, name)):
            bounded.add(name)
            bounds.update(mentions(properties["PermissionsBoundary"]))
        owned.update(mentions(properties.get("ManagedPolicyArns")))
        if any(key in properties for key in ("Roles", "Users", "Groups")):
            owned.add(name)
    return frozenset(bounded | (bounds - owned))


def _bounds_of(template: Mapping[str, Any], name: str) -> Iterator[bool]:
    """Say for each world in which a principal is made whether a boundary narrows what it may do."""
    try:
        for _, is_bounded in variants(template, lambda world: _is_bounded(properties_of(world, name))):
            yield is_bounded
    except Undecidable:
        yield False


def _is_bounded(properties: Spot | None) -> bool:
    """True if there is a boundary, and not one that bounds nothing; and where there is no such principal."""
    if properties is None:
        return True
    bound = properties.at("PermissionsBoundary")
    return not bound.is_absent and not _ADMINISTRATORS.fullmatch(bound.whole() or "")


def _attached(template: Mapping[str, Any]) -> list[WidePermission]:
    found = mistakes_in(template, ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"), _administrators)
    return [WidePermission(path=one.path, message=one.message, fix=one.fix, severity="error") for one in found]


def _administrators(name: str, properties: Spot) -> Iterator[Mistake]:
    if _is_bounded(properties):
        return
    for spot in properties.at("ManagedPolicyArns").items():
        with contextlib.suppress(Undecidable):  # what a macro attaches does not show, and hides nothing else
            policy = _ADMINISTRATORS.fullmatch(spot.whole() or "")
            if policy:
                message = f"'{name}' has AWS's policy '{policy['name']}', which hands over the account"
                fix = "write a policy of its own with the actions that are needed"
                yield Mistake(path=spot.path, message=message, fix=fix)


def _properties(template: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        if isinstance(resource, Mapping) and str(resource.get("Type", "")).startswith("AWS::IAM::"):
            properties = resource.get("Properties")
            if isinstance(properties, Mapping):
                yield name, properties
