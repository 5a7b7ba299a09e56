"""A name that stops a second stack."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class FixedNameRule(OurRule):
    """Most names are taken once in an account; a template that fixes one can be deployed once."""

    id = "W9124"
    shortdesc = "Fixed name that stops a second stack"
    description = "Two stacks of one template in one account need names that differ"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html"
    tags: ClassVar[list[str]] = ["byoaws", "names"]
    fix = "leave the name out, or put ${AWS::StackName} into it"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each name that is the same in every stack."""
        from byoaws.lint.quick_create.fixed_names import fixed_names

        for found in fixed_names(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
