"""An ingress point whose configuration does not fit its type, or shows a password."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class IngressConfiguration(OurRule):
    """The schema lets each type have any configuration, or none."""

    id = "E9151"
    shortdesc = "Ingress point with the wrong configuration"
    description = (
        "AUTH needs a password, MTLS needs a trust store, OPEN takes neither; a password belongs in Secrets Manager"
    )
    source_url = "https://docs.aws.amazon.com/sesmailmanager/latest/APIReference/API_CreateIngressPoint.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "put the password into Secrets Manager, and write 'SecretArn' in place of 'SmtpPassword'"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each wrong configuration."""
        if not cfn.get_resources("AWS::SES::MailManagerIngressPoint"):
            return
        from byoaws.lint.mail.ingress_points import wrong_configurations

        for mistake in wrong_configurations(cfn.template):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix)
