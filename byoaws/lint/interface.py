"""What the linter is told besides the template."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """What the vendor's Quick-Create link does to the stack's parameters."""

    prefilled: frozenset[str]
    """Names of the parameters that the link carries, as it spells them."""
    external_id: str
    """The parameter that holds the ExternalId."""
    secret: str | None = None
    """The parameter that holds the webhook secret; None where the stack makes the secret itself."""
