"""An ARN whose partition is written out."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class HardCodedPartition(OurRule):
    """`arn:aws:` fits the commercial regions only."""

    id = "W9113"
    shortdesc = "Hard-coded partition"
    description = (
        "An ARN that begins with 'arn:aws:' is another thing, or none, in GovCloud, China and Europe's own cloud"
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html"
    tags: ClassVar[list[str]] = ["byoaws", "arn", "policies"]
    fix = "write '!Sub arn:${AWS::Partition}:...'"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each text that holds such an ARN."""
        from byoaws.lint.policies.partitions import hard_partitions

        for found in hard_partitions(cfn.template):
            message = f"'{found.arn}' has its partition written out, so the stack works in that partition only"
            yield self.mistake(found.path, message, fix=f"write '!Sub {found.mended}:...'")
