"""DMARC: which policy does a domain have, and where may it stand? Source: RFC 7489, sections 6.3 and 6.6.3."""

from collections.abc import Iterator, Sequence

MOST_NAMES = 8
"""Names that are asked at most, from the domain upwards."""

_POLICIES = ("none", "quarantine", "reject")


class NotOneRecordError(ValueError):
    """The name has several DMARC records, or one without a policy: receivers then apply none."""


def names(domain: str) -> Iterator[str]:
    """Where a domain's policy may stand, nearest first: `_dmarc.mail.example.com`, `_dmarc.example.com`.

    The organizational domain is not known without a list of public suffixes, so every parent but the last label is
    asked: one that is a public suffix has no record.
    """
    labels = domain.rstrip(".").split(".")
    for start in range(min(max(len(labels) - 1, 1), MOST_NAMES)):
        yield "_dmarc." + ".".join(labels[start:])


def policy(records: Sequence[str]) -> str | None:
    """Return the policy in a name's TXT records: `none`, `quarantine` or `reject`; None where there is no record.

    Raises:
        NotOneRecordError: several records, or one that names no policy.
    """
    found = [record for record in records if _is_dmarc(record)]
    if not found:
        return None
    if len(found) > 1:
        raise NotOneRecordError(f"there are {len(found)} DMARC records, so none of them holds")
    tags = dict(_tag(part) for part in found[0].split(";")[1:])
    given = tags.get("p", "").lower()
    if given not in _POLICIES:
        raise NotOneRecordError("the DMARC record names no policy (p=none, p=quarantine or p=reject)")
    return given


def _is_dmarc(record: str) -> bool:
    return "".join(record.split(";", 1)[0].split()) == "v=DMARC1"


def _tag(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().lower(), value.strip()
