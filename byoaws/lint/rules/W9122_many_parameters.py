"""More parameters than a customer should see."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class ManyParameters(OurRule):
    """A Quick-Create page is one screen of fields; each that is empty is a question to the customer."""

    id = "W9122"
    shortdesc = "More parameters than a customer should see"
    description = "A link should leave at most 3 parameters to the customer, and show more than 15 in groups only"
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
        "cfn-console-create-stacks-quick-create-links.html"
    )
    tags: ClassVar[list[str]] = ["byoaws", "parameters", "link"]
    fix = "give parameters a Default, or pre-fill them in the link"

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {
            "prefilled": {"default": [], "type": "list", "itemtype": "string"},
            "external_id": {"default": "", "type": "string"},
            "url": {"default": "", "type": "string"},
        }

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield one finding, where a link is known."""
        parameters = cfn.template.get("Parameters")
        url, prefilled = self.config.get("url", ""), self.config.get("prefilled", [])
        if not (url or prefilled or self.config.get("external_id", "")) or not isinstance(parameters, Mapping):
            return
        from byoaws.lint.quick_create.crowd import crowd

        found = crowd(cfn.template, [*prefilled], url)
        if found:
            yield self.mistake(["Parameters"], found.message, fix=found.fix)
