"""A bucket whose name is too long for Mail Manager."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class BucketNameLength(OurRule):
    """S3 permits 63 characters, Mail Manager 62; regions differ in length."""

    id = "W9156"
    shortdesc = "Bucket name that Mail Manager cannot write to"
    description = "WriteToS3 takes names of at most 62 characters, and a name with the region in it is longer elsewhere"
    source_url = "https://docs.aws.amazon.com/sesmailmanager/latest/APIReference/API_S3Action.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "shorten the name, or leave it to CloudFormation"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each such name."""
        if not cfn.get_resources("AWS::SES::MailManagerRuleSet"):
            return
        from byoaws.lint.mail.mail_rules import long_bucket_names

        for mistake in long_bucket_names(cfn.template):
            yield self.mistake(mistake.path, mistake.message)
