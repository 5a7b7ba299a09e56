"""A resolved trust policy with its opaque stand-ins made fit to be judged, always in favour of opening.

What must be an account id becomes one. A condition that only the deployed stack can decide may hold, so an Allow is
judged without it; a Deny that only the stack can decide may not apply, so it is left out. An unknown ExternalId is just
a text that nobody else knows.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from byoaws.arn import ACCOUNT_ID
from byoaws.lint.worlds.expand import OPAQUE
from byoaws.lint.worlds.expressions import Undecidable, canonical

_ARN = re.compile(r"arn:([^:]*):(iam|sts)::([^:]*):(.*)", re.DOTALL)
_ACCOUNT_DIGITS = 12
_EXTERNAL_ID = "sts:externalid"
_CALLER = "aws:principal"
# In place of a statement that is left out, so that the others keep their places: it speaks of no AssumeRole.
_INERT = {"Effect": "Deny", "Principal": "*", "Action": "sts:GetSessionToken"}


def account_of(token: str) -> str:
    """Return the account id that an opaque stand-in becomes; the same for the same stand-in."""
    return str(int(token.removeprefix("opaque-"), 16) % 10**_ACCOUNT_DIGITS).zfill(_ACCOUNT_DIGITS)


def concrete(document: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return `document` as it can be judged.

    Raises:
        Undecidable: an Effect, an Action or a Null condition is a stand-in.

    Args:
        document: A trust policy as `World.value` returns it.
        names: Each stand-in, and the expression it stands for: one that names an ARN becomes a role's ARN.
    """
    if "Statement" not in document:
        return dict(document)
    known = _known(statements(document))
    return {**document, "Statement": _each(document["Statement"], lambda one: _statement(one, names, known))}


def _known(found: list[Any]) -> frozenset[str]:
    """Return the stand-ins for callers that are the same as, or surely others than, those who are allowed."""
    allows = [one for one in found if isinstance(one, Mapping) and one.get("Effect") == "Allow"]
    named = [entry for statement in allows for entry in principals(statement) if entry != "*"]
    if named:
        return frozenset(OPAQUE.findall(canonical(named)))
    # Everybody is allowed: then whoever a condition names is the one caller who matters.
    keys = [_caller_keys(one.get("Condition")) for one in found if isinstance(one, Mapping)]
    return frozenset(OPAQUE.findall(canonical(keys)))


def _caller_keys(operators: Any) -> list[Any]:
    blocks = (
        [keys for keys in operators.values() if isinstance(keys, Mapping)] if isinstance(operators, Mapping) else []
    )
    return [value for keys in blocks for key, value in keys.items() if key.lower().startswith(_CALLER)]


def without_machines(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return `document` with AWS principals only; each statement keeps its place."""
    return {**document, "Statement": [_people(statement) for statement in statements(document)]}


def statements(document: Mapping[str, Any]) -> list[Any]:
    """Return the statements of a policy, also where it has just one and no list."""
    found = document.get("Statement", [])
    return found if isinstance(found, list) else [found]


def principals(statement: Any) -> list[Any]:
    """Return the AWS principals of a statement."""
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else []
    return named if isinstance(named, list) else [named]


def account_in(entry: str) -> str | None:
    """Return the account that a principal names, by its id or in its ARN."""
    arn = _ARN.fullmatch(entry)
    account = arn[3] if arn else entry
    return account if ACCOUNT_ID.fullmatch(account) else None


def _people(statement: Any) -> Any:
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    if not isinstance(principal, Mapping):
        return statement
    return {**statement, "Principal": {"AWS": principal["AWS"]}} if "AWS" in principal else _INERT


def _statement(statement: Any, names: Mapping[str, str], known: frozenset[str]) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    for element in ("Effect", "Action", "NotAction"):
        if _is_vague(statement.get(element)):
            raise Undecidable(f"the {element} of a statement is known to the deployed stack only")
    named = {element: statement[element] for element in ("Principal", "NotPrincipal") if element in statement}
    decided = {**statement, "Condition": _decided(statement, known)} if "Condition" in statement else dict(statement)
    if statement.get("Effect") == "Deny" and (decided != statement or _is_vague(named, known)):
        return _INERT
    for element, entries in named.items():
        if isinstance(entries, Mapping) and "AWS" in entries:
            decided[element] = {**entries, "AWS": _each(entries["AWS"], lambda one: _principal(one, names))}
    if isinstance(decided.get("Condition"), Mapping):
        decided["Condition"] = {operator: _accounts(keys) for operator, keys in decided["Condition"].items()}
    return decided


def _decided(statement: Mapping[str, Any], known: frozenset[str]) -> Any:
    """Return a statement's conditions without those that only the deployed stack can decide."""
    operators = statement["Condition"]
    if not isinstance(operators, Mapping):
        return operators
    if _is_vague(operators.get("Null")):
        raise Undecidable("whether a condition key must be absent is known to the deployed stack only")

    def is_open(operator: str, key: str, value: Any) -> bool:
        if key.lower() == _EXTERNAL_ID or not _is_vague(value, known):
            return False
        # Of other texts the judge knows itself that a call may bring anything; a stand-in is no number and no date.
        return key.lower().startswith(_CALLER) or not operator.rpartition(":")[2].startswith("String")

    return {
        operator: {key: value for key, value in keys.items() if not is_open(operator, key, value)}
        if isinstance(keys, Mapping)
        else keys
        for operator, keys in operators.items()
    }


def _accounts(keys: Any) -> Any:
    if not isinstance(keys, Mapping):
        return keys
    changes = ((key, value, key.lower()) for key, value in keys.items())
    return {
        key: _each(
            value, _account if name.endswith("account") else _caller_arn if name.endswith("arn") else _arn_account
        )
        for key, value, name in changes
    }


def _is_vague(value: Any, known: frozenset[str] = frozenset()) -> bool:
    """True if `value` holds a stand-in that is not among the known ones."""
    return not known.issuperset(OPAQUE.findall(canonical(value)))


def _caller_arn(value: Any) -> Any:
    return _role_arn(value) if isinstance(value, str) and OPAQUE.fullmatch(value) else _arn_account(value)


def _role_arn(token: str) -> str:
    return f"arn:aws:iam::{account_of(token)}:role/{token}"


def _principal(principal: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(principal, str) or not OPAQUE.fullmatch(principal):
        return _arn_account(principal)
    if "arn" in names.get(principal, "").lower():
        return _role_arn(principal)
    return account_of(principal)


def _account(value: Any) -> Any:
    return account_of(value) if isinstance(value, str) and OPAQUE.fullmatch(value) else value


def _arn_account(value: Any) -> Any:
    arn = _ARN.fullmatch(value) if isinstance(value, str) else None
    if arn is None:
        return value
    partition = "aws" if OPAQUE.fullmatch(arn[1]) else arn[1]
    return f"arn:{partition}:{arn[2]}::{_account(arn[3])}:{arn[4]}"


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    return [change(one) for one in value] if isinstance(value, list) else change(value)
