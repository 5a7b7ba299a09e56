"""A Quick-Create link that the console refuses, or silently changes."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class QuickCreateLink(OurRule):
    """Nobody is told what the console makes of a link; the customer sees an error, or empty fields."""

    id = "E9121"
    shortdesc = "Quick-Create link that does not work"
    description = "A link must name a template in S3, a stack name and values that CloudFormation takes, all encoded"
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
        "cfn-console-create-stacks-quick-create-links.html"
    )
    tags: ClassVar[list[str]] = ["byoaws", "link"]
    fix = "let 'byoaws link' write it"

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {
            "url": {"default": "", "type": "string"},
            "external_id": {"default": "", "type": "string"},
        }

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each fault of the link: at the parameter that it is about, else at the top."""
        url = self.config.get("url", "")
        if not url:
            return
        from byoaws.lint.quick_create.links import link_mistakes

        parameters = cfn.template.get("Parameters")
        known = parameters if isinstance(parameters, Mapping) else {}
        for found in link_mistakes(url, cfn.template, external_id_name=self.config.get("external_id", "")):
            path = ["Parameters", found.parameter] if found.parameter and found.parameter in known else []
            yield self.mistake(path, found.message, fix=found.fix, severity=found.severity)
