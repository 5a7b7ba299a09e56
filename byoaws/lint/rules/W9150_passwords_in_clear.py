"""An ingress point that asks for a password, and does without TLS."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class PasswordsInClear(OurRule):
    """Who asks who is there must insist on TLS."""

    id = "W9150"
    shortdesc = "Ingress point that takes passwords without TLS"
    description = "With the TLS policy OPTIONAL a client may send its password in plain text"
    source_url = "https://docs.aws.amazon.com/ses/latest/dg/eb-ingress.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "write 'TlsPolicy: REQUIRED'"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each ingress point of type AUTH or MTLS with OPTIONAL."""
        if not cfn.get_resources("AWS::SES::MailManagerIngressPoint"):
            return
        from byoaws.lint.mail.ingress_points import passwords_in_clear

        for mistake in passwords_in_clear(cfn.template):
            yield self.mistake(mistake.path, mistake.message)
