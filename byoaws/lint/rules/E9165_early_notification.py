"""A bucket that is made before what it notifies lets it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.code.invocations import early_notifications
from byoaws.lint.rule import OurRule


class EarlyNotification(OurRule):
    """S3 tests the targets of notifications when the bucket is made."""

    id = "E9165"
    shortdesc = "Bucket notification before its permission"
    description = "S3 refuses a bucket whose function, queue or topic does not yet let S3 in"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-notificationconfig.html"
    tags: ClassVar[list[str]] = ["byoaws", "lambda", "s3"]
    fix = "make the bucket depend on the permission"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each notification that S3 refuses."""
        for found in early_notifications(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
