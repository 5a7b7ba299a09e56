"""What can be wrong with a trust policy, and how people are told."""

import enum
from dataclasses import dataclass

from byoaws.iam.elements import Statement


class Code(enum.StrEnum):
    """What can be wrong with a trust policy."""

    NO_EXTERNAL_ID = "no-external-id"
    """Opens without an ExternalId, and with any."""
    OPTIONAL_EXTERNAL_ID = "optional-external-id"
    """Opens without an ExternalId, though not with any (IfExists, ForAllValues, Null)."""
    ANY_EXTERNAL_ID = "any-external-id"
    """Opens with an ExternalId that nobody issued (wildcards, negated operators, variables)."""
    OTHER_EXTERNAL_ID = "other-external-id"
    """Opens with a further ExternalId than the right one."""
    ANYONE = "anyone"
    """Opens for accounts that it does not name."""
    OTHER_PRINCIPAL = "other-principal"
    """Opens for a principal outside `trusted`."""
    NEVER_OPENS = "never-opens"
    """Opens for no trusted principal with the right ExternalId."""
    UNKNOWN = "unknown"
    """Could not be decided: the policy says what AWS does not document, or would not save."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """One fault of a trust policy."""

    code: Code
    statement: int | None
    """Place of the statement, from 0; None if it is the policy as a whole."""
    sid: str | None
    message: str
    """What happens, by which statement."""
    fix: str
    """What to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Every fault that was found; none means that the policy opens as it should, and only so."""

    weaknesses: tuple[Weakness, ...]

    @property
    def sound(self) -> bool:
        """True if no fault was found."""
        return not self.weaknesses

    @property
    def codes(self) -> frozenset[Code]:
        """The codes of all faults."""
        return frozenset(weakness.code for weakness in self.weaknesses)


_EXACT = '"Condition": {"StringEquals": {"sts:ExternalId": "..."}}'

FIXES = {
    Code.NO_EXTERNAL_ID: f"require the connection's ExternalId in that statement: {_EXACT}",
    Code.OPTIONAL_EXTERNAL_ID: f"require the ExternalId by plain StringEquals, which a request without one never "
    f"satisfies: {_EXACT}; no IfExists, no ForAllValues, no Null",
    Code.ANY_EXTERNAL_ID: f"compare with the whole ExternalId: {_EXACT}; no wildcard, no negated operator, no variable",
    Code.OTHER_EXTERNAL_ID: f"leave only the connection's own ExternalId, compared by StringEquals: {_EXACT}",
    Code.ANYONE: 'name the vendor\'s role or account instead, for example "Principal": {"AWS": "123456789012"}',
    Code.OTHER_PRINCIPAL: "remove that principal from the statement, or narrow the statement by aws:PrincipalArn",
    Code.NEVER_OPENS: f"let the vendor's principal call sts:AssumeRole under {_EXACT}",
    Code.UNKNOWN: "write the statement with documented operators and values only",
}


def weakness(code: Code, message: str, *, statement: Statement | None = None) -> Weakness:
    """Make a weakness, with the fix of its code."""
    return Weakness(
        code=code,
        statement=None if statement is None else statement.index,
        sid=None if statement is None else statement.sid,
        message=message,
        fix=FIXES[code],
    )
