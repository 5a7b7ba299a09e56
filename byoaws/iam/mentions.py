"""Whom a trust policy mentions, in Principal elements and in conditions on who calls."""

from collections.abc import Iterator
from dataclasses import dataclass

from byoaws.iam.elements import Policy
from byoaws.iam.patterns import ARN_PARTS, has_wildcard, wild


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
    account_patterns: tuple[str, ...]
    """Patterns of several accounts that they are held against, such as `1111*`."""
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
    accounts = tuple(dict.fromkeys((*_values(policy, "aws:principalaccount"), *_accounts(arns))))
    sessions = (value.partition(":")[2] for value in _values(policy, "aws:userid"))
    organizations = (*_values(policy, "aws:principalorgid"), *_values(policy, "aws:principalorgpaths"))
    return Mentions(
        principals=principals,
        services=tuple(dict.fromkeys(entry for element in elements for entry in element.service)),
        providers=tuple(dict.fromkeys(entry for element in elements for entry in element.federated)),
        arns=arns,
        sessions=tuple(dict.fromkeys(session for session in sessions if session)),
        accounts=tuple(account for account in accounts if not has_wildcard(wild(account))),
        account_patterns=tuple(account for account in accounts if has_wildcard(wild(account))),
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
        if len(parts) == ARN_PARTS:
            yield parts[4]


def _partition(entries: tuple[str, ...]) -> str:
    """Return the partition of the first ARN."""
    found = (entry.split(":")[1] for entry in entries if entry.startswith("arn:") and entry.count(":") >= ARN_PARTS - 1)
    return next((name for name in found if not has_wildcard(wild(name))), "aws")
