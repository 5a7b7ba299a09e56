"""A secret, or the ExternalId, among the stack's outputs."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule
from byoaws.lint.secrets.disclosure import Secrets


class SecretInOutputs(OurRule):
    """Outputs are readable by everyone who may describe the stack, and are never masked."""

    id = "E9102"
    shortdesc = "Secret or ExternalId in Outputs"
    description = "CloudFormation shows outputs in plain text, also where they hold a NoEcho parameter"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"
    tags: ClassVar[list[str]] = ["byoaws", "outputs", "secrets"]
    fix = "take the output out; where the vendor needs a secret, output the ARN of the Secrets Manager secret instead"

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {
            "secret": {"default": "", "type": "string"},
            "external_id": {"default": "", "type": "string"},
        }

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each secret that an output shows."""
        outputs = cfn.template.get("Outputs")
        if not isinstance(outputs, Mapping):
            return
        known = {key: self.config.get(key, "") for key in ("secret", "external_id")}
        secrets = Secrets(cfn.template, **known)
        for name, output in outputs.items():
            parts = output if isinstance(output, Mapping) else {}
            for key in ("Value", "Export"):
                for what in secrets.shown_by(parts.get(key)):
                    message = f"output '{name}' shows {what} to everyone who may describe the stack"
                    yield self.mistake(["Outputs", name, key], message, folds=["Outputs", name, key])
