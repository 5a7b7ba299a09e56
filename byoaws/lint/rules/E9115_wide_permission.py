"""A permission for everything."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class WidePermissionRule(OurRule):
    """`Action: "*"` gives whoever has it the whole account, and what AWS adds tomorrow."""

    id = "E9115"
    shortdesc = "Permission for everything"
    description = "A policy must list the actions that are needed, and not allow all, or all of a service"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
    tags: ClassVar[list[str]] = ["byoaws", "iam", "policies"]
    fix = "list the actions that are needed"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each entry that allows too much."""
        from byoaws.lint.policies.wide import wide_permissions

        for found in wide_permissions(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix, severity=found.severity)
