"""An ingress point without a TLS policy."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class TlsPolicy(OurRule):
    """AWS's default differs from region to region, and one of the defaults can never be changed."""

    id = "W9149"
    shortdesc = "Ingress point without a TLS policy"
    description = "The default is FIPS in the US and Canada, which cannot be changed later, and REQUIRED elsewhere"
    source_url = "https://docs.aws.amazon.com/ses/latest/dg/eb-ingress.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "add 'TlsPolicy: REQUIRED'"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each ingress point without TlsPolicy."""
        if not cfn.get_resources("AWS::SES::MailManagerIngressPoint"):
            return
        from byoaws.lint.mail.ingress_points import without_tls_policy

        for mistake in without_tls_policy(cfn.template):
            yield self.mistake(mistake.path, mistake.message)
