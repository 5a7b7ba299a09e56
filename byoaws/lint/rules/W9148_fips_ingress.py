"""An ingress point with the TLS policy FIPS."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class FipsIngress(OurRule):
    """It is in some regions only, and cannot be changed."""

    id = "W9148"
    shortdesc = "Ingress point with the TLS policy FIPS"
    description = (
        "FIPS is in US and Canada regions only, and an ingress point with it cannot be given another TLS policy"
    )
    source_url = "https://docs.aws.amazon.com/sesmailmanager/latest/APIReference/API_UpdateIngressPoint.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses", "mail-manager"]
    fix = "write REQUIRED unless FIPS is a must; to change it later, delete the ingress point and make another"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each such ingress point."""
        if not cfn.get_resources("AWS::SES::MailManagerIngressPoint"):
            return
        from byoaws.lint.mail.ingress_points import fips

        for mistake in fips(cfn.template, cfn.regions):
            yield self.mistake(mistake.path, mistake.message, fix=mistake.fix, severity=mistake.severity)
