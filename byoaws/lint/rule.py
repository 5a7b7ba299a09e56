"""What our rules have beyond cfn-lint's: how to mend what they find."""

from collections.abc import Sequence
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch  # type: ignore[import-untyped]


class OurRule(CloudFormationLintRule):  # type: ignore[misc]
    """A rule of ours; cfn-lint ignores this class itself, as it has no id."""

    fix: ClassVar[str] = ""
    """What to do about it."""

    def mistake(
        self,
        path: Sequence[str | int],
        message: str,
        *,
        fix: str = "",
        severity: str | None = None,
        folds: Sequence[str | int] | None = None,
    ) -> RuleMatch:
        """Return one finding at `path`.

        Args:
            path: The place in the template.
            message: What is wrong.
            fix: What to do about it, where that is not what the rule says. cfn-lint alone shows it in the message.
            severity: Where it differs from what the rule's id says.
            folds: The object of which this finding says all there is to say: findings of stock rules at or below this
                path are left out by `byoaws lint`.
        """
        mend = fix or self.fix
        return RuleMatch(list(path), f"{message}. Fix: {mend}", what=message, fix=mend, severity=severity, folds=folds)
