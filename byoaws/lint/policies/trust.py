"""Trust policies in a template: made concrete in every world that matters, then judged by `byoaws.iam.judge`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from byoaws.errors import PolicyError
from byoaws.iam.documents import parse
from byoaws.iam.judge import Code, Weakness, judge
from byoaws.iam.mentions import mentions
from byoaws.lint.policies.accounts import account_in, account_of, concrete, principals, statements, without_machines
from byoaws.lint.policies.condition_keys import meant
from byoaws.lint.worlds.expand import OPAQUE, World, variants
from byoaws.lint.worlds.expressions import NOTHING, OWN_ACCOUNT, Undecidable
from byoaws.lint.worlds.intrinsics import refuse_macros

_Path = tuple[str | int, ...]

_DOCUMENT = "AssumeRolePolicyDocument"
_EXTERNAL_ID = "sts:externalid"

_WRITE_IT_OUT = (
    "write the trust policy out in the template, without macros; or, if it is known to be right, name this rule under "
    "Metadata / cfn-lint / config / ignore_checks of the role"
)
_ONE_ACCOUNT = "name one vendor account here, and give every other account its own role with its own ExternalId"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustMistake:
    """One mistake in one statement of a trust policy."""

    path: _Path
    """Where in the template."""
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """A trust policy in one world, and what the judge found."""

    world: World
    resolved: Sequence[Any]
    """Its statements, with opaque stand-ins."""
    whole: _Path
    """Where the document stands in the template."""
    paths: Sequence[_Path]
    """Where each statement stands in the template."""
    weaknesses: Sequence[Weakness]


def trust_mistakes(template: Mapping[str, Any], resource: str) -> list[TrustMistake]:
    """Judge the trust policy of one role: one mistake per statement and kind, in whatever worlds it occurs."""
    try:
        trials = [trial for _, trial in variants(template, lambda world: _try(world, resource)) if trial]
    except (Undecidable, PolicyError) as error:
        message = f"cannot tell who may assume role '{resource}': {error}"
        path = _shown_of(template, ("Resources", resource, "Properties", _DOCUMENT))
        return [TrustMistake(path=path, message=message, fix=_WRITE_IT_OUT)]
    found: dict[tuple[_Path, Code], TrustMistake] = {}
    for trial in sorted(trials, key=lambda trial: len(trial.world.assumptions)):
        for weakness in trial.weaknesses:
            mistake = _mistake(trial, weakness)
            found.setdefault((mistake.path, weakness.code), mistake)
    # A default that opens for nobody (an empty one, say) is no mistake while other values open.
    alive = {trial.whole for trial in trials if all(one.code is not Code.NEVER_OPENS for one in trial.weaknesses)}
    kept = [one for (where, code), one in found.items() if code is not Code.NEVER_OPENS or where not in alive]
    # Two codes may come of one fault, in the same words.
    return list({(one.path, one.message): one for one in reversed(kept)}.values())[::-1]


def _shown_of(template: Any, path: _Path) -> _Path:
    """Return as much of a path as the template has."""
    for depth, key in enumerate(path):
        if not isinstance(template, Mapping) or key not in template:
            return path[:depth]
        template = template[key]
    return path


def _try(world: World, name: str) -> _Trial | None:
    """Judge a role's policy in one world; None where there is no such role, or it has no policy, as AWS refuses it."""
    resource = world.section("Resources")[name]
    refuse_macros(resource)
    if "Condition" in resource and not world.condition(resource["Condition"]):
        return None
    properties, where = world.follow(resource.get("Properties"), ("Resources", name, "Properties"))
    if not isinstance(properties, Mapping):
        return None
    refuse_macros(properties)
    if _DOCUMENT not in properties:
        return None
    written, where = world.follow(properties[_DOCUMENT], (*where, _DOCUMENT))
    if written is NOTHING:
        return None
    whole = tuple(where)
    document = _document(world.value(written), world.names)
    resolved = statements(document)
    paths = list(_statement_paths(world, written, whole))
    try:
        weaknesses = tuple(_weaknesses(concrete(document, world.names)))
    except PolicyError:
        # An empty value makes a policy that AWS refuses, not one that opens: no role comes of it.
        if world.has_empty_parameter:
            return None
        raise
    # A policy given as one JSON text has one place for all its statements.
    places = paths if len(paths) == len(resolved) else [whole] * len(resolved)
    return _Trial(world=world, resolved=resolved, whole=whole, paths=places, weaknesses=weaknesses)


def _weaknesses(document: Mapping[str, Any]) -> Iterator[Weakness]:
    policy = parse(document)
    found = judge(document, trusted=(), external_id=None, own_account=OWN_ACCOUNT).weaknesses
    keys = [condition.key for statement in policy.statements for condition in statement.conditions]
    is_of_services = not any(statement.principals and statement.principals.aws for statement in policy.statements)
    # Some services send an ExternalId (Cognito, Firehose), which nothing here knows; of a key that AWS does not have
    # E9114 says more.
    is_left = is_of_services and any(key.lower() == _EXTERNAL_ID or meant(key) for key in keys)
    yield from (one for one in found if not (is_left and one.code is Code.NEVER_OPENS))
    said = mentions(policy)
    named = [account_in(entry) for entry in (*said.principals, *said.accounts)]
    accounts = [account for account in dict.fromkeys(named) if account not in (None, OWN_ACCOUNT)]
    if not accounts or (len(accounts) == 1 and None not in named and not said.organizations):
        return
    people = without_machines(document)
    for weakness in judge(people, trusted=(str(accounts[0]),), external_id=None, own_account=OWN_ACCOUNT).weaknesses:
        if weakness.code is Code.OTHER_PRINCIPAL:
            yield replace(weakness, fix=_ONE_ACCOUNT)


def _document(value: Any, names: Mapping[str, str]) -> Mapping[str, Any]:
    if isinstance(value, str):
        if value in names:
            raise Undecidable(f"its trust policy is '{names[value]}', which only the deployed stack knows")
        try:
            value = json.loads(value, object_pairs_hook=_without_twins)
        except ValueError as error:
            raise Undecidable(f"its trust policy is text that is not JSON ({error})") from None
    if not isinstance(value, Mapping):
        raise Undecidable("its trust policy is not a policy document")
    return value


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _statement_paths(world: World, written: Any, whole: _Path) -> Iterator[_Path]:
    if not isinstance(written, Mapping) or "Statement" not in written:
        return
    found, where = world.follow(written["Statement"], (*whole, "Statement"))
    if not isinstance(found, list):
        yield tuple(where)
        return
    for index, statement in enumerate(found):
        followed, place = world.follow(statement, (*where, index))
        if followed is not NOTHING:
            yield tuple(place)


def _mistake(trial: _Trial, weakness: Weakness) -> TrustMistake:
    path = trial.whole if weakness.statement is None else trial.paths[weakness.statement]
    unsure = None if weakness.statement is None else _unsure(trial.resolved[weakness.statement], trial.world)
    doubt = f"cannot tell whose account '{unsure}' is in; unless it is the stack's own: " if unsure else ""
    where = f", where {' and '.join(trial.world.assumptions)}" if trial.world.assumptions else ""
    message = f"role '{trial.whole[1]}': {doubt}{_readable(weakness.message, trial.world)}{where}"
    return TrustMistake(path=path, message=message, fix=_readable(weakness.fix, trial.world))


def _unsure(statement: Any, world: World) -> str | None:
    """Return the principal of a statement whose account nobody can tell from the template, if it has one."""
    for principal in principals(statement):
        if isinstance(principal, str) and OPAQUE.fullmatch(principal):
            name = world.names.get(principal, principal)
            if name.removeprefix("${").removesuffix("}") not in world.section("Parameters"):
                return name
    return None


def _readable(message: str, world: World) -> str:
    """Put the expressions back in for their stand-ins."""
    for token, name in world.names.items():
        message = message.replace(token, name).replace(account_of(token), name)
    return message.replace(OWN_ACCOUNT, "${AWS::AccountId}")
