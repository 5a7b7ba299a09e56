"""A secret that has a default."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule
from byoaws.lint.secrets.defaults import secret_defaults


class SecretDefault(OurRule):
    """Whoever may read the template knows the default, and so knows the secret of every stack that kept it."""

    id = "E9172"
    shortdesc = "Secret with a Default"
    description = "NoEcho masks what is typed in, not what the template says"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"
    tags: ClassVar[list[str]] = ["byoaws", "parameters", "secrets"]
    fix = "take the Default out, and set NoEcho and MinLength; or have the stack make the secret (GenerateSecretString)"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each secret that has a default."""
        for found in secret_defaults(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix, severity=found.severity)
