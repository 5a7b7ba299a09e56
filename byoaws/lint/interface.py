"""What the linter is told besides the template, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from byoaws.model import Finding

NOT_A_TEMPLATE = "E0000"
"""cfn-lint's id of a file that cannot be read as a template."""
COULD_NOT_TELL = "E0002"
"""cfn-lint's id of a rule that crashed: what it would have found is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """What the vendor's Quick-Create link does to the stack's parameters."""

    prefilled: frozenset[str]
    """Names of the parameters that the link carries, as it spells them."""
    external_id: str
    """The parameter that holds the ExternalId."""
    secret: str | None = None
    """The parameter that holds the webhook secret; None where the stack makes the secret itself."""
    url: str | None = field(default=None, repr=False)
    """The link itself, where one was given; not shown in a repr, as it may carry the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What every file is held against."""

    link: LinkFacts | None = None
    asked: frozenset[str] = frozenset()
    """The IAM actions that the vendor's packs ask for."""

    def settings(self) -> dict[str, Any]:
        """As settings of rules: each rule of ours is given those whose key it declares."""
        told: dict[str, Any] = {"asked": sorted(self.asked)} if self.asked else {}
        if self.link:
            told |= {
                "prefilled": sorted(self.link.prefilled),
                "external_id": self.link.external_id,
                "secret": self.link.secret or "",
                "url": self.link.url or "",
            }
        return told


class KindsOfResource(Protocol):
    """What AWS says of IAM actions."""

    def __call__(self, action: str) -> Sequence[str] | None:
        """Kinds of resource that an action can be limited to; none if it takes `*` only, None for no such action."""


Explainer = Callable[[str], str]
"""Turns a rule's code into what there is to read of it; raises UsageError where there is no such rule."""
Progress = Callable[[int, int], None]
"""Is told, whenever a file is done, how many are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What came of a lint."""

    folder: str
    """Where it ran; relative paths start there."""
    files: tuple[str, ...]
    """Every file that was looked at, in the order in which it was named or found."""
    findings: tuple[Finding, ...]
    """Sorted by path, line and code."""


class Linter(Protocol):
    """Checks templates and policies."""

    def __call__(
        self,
        paths: Sequence[Path],
        *,
        link: LinkFacts | None = None,
        asked: frozenset[str] = frozenset(),
        only_templates: bool = False,
        progress: Progress | None = None,
    ) -> Linted:
        """Say what is wrong in each file or folder; raises UsageError where there is nothing to check."""
