"""Which receipt rules a message is for.

Source: Amazon SES Developer Guide, "Receipt rule recipient conditions" (`user@example.com`, `example.com` without its
subdomains, `.example.com` for them; none: every verified domain), and API reference of ReceiptRule (`Enabled` and
`TlsPolicy`). Labels (`user+label@`) are part of the address: a rule for `user@` does not match them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

REQUIRE = "Require"


def domain_of(address: str) -> str:
    """Return the domain of an address in lower case; empty where it has none."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


def with_parents(domain: str) -> list[str]:
    """Return a domain and those above it, without the top-level one: an identity stands for its subdomains."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]


def names(condition: str, address: str) -> bool:
    """Say whether one recipient condition means an address; both in any case."""
    wanted, domain = condition.lower(), domain_of(address)
    if "@" in wanted:
        return address.lower() == wanted
    return domain.endswith(wanted) if wanted.startswith(".") else domain == wanted


def matching(
    rules: Sequence[Mapping[str, Any]], recipients: Sequence[str], verified: Callable[[str], bool]
) -> Iterator[tuple[Mapping[str, Any], list[str]]]:
    """Yield each enabled rule that means any recipient, in order, with those whom it means.

    Args:
        rules: As DescribeActiveReceiptRuleSet gives them.
        recipients: Of the envelope.
        verified: Whether a domain is a verified identity of the account, or below one.
    """
    ours = [address for address in recipients if verified(domain_of(address))]
    for rule in rules:
        conditions = rule.get("Recipients") or []
        meant = [one for one in ours if not conditions or any(names(condition, one) for condition in conditions)]
        if rule.get("Enabled") and meant:
            yield rule, meant
