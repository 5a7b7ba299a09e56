"""An archive that a rule names by its ARN."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class ArchiveByArn(OurRule):
    """The API's model permits what the service is said to refuse; it takes the id in any case."""

    id = "W9145"
    shortdesc = "Archive action names its archive by ARN"
    description = "TargetArchive takes an archive's id; sources disagree whether it takes an ARN as well"
    source_url = "https://docs.aws.amazon.com/sesmailmanager/latest/APIReference/API_ArchiveAction.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "write the archive's id"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each Archive action with an ARN."""
        if not cfn.get_resources("AWS::SES::MailManagerRuleSet"):
            return
        from byoaws.lint.mail.archives import arns_as_targets

        for mistake in arns_as_targets(cfn.template):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix)
