"""Messages that SES encrypts before it stores them."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.receipt_rules import client_side_encryption
from byoaws.lint.rule import OurRule


class ClientSideEncryption(OurRule):
    """`KmsKeyArn` of an S3 action is not the bucket's encryption."""

    id = "W9139"
    shortdesc = "Mail stored encrypted by SES itself"
    description = "With KmsKeyArn, SES encrypts messages with the S3 encryption client: S3 does not decrypt them"
    source_url = "https://docs.aws.amazon.com/ses/latest/APIReference/API_S3Action.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "s3"]
    fix = "take KmsKeyArn out, and encrypt by the bucket's BucketEncryption"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each S3 action that has a key."""
        for found in client_side_encryption(cfn.template):
            yield self.mistake(found.path, found.message)
