"""Calls put to a trust policy, one after the other, and which of them could open the role."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from byoaws.iam.assume import FEDERATED_ACTIONS, assume_role, with_identity
from byoaws.iam.callers import Caller
from byoaws.iam.elements import Policy
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.patterns import as_text
from byoaws.iam.principals import Kind
from byoaws.iam.truth import Truth
from byoaws.iam.variables import expand, has_variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A call that opens the role, or could."""

    caller: Caller
    external_id: str | None
    depends: str
    """What it depends on besides, where it only could; else empty."""


class Trial:
    """A policy under trial. Remembers in `doubts` what in the policy itself kept a call from being decided."""

    def __init__(self, policy: Policy, *, right: Sequence[str] = ()) -> None:
        self._policy = policy
        self._right = right
        self.doubts: dict[str, None] = {}

    def first(self, callers: Iterable[Caller], external_ids: Sequence[str | None]) -> Opening | None:
        """Return the first call that could open the role, with certain ones before uncertain ones."""
        uncertain = None
        for opening in self._openings(callers, external_ids):
            if not opening.depends:
                return opening
            uncertain = uncertain or opening
        return uncertain

    def who(self, callers: Iterable[Caller], external_ids: Sequence[str | None]) -> tuple[Opening, ...]:
        """Return one opening for each caller who could get in, told by title."""
        found: dict[str, Opening] = {}
        for caller in callers:
            opening = None if caller.title in found else self.first([caller], external_ids)
            if opening is not None:
                found[caller.title] = opening
        return tuple(found.values())

    def _openings(self, callers: Iterable[Caller], external_ids: Sequence[str | None]) -> Iterator[Opening]:
        for caller in callers:
            for external_id, request in self._calls(caller, external_ids):
                decision = evaluate(self._policy, request)
                unclear = decision.outcome is Outcome.UNKNOWN
                if unclear and any(doubt.about_policy for doubt in decision.doubts):
                    self.doubts.update(dict.fromkeys(doubt.text for doubt in decision.doubts if doubt.about_policy))
                elif unclear or decision.outcome is Outcome.ALLOW:
                    depends = "; ".join(doubt.text for doubt in decision.doubts)
                    yield Opening(caller=caller, external_id=external_id, depends=depends)

    def _calls(self, caller: Caller, external_ids: Sequence[str | None]) -> Iterator[tuple[str | None, Request]]:
        """Services send no ExternalId, and users of an identity provider cannot."""
        if caller.principal.kind is Kind.FEDERATED:
            yield from ((None, with_identity(caller.principal, action)) for action in FEDERATED_ACTIONS)
        elif caller.principal.kind is Kind.SERVICE:
            yield None, assume_role(caller.principal)
        else:
            for template in external_ids:
                external_id = template and _filled(template, caller)
                if template is None or (external_id and (external_id == template or external_id not in self._right)):
                    yield external_id, assume_role(caller.principal, external_id=external_id, context=caller.context)


def _filled(template: str, caller: Caller) -> str | None:
    """Put the caller's own values in place of policy variables; None where one is not known, or has none."""
    if not has_variable(template):
        return template
    pattern = expand(template, assume_role(caller.principal, context=caller.context).known())
    return None if isinstance(pattern, Truth) else as_text(pattern).replace("*", "").replace("?", "x")
