"""Whom a trust policy mentions, in Principal elements and in conditions on who calls."""

from collections.abc import Iterator
from dataclasses import dataclass

from byoaws.iam.elements import Policy
from byoaws.iam.patterns import ARN_PARTS, has_wildcard, wild

_ACCOUNT_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Everybody mentioned, each once and in order."""

    principals: tuple[str, ...]
    """AWS entries of the Principal elements that allow."""
    services: tuple[str, ...]
    providers: tuple[str, ...]
    arns: tuple[str, ...]
    """Patterns that `aws:PrincipalArn` is held against, and such as `aws:username` makes of a name."""
    sessions: tuple[str, ...]
    """Names of sessions, which are the second half of a role's `aws:userid`."""
    accounts: tuple[str, ...]
    """Accounts that `aws:PrincipalAccount` or `aws:PrincipalArn` is held against."""
    organizations: tuple[str, ...]
    """Ids and paths."""
    partition: str
    text: str
    """The whole policy, to look for what is *not* in it."""


def mentions(policy: Policy) -> Mentions:
    """Collect whom the policy mentions."""
    elements = [
        statement.principals for statement in policy.statements if statement.effect == "Allow" and statement.principals
    ]
    principals = tuple(dict.fromkeys(entry for element in elements for entry in element.aws))
    users = [f"arn:*:iam::*:user/{name}" for name in _values(policy, "aws:username")]
    arns = tuple(dict.fromkeys((*_values(policy, "aws:principalarn"), *users)))
    accounts = (*_values(policy, "aws:principalaccount"), *_accounts(arns))
    sessions = (value.partition(":")[2] for value in _values(policy, "aws:userid"))
    organizations = (*_values(policy, "aws:principalorgid"), *_values(policy, "aws:principalorgpaths"))
    return Mentions(
        principals=principals,
        services=tuple(dict.fromkeys(entry for element in elements for entry in element.service)),
        providers=tuple(dict.fromkeys(entry for element in elements for entry in element.federated)),
        arns=arns,
        sessions=tuple(dict.fromkeys(session for session in sessions if session)),
        accounts=tuple(dict.fromkeys(_digits(account) for account in accounts)),
        organizations=tuple(dict.fromkeys(organizations)),
        partition=_partition((*principals, *arns)),
        text=str(policy.to_json()),
    )


def _values(policy: Policy, key: str) -> Iterator[str]:
    for statement in policy.statements:
        for condition in statement.conditions:
            if condition.key.lower() == key:
                yield from condition.values


def _accounts(arns: tuple[str, ...]) -> Iterator[str]:
    for arn in arns:
        parts = arn.split(":", ARN_PARTS - 1)
        if len(parts) == ARN_PARTS and not has_wildcard(wild(parts[4])):
            yield parts[4]


def _digits(account: str) -> str:
    """Return an account id that a pattern such as `1234*` lets in."""
    stem = account.replace("?", "0")
    return stem.replace("*", "0" * max(0, _ACCOUNT_DIGITS - len(stem) + 1), 1).replace("*", "")


def _partition(entries: tuple[str, ...]) -> str:
    """Return the partition of the first ARN."""
    found = (entry.split(":")[1] for entry in entries if entry.startswith("arn:") and entry.count(":") >= ARN_PARTS - 1)
    return next((name for name in found if not has_wildcard(wild(name))), "aws")
