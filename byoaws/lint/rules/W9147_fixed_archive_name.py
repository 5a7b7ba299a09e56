"""An archive with a name that is the same in every deployment."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class FixedArchiveName(OurRule):
    """The name of a deleted archive stays taken while the archive waits for its deletion."""

    id = "W9147"
    shortdesc = "Fixed name of an archive"
    description = (
        "An archive's name stays taken for up to 30 days after it is deleted, so the stack cannot be made again"
    )
    source_url = "https://docs.aws.amazon.com/ses/latest/dg/eb-archiving.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "leave 'ArchiveName' out, and CloudFormation makes a name up"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each archive with a fixed name."""
        if not cfn.get_resources("AWS::SES::MailManagerArchive"):
            return
        from byoaws.lint.mail.archives import fixed_names

        for mistake in fixed_names(cfn.template):
            yield self.mistake(mistake.path, mistake.message)
