"""What our rules have beyond cfn-lint's: how to mend what they find."""

from collections.abc import Sequence
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch  # type: ignore[import-untyped]


class OurRule(CloudFormationLintRule):  # type: ignore[misc]
    """A rule of ours; cfn-lint ignores this class itself, as it has no id."""

    fix: ClassVar[str] = ""
    """What to do about it."""

    def mistake(
        self, path: Sequence[str | int], message: str, *, fix: str = "", severity: str | None = None
    ) -> RuleMatch:
        """Return one finding at `path`; `fix` and `severity` where this one differs from what its rule says."""
        return RuleMatch(list(path), message, fix=fix or self.fix, severity=severity)
