"""A receipt rule that is made before SES may write to its bucket."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.buckets import unwritable_buckets
from byoaws.lint.rule import OurRule


class BucketNotWritable(OurRule):
    """SES writes a test object when the rule is made, and refuses the rule if it cannot."""

    id = "E9134"
    shortdesc = "Receipt rule whose bucket is closed to SES"
    description = "SES tries the bucket when the rule is made: its policy must be there, and must be made first"
    source_url = "https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "s3"]
    fix = "allow ses.amazonaws.com 's3:PutObject' on 'arn:...:bucket/*' in the bucket's policy"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each S3 action that SES refuses."""
        for found in unwritable_buckets(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
