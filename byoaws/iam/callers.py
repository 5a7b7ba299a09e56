"""Callers to try on a trust policy: everybody it names in any way, and strangers whom it does not name.

An account stands for its users and roles (a root user cannot assume roles), so it is tried through a role and a user
with names of no meaning, and through each name that a condition on `aws:PrincipalArn` would let in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from byoaws.iam.context import Values
from byoaws.iam.elements import Policy, Principals
from byoaws.iam.mentions import Mentions, mentions
from byoaws.iam.patterns import ARN_PARTS, alike, has_wildcard, matches_arn, wild
from byoaws.iam.principals import (
    Kind,
    Principal,
    account_of,
    aws_principal,
    federated_principal,
    is_unique_id,
    names,
    service_principal,
)

_ACCOUNT_DIGITS = 12
_NO_NAME = "zq7-no-meaning"
# What IAM calls them: unlike names, nobody chooses these.
_STRANGER_IDS = {"role": "AROAZQ7STRANGER00000", "user": "AIDAZQ7STRANGER00000"}
_ORG_ID, _ORG_PATHS = "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"
# Somebody else's organization, and an account that is in none.
_STRANGER_ORGS: tuple[Mapping[str, Values], ...] = (
    {_ORG_ID: "o-zq7stranger", _ORG_PATHS: ("o-zq7stranger/r-zq7s/ou-zq7s-00000000/",)},
    {_ORG_ID: (), _ORG_PATHS: ()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller, and how people are told of it."""

    principal: Principal
    title: str
    """For example `account 123456789012`."""
    context: Mapping[str, Values] = field(default_factory=dict)
    """Condition keys that are known of this caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Everybody who is tried."""

    trusted: tuple[Caller, ...]
    """Who shall get in, with the right ExternalId."""
    others: tuple[Caller, ...]
    """Whom the policy names besides, and who shall not get in."""
    strangers: tuple[Caller, ...]
    """Whom nobody named."""
    own: tuple[Caller, ...]
    """Who may get in without an ExternalId: the role's own account and, where nobody is said to be trusted, services
    and identity providers."""


def callers(policy: Policy, *, trusted: Sequence[str], own_account: str | None) -> Callers:
    """Derive everybody who is to be tried. Arguments as in `judge`."""
    said = mentions(policy)
    named = list(_named(said))
    own = tuple(caller for caller in named if own_account is not None and caller.principal.account == own_account)
    foreign = [caller for caller in named if caller not in own]
    machines = tuple(_machines(said))
    strangers = tuple(_strangers(said, [*trusted, own_account or ""]))
    if not trusted:
        return Callers(trusted=tuple(foreign), others=(), strangers=strangers, own=(*own, *machines))
    expected = [caller for entry in trusted for caller in _behind(entry, said)]
    others = [caller for caller in foreign if not any(_covers(entry, caller.principal) for entry in trusted)]
    return Callers(
        trusted=(*expected, *(caller for caller in foreign if caller not in others and caller not in expected)),
        others=(*others, *machines),
        strangers=strangers,
        own=own,
    )


def _named(said: Mentions) -> Iterator[Caller]:
    for entry in said.principals:
        yield from _behind(entry, said)
    for account in said.accounts:
        yield from _members(account, said)
    for organization in said.organizations:
        path = organization.replace("*", "").replace("?", "x")
        keys = {_ORG_ID: path.split("/")[0], _ORG_PATHS: (path,)}
        for member in _members(_stranger([said.text]), said, unique_ids=_STRANGER_IDS):
            title = f"every account of organization '{organization}'"
            yield Caller(principal=member.principal, title=title, context=keys)


def _machines(said: Mentions) -> Iterator[Caller]:
    for service in said.services:
        yield Caller(principal=service_principal(service), title=f"service '{service}'")
    for provider in said.providers:
        yield Caller(principal=federated_principal(provider), title=f"identity provider '{provider}'")


def _behind(entry: str, said: Mentions) -> Iterator[Caller]:
    """Callers whom an entry of a Principal element stands for."""
    if entry == "*" or is_unique_id(entry):
        return
    account = account_of(entry)
    if account is not None:
        yield from _members(account, said)
        return
    arn = _fill(entry, entry.split(":")[4], said.partition)
    if arn is not None:
        yield Caller(principal=aws_principal(arn, session=_NO_NAME), title=f"'{entry}'")


def _members(account: str, said: Mentions, *, unique_ids: Mapping[str, str] | None = None) -> Iterator[Caller]:
    """Callers of an account: two with names of no meaning, and those whom a condition on their ARN lets in."""
    arns = {f"arn:{said.partition}:iam::{account}:{kind}/{_NO_NAME}": f"account {account}" for kind in ("role", "user")}
    for pattern in said.arns:
        filled = _fill(pattern, account, said.partition)
        if filled is not None and not filled.endswith(":root"):
            arns[filled] = f"'{pattern}' in account {account}"
    for arn, title in arns.items():
        unique_id = (unique_ids or {}).get(arn.split(":")[5].partition("/")[0])
        for session in (_NO_NAME, *(_plain(name, _NO_NAME) for name in said.sessions)):
            principal = aws_principal(arn, session=session, unique_id=unique_id)
            yield Caller(principal=principal, title=title)
            if principal.kind is not Kind.ROLE:
                break


def _fill(pattern: str, account: str, partition: str) -> str | None:
    """Make the ARN of a user, role or session of `account` that `pattern` matches; None if there is none."""
    parts = pattern.split(":", ARN_PARTS - 1)
    if len(parts) == ARN_PARTS and alike(parts[4], account):
        service = parts[2] if parts[2] in ("iam", "sts") else "iam"
        found = f"arn:{_plain(parts[1], partition)}:{service}::{account}:{_plain(parts[5], f'role/{_NO_NAME}')}"
    else:
        # A text pattern whose `*` reaches over colons, such as `*:role/vendor-*`.
        kind = "user/" if "user/" in pattern else "role/"
        found = f"arn:{partition}:iam::{account}:{kind}{_plain(pattern.rpartition(kind)[2], _NO_NAME)}"
    return found if alike(pattern, found) else None


def _plain(pattern: str, alone: str) -> str:
    return alone if pattern == "*" else pattern.replace("*", _NO_NAME).replace("?", "x")


def _covers(entry: str, principal: Principal) -> bool:
    if names(Principals(aws=(entry,)), principal).value is True:
        return True
    arn = principal.arn or principal.name
    return has_wildcard(wild(entry)) and matches_arn(wild(entry), arn) is True


def _strangers(said: Mentions, excluded: Sequence[str]) -> Iterator[Caller]:
    account = _stranger([said.text, *excluded])
    yield from _outsiders(account, "any AWS account", said)
    for pattern in said.account_patterns:
        if not alike(pattern, account):
            yield from _outsiders(_like(pattern, excluded), f"every account whose number is like '{pattern}'", said)
    yield Caller(principal=federated_principal("zq7-stranger.example"), title="users of any identity provider")


def _outsiders(account: str, title: str, said: Mentions) -> Iterator[Caller]:
    for member in _members(account, said, unique_ids=_STRANGER_IDS):
        for keys in _STRANGER_ORGS:
            yield Caller(principal=member.principal, title=title, context=keys)


def _like(pattern: str, excluded: Sequence[str]) -> str:
    """Return an account id that a pattern such as `1111*` lets in, and that is none of the excluded ones."""
    run = "*" if "*" in pattern else ""
    room = max(0, _ACCOUNT_DIGITS - len(pattern.replace("*", "")))
    for digit in "7039":
        found = pattern.replace("*", digit * room, 1) if run else pattern
        found = found.replace("*", "").replace("?", digit)
        if not any(found in text for text in excluded):
            break
    return found


def _stranger(texts: Sequence[str]) -> str:
    """Return an account id that stands in none of the texts."""
    number = 586710394728
    while any(str(number) in text for text in texts):
        number += 104729
    return str(number)
