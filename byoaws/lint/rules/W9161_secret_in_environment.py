"""A secret as a plain environment variable."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule
from byoaws.lint.secrets.plain_places import open_variables


class SecretInEnvironment(OurRule):
    """Environment variables are shown to everybody who may describe the function."""

    id = "W9161"
    shortdesc = "Secret in an environment variable"
    description = "Lambda, ECS, Batch and CodeBuild show environment variables in the console and in their APIs"
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"
    tags: ClassVar[list[str]] = ["byoaws", "lambda", "secrets"]
    fix = "pass the ARN of a Secrets Manager secret, and read the secret at run time"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each variable that holds a secret."""
        for found in open_variables(cfn.template):
            yield self.mistake(found.path, found.message)
