"""A use of an archive's attribute ArchiveId."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class ArchiveId(OurRule):
    """What the attribute returns is told in two ways; the end of the ARN is the id in both."""

    id = "W9146"
    shortdesc = "ArchiveId of an archive, which may be its ARN"
    description = "AWS's guide says that ArchiveId returns the ARN, AWS's reference says that it returns the id"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ses-mailmanagerarchive.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "take the id from the end of ArchiveArn"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each use of the attribute."""
        if not cfn.get_resources("AWS::SES::MailManagerArchive"):
            return
        from byoaws.lint.mail.archives import archive_ids

        for mistake in archive_ids(cfn.template):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix)
