"""SPF: does a name's record let SES send for it? Source: RFC 7208."""

import enum
from collections.abc import Sequence

_INCLUDE = "include:amazonses.com"


class Spf(enum.StrEnum):
    """What the TXT records of one name say about SES."""

    ALLOWS = "allows"
    """One record, and it includes amazonses.com."""
    SILENT = "silent"
    """One record, for other senders."""
    NONE = "none"
    """No SPF record."""
    SEVERAL = "several"
    """More than one: receivers then treat it as an error. Source: RFC 7208, section 4.5."""


def judge(records: Sequence[str]) -> Spf:
    """Return what a name's TXT records say about SES.

    Only a term of the record itself counts: an `include` of somebody who includes SES is not followed.
    """
    found = [record for record in records if _is_spf(record)]
    if not found:
        return Spf.NONE
    if len(found) > 1:
        return Spf.SEVERAL
    terms = [term.lower().rstrip(".") for term in found[0].split()[1:]]
    before_all = terms[: next((index for index, term in enumerate(terms) if term.lstrip("+-~?") == "all"), len(terms))]
    # Terms behind `all` are never reached; any sign but + does not let the sender pass.
    allowed = any(term in (_INCLUDE, f"+{_INCLUDE}") for term in before_all)
    return Spf.ALLOWS if allowed else Spf.SILENT


def _is_spf(record: str) -> bool:
    # The version must be followed by a space or nothing: "v=spf10" is another thing.
    return record.split(" ", 1)[0].lower() == "v=spf1"
