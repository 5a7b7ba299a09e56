"""What is asked of SES about the identities that mail is sent from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.aws.fields import Answer, items, optional, present, required, structure
from byoaws.aws.question import Question

LOOKED_AT = 20
"""How many identities of an account are looked at: it may have thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """The first page of an account's identities."""

    names: tuple[str, ...]
    """Domains and addresses, at most `LOOKED_AT`."""
    more: bool
    """There are others that were not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityState:
    """What sending from an identity rests on. None: AWS did not say."""

    verified: bool | None
    dkim: str | None
    """SUCCESS, PENDING, FAILED, TEMPORARY_FAILURE or NOT_STARTED."""
    signs: bool | None
    """DKIM is switched on."""
    mail_from: str | None
    """The MAIL FROM domain; None where the identity has none of its own, and SES's stands there."""
    mail_from_status: str | None
    """SUCCESS, PENDING, FAILED or TEMPORARY_FAILURE."""


def identities() -> Question[Identities]:
    """The first identities of the account."""
    return Question(
        service="sesv2", operation="ListEmailIdentities", request={"PageSize": LOOKED_AT}, read=_identities_of
    )


def identity_state(name: str) -> Question[IdentityState]:
    """What sending from one identity rests on."""
    return Question(service="sesv2", operation="GetEmailIdentity", request={"EmailIdentity": name}, read=_state_of)


def _identities_of(answer: Answer, operation: str) -> Identities:
    token = optional(answer, "NextToken", str, operation)
    if not token:  # a page with more behind it may be empty, in whichever way
        present(answer, "EmailIdentities", operation)
    found = [required(one, "IdentityName", operation) for one in items(answer, "EmailIdentities", operation)]
    more = len(found) > LOOKED_AT or bool(token)
    return Identities(names=tuple(found[:LOOKED_AT]), more=more)


def _state_of(answer: Mapping[str, Any], operation: str) -> IdentityState:
    dkim = structure(answer, "DkimAttributes", operation)
    mail_from = structure(answer, "MailFromAttributes", operation)
    return IdentityState(
        verified=optional(answer, "VerifiedForSendingStatus", bool, operation),
        dkim=optional(dkim, "Status", str, operation),
        signs=optional(dkim, "SigningEnabled", bool, operation),
        mail_from=optional(mail_from, "MailFromDomain", str, operation) or None,
        mail_from_status=optional(mail_from, "MailFromDomainStatus", str, operation),
    )
