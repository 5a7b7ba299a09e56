"""Who gets in by a statement although nobody meant them: anyone at all, or anybody's use of an AWS service.

Nothing here reads a condition's text for its faults: calls are made up that a stranger could make (another account's
caller, or a service that acts for another account), and `byoaws.iam.evaluate` decides. Keys that say whose call it is
have a stranger's values (`foreign`); keys of which nothing is known are the caller's to choose. What AWS does not
document lets nobody in here: no false alarm.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from byoaws.errors import PolicyError
from byoaws.iam.bucket import strangers
from byoaws.iam.context import Values
from byoaws.iam.documents import Policy, parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import Principal, service_principal
from byoaws.lint.policies.condition_keys import corrected
from byoaws.lint.policies.foreign import Way, ways
from byoaws.lint.policies.statements import Document, Said
from byoaws.lint.worlds.expand import OPAQUE
from byoaws.lint.worlds.expressions import canonical

# For an address that only the deployed stack knows: nobody's.
_OPAQUE_ADDRESS = "192.0.2.1/32"
# What SES says of the account where others say aws:SourceAccount, in older policies; elsewhere a caller's choice.
_REFERER = "aws:referer"
_Call: TypeAlias = tuple[Principal, Mapping[str, Values], Way]


def opens_to_anyone(document: Document, said: Said) -> tuple[str, ...]:
    """Return the actions that a statement lets anyone do; none where it names somebody, or a condition narrows it."""
    return _anyone_may(_trial(document, said))


def opens_by_service(document: Document, said: Said, service: str) -> tuple[str, ...]:
    """Return the actions that a statement lets a service do for anybody's account."""
    return _service_may(_trial(document, said), service)


def _trial(document: Document, said: Said) -> str:
    """Return a policy of the one statement and every Deny, fit to be judged: the same in many worlds."""
    others = [one.parts for one in document.statements if one is not said and one.parts.get("Effect") == "Deny"]
    whole = {"Statement": [_judgeable(parts) for parts in (said.parts, *others)]}
    return canonical(whole | ({"Version": document.version} if document.version else {}))


@functools.lru_cache(maxsize=1024)
def _anyone_may(trial: str) -> tuple[str, ...]:
    policy = _policy(trial)
    if policy is None:
        return ()
    whom = policy.statements[0].principals
    if whom is not None and not whom.anyone and "*" not in whom.aws:
        return ()
    return _open(policy, [(who, keys, way) for who, keys in strangers(policy) for way in ways(policy)])


@functools.lru_cache(maxsize=1024)
def _service_may(trial: str, service: str) -> tuple[str, ...]:
    policy = _policy(trial)
    if policy is None:
        return ()
    return _open(policy, [(service_principal(service), {}, way) for way in ways(policy, accounts=(_REFERER,))])


def _policy(trial: str) -> Policy | None:
    """Return the policy if its first statement allows; None where it does not, or AWS would not save it."""
    try:
        policy = parse(trial)
    except PolicyError:
        return None
    return policy if policy.statements[0].effect == "Allow" else None


def _judgeable(parts: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in parts.items() if key != "Sid"}
    if "Condition" in found:
        block = corrected(found["Condition"])
        found["Condition"] = (
            {operator: _values(operator, keys) for operator, keys in block.items()}
            if isinstance(block, Mapping)
            else block
        )
    return found


def _values(operator: str, keys: Any) -> Any:
    """Put an ARN or an address where only the deployed stack knows one."""
    name = operator.rpartition(":")[2]
    is_arn = name.startswith("Arn")
    is_address = name.startswith(("IpAddress", "NotIpAddress"))
    if not isinstance(keys, Mapping) or not (is_arn or is_address):
        return keys

    def known(value: Any) -> Any:
        if not isinstance(value, str) or not OPAQUE.search(value):
            return value
        if is_address:
            return _OPAQUE_ADDRESS
        return value if value.count(":") >= 5 else f"arn:aws:opaque:us-east-1:111111111111:{value}"

    return {
        key: [known(one) for one in value] if isinstance(value, list) else known(value) for key, value in keys.items()
    }


def _open(policy: Policy, calls: Sequence[_Call]) -> tuple[str, ...]:
    # Whoever the statement does not mean needs no further trial.
    meant = replace(policy.statements[0], actions=("*",), not_actions=None, resources=None, not_resources=None)
    alone = replace(policy, statements=(meant,))
    calls = [call for call in calls if _lets(alone, call, "any:Action", "any")]
    if not calls:
        return ()
    resources = _resources(policy)
    return tuple(
        action
        for action in _actions(policy)
        if any(_lets(policy, call, action, resource) for resource in resources for call in calls)
    )


def _lets(policy: Policy, call: _Call, action: str, resource: str) -> bool:
    who, keys, way = call
    request = Request(
        principal=who, action=action, resource=resource, context={**way.context, **keys}, absent=way.absent
    )
    decision = evaluate(policy, request)
    if decision.outcome is Outcome.UNKNOWN:
        return not any(doubt.about_policy for doubt in decision.doubts)
    return decision.outcome is Outcome.ALLOW


# What hurts most first, as the first is named. Source: Service Authorization Reference.
_HARM = (
    *("s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"),
    *("sns:Publish", "sns:Subscribe", "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"),
    *("kms:Decrypt", "kms:ScheduleKeyDeletion", "kms:CreateGrant", "lambda:InvokeFunction"),
    *("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "ecr:BatchGetImage", "ecr:PutImage"),
    *("logs:PutLogEvents", "dynamodb:GetItem", "dynamodb:PutItem", "kinesis:PutRecord"),
)


def _actions(policy: Policy) -> list[str]:
    """Return actions that the statement could mean: known ones that it matches, and its own, with `*` filled."""
    statement = policy.statements[0]
    services = {entry.partition(":")[0].lower() for entry in statement.actions or () if ":" in entry}
    likely = [action for action in _HARM if not services or action.partition(":")[0] in services]
    trial = replace(policy, statements=(replace(statement, conditions=(), resources=None, not_resources=None),))
    own = [entry.replace("*", "Zq7").replace("?", "z") for entry in statement.actions or () if entry != "*"]
    literal = [entry for entry in own if entry in (statement.actions or ())]
    matched = [action for action in likely if _covers(trial, action)]
    return list(dict.fromkeys([*matched, *literal, *own]))


def _covers(policy: Policy, action: str) -> bool:
    statement = policy.statements[0]
    bare = replace(policy, statements=(replace(statement, principals=None, not_principals=None),))
    return evaluate(bare, Request(principal=service_principal("any"), action=action)).outcome is Outcome.ALLOW


def _resources(policy: Policy) -> list[str]:
    """Return resources that the statement could mean; where it means all, those that a Deny names."""
    first, *denies = policy.statements
    named = list(first.resources or ())
    if not named or "*" in named:
        named = [entry for deny in denies for entry in deny.resources or ()] or ["zq7"]
    return list(dict.fromkeys(entry.replace("*", "zq7").replace("?", "z") for entry in named))
