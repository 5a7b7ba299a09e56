"""What the linter is told besides the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from byoaws.model import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """What the vendor's Quick-Create link does to the stack's parameters."""

    prefilled: frozenset[str]
    """Names of the parameters that the link carries, as it spells them."""
    external_id: str
    """The parameter that holds the ExternalId."""
    secret: str | None = None
    """The parameter that holds the webhook secret; None where the stack makes the secret itself."""


class KindsOfResource(Protocol):
    """What AWS says of IAM actions."""

    def __call__(self, action: str) -> Sequence[str] | None:
        """Kinds of resource that an action can be limited to; none if it takes `*` only, None for no such action."""


class Linter(Protocol):
    """Checks templates and policies."""

    def __call__(
        self, paths: Sequence[Path], *, link: LinkFacts | None = None, asked: frozenset[str] = frozenset()
    ) -> list[Finding]:
        """Return what is wrong in each file or folder, by place; raises UsageError where there is nothing to check."""
