"""What a role's trust policy lets whom do, and what is wrong with that.

Nothing here looks at a policy's text for its faults: calls are derived from the policy (`callers`, `external_ids`),
each is put to `evaluate`, and the faults are what came of it. Where something about a call is not known (its address,
its tags), a statement that *could* open the role counts as opening it.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from byoaws.errors import PolicyError
from byoaws.iam.assume import ASSUME_ROLE_KEYS, SERVICE_KEYS, assume_role
from byoaws.iam.callers import Caller, Callers, callers
from byoaws.iam.context import Lookup
from byoaws.iam.documents import Policy, Statement, parse
from byoaws.iam.external_ids import Candidates, candidates
from byoaws.iam.principals import Kind, aws_principal
from byoaws.iam.trial import Opening, Trial
from byoaws.iam.weaknesses import Code, Judgement, Weakness, weakness

__all__ = ["Code", "Judgement", "Weakness", "judge"]


def judge(
    document: str | Mapping[str, Any],
    *,
    trusted: Sequence[str] = (),
    external_id: str | None = None,
    also_external_ids: Sequence[str] = (),
    own_account: str | None = None,
) -> Judgement:
    """Judge a role's trust policy.

    Args:
        document: JSON text, or what it was parsed to. Texts are literal: for what is not known yet (a parameter), put a
            stand-in that has no white space and none of ``* ? $ :``.
        trusted: Account ids, ARNs of principals, or patterns of such ARNs that shall get in. Empty: the accounts and
            principals that the policy itself names, except `own_account`.
        external_id: The one that shall open the role. None: those that the policy names.
        also_external_ids: Further ones that may, while one is exchanged for another.
        own_account: The role's own account, whose principals need no ExternalId. None: not known.

    Raises:
        PolicyError: the document is not one that IAM would save as a trust policy.
    """
    policy = parse(document)
    _require_trust_policy(policy)
    case = _Case(
        policy=policy,
        cast=callers(policy, trusted=trusted, own_account=own_account),
        ids=candidates(policy, external_id, also_external_ids),
        trusted=tuple(trusted),
        remark=_strange_keys(policy),
    )
    allows = [statement for statement in policy.statements if statement.effect == "Allow"]
    trials = [(statement, _trial(case, statement)) for statement in allows]
    found = [fault for statement, trial in trials for fault in _faults(case, statement, trial)]
    return Judgement(weaknesses=(*found, *_never_opens(case, [trial for _, trial in trials])))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    policy: Policy
    cast: Callers
    ids: Candidates
    trusted: tuple[str, ...]
    remark: str
    """Said of condition keys that AWS never sends; empty, or begins with a semicolon."""


def _require_trust_policy(policy: Policy) -> None:
    for statement in policy.statements:
        if statement.principals is None and statement.not_principals is None:
            raise PolicyError(
                f"{statement.label}: has no Principal", hint="a trust policy says who may assume the role"
            )
        if statement.resources is not None or statement.not_resources is not None:
            raise PolicyError(f"{statement.label}: has a Resource", hint="a trust policy's resource is its own role")


def _trial(case: _Case, statement: Statement) -> Trial:
    """Put one Allow on trial, with every Deny: what it opens is then its own doing."""
    denies = tuple(other for other in case.policy.statements if other.effect == "Deny")
    return Trial(replace(case.policy, statements=(statement, *denies)), right=case.ids.right)


def _faults(case: _Case, statement: Statement, trial: Trial) -> Iterator[Weakness]:
    found = [*_wrong_callers(case, statement, trial), *_wrong_external_ids(case, statement, trial)]
    yield from found
    trial.first(case.cast.trusted, case.ids.right)
    if trial.doubts and not found:
        message = f"whether {statement.label} opens the role could not be told: {'; '.join(trial.doubts)}"
        yield weakness(Code.UNKNOWN, message, statement=statement)


def _wrong_callers(case: _Case, statement: Statement, trial: Trial) -> Iterator[Weakness]:
    strangers = trial.who(case.cast.strangers, case.ids.all)
    if strangers:
        message = f"{statement.label} lets {_list(strangers)} assume the role{_with(strangers[0])}"
        yield weakness(Code.ANYONE, message, statement=statement)
    others = trial.who(case.cast.others, case.ids.all)
    if others:
        message = f"{statement.label} also lets {_list(others)} assume the role{_with(others[0])}"
        yield weakness(Code.OTHER_PRINCIPAL, message, statement=statement)


def _wrong_external_ids(case: _Case, statement: Statement, trial: Trial) -> Iterator[Weakness]:
    ids, subjects = case.ids, _subjects(case.cast)
    without = trial.first(subjects, [None])
    unissued = trial.first(subjects, ids.unrelated)
    if without:
        code = Code.NO_EXTERNAL_ID if unissued else Code.OPTIONAL_EXTERNAL_ID
        message = f"{statement.label} lets {without.caller.title} assume the role{_with(without)}{case.remark}"
        yield weakness(code, message, statement=statement)
    elif unissued:
        yield _accepts(Code.ANY_EXTERNAL_ID, statement, unissued, "which nobody issued")
    if unissued:
        return
    patterned = trial.first(subjects, ids.patterned)
    if patterned:
        yield _accepts(Code.ANY_EXTERNAL_ID, statement, patterned, "which nobody issued")
        return
    further = trial.first(subjects, ids.further)
    if further:
        yield _accepts(Code.OTHER_EXTERNAL_ID, statement, further, "which is not the connection's")


def _accepts(code: Code, statement: Statement, opening: Opening, which: str) -> Weakness:
    message = f"{statement.label} lets {opening.caller.title} assume the role{_with(opening, which)}"
    return weakness(code, message, statement=statement)


def _subjects(cast: Callers) -> Sequence[Caller]:
    """Whose ExternalIds are tried: those who shall get in; where nobody is named, AWS accounts that nobody named."""
    return cast.trusted or [caller for caller in cast.strangers if caller.principal.kind is not Kind.FEDERATED]


def _never_opens(case: _Case, trials: Sequence[Trial]) -> Iterator[Weakness]:
    cast, ids = case.cast, case.ids
    right: Sequence[str | None] = ids.right if ids.given else ids.all
    # Without a word on who is trusted, a principal may be named only to be kept out: then strangers count as well.
    expected = cast.trusted if case.trusted else (*(cast.trusted or cast.own), *cast.strangers)
    if any(trial.first(expected, right) for trial in trials) or any(trial.doubts for trial in trials):
        return
    who = " or ".join(case.trusted) or "no principal that the policy names"
    whose = f"ExternalId '{ids.right[0]}'" if ids.given else "any ExternalId"
    subject = f"{who} cannot" if case.trusted else f"{who} can"
    yield weakness(Code.NEVER_OPENS, f"{subject} assume the role with {whose}{case.remark}")


def _list(openings: Sequence[Opening]) -> str:
    return " and ".join(opening.caller.title for opening in openings)


def _with(opening: Opening, which: str = "") -> str:
    """Say how the role opened: without an ExternalId or with which, and what it depends on besides."""
    comma = f", {which}" if which else ""
    how = f" with ExternalId '{opening.external_id}'{comma}" if opening.external_id else " without an ExternalId"
    return how + (f" (it depends: {opening.depends})" if opening.depends else "")


def _strange_keys(policy: Policy) -> str:
    """Remark on condition keys that AWS never sends with AssumeRole; empty if there are none."""
    has = (*ASSUME_ROLE_KEYS, *SERVICE_KEYS)
    sent = assume_role(aws_principal("arn:aws:iam::000000000000:role/any"), external_id="any").known()
    keys = dict.fromkeys(condition.key for statement in policy.statements for condition in statement.conditions)
    texts = []
    for key in keys:
        if sent[key] is Lookup.ABSENT:
            close = difflib.get_close_matches(key.lower(), [known.lower() for known in has], n=1)
            meant = next((known for known in has if close and known.lower() == close[0]), None)
            texts.append(f"AWS sends no key '{key}' with AssumeRole" + (f"; '{meant}' is near" if meant else ""))
    return "".join(f"; {text}" for text in texts)
