"""A parameter that the Quick-Create link pre-fills in vain."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule
from byoaws.lint.worlds.expressions import is_no_echo


class LinkParameters(OurRule):
    """CloudFormation ignores what a link says about parameters that are NoEcho, or that the template lacks."""

    id = "E9103"
    shortdesc = "Link pre-fills a parameter in vain"
    description = "CloudFormation ignores, without a word, link parameters that are NoEcho or not in the template"
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
        "cfn-console-create-stacks-quick-create-links.html"
    )
    tags: ClassVar[list[str]] = ["byoaws", "parameters", "link"]
    fix = "give the template and the vendor file the same parameter names, and pre-fill none that is NoEcho"

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {
            "prefilled": {"default": [], "type": "list", "itemtype": "string"},
            "url": {"default": "", "type": "string"},
        }

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each parameter of the link that would be ignored."""
        from byoaws.lint.quick_create.links import link_parameters

        section = cfn.template.get("Parameters")
        parameters = section if isinstance(section, Mapping) else {}
        spelt = {name.lower(): name for name in parameters if isinstance(name, str)}
        for wanted in dict.fromkeys([*self.config.get("prefilled", []), *link_parameters(self.config.get("url", ""))]):
            actual = spelt.get(wanted.lower())
            if wanted in parameters:
                if is_no_echo(parameters[wanted]):
                    yield self._no_echo(wanted)
            elif actual is None:
                yield self._missing(wanted, ["Parameters"] if parameters else [])
            else:
                yield self._miscased(wanted, actual)

    def _no_echo(self, name: str) -> Any:
        message = f"the link pre-fills '{name}', which is NoEcho: CloudFormation ignores it and shows an empty field"
        fix = "take NoEcho away, or leave the parameter out of the link ('webhook_secret: generated' needs neither)"
        return self.mistake(["Parameters", name], message, fix=fix)

    def _missing(self, name: str, path: list[str | int]) -> Any:
        message = f"the link pre-fills '{name}', which the template does not have: CloudFormation ignores it"
        return self.mistake(path, message, fix=f"declare the parameter '{name}', or take it out of the link")

    def _miscased(self, wanted: str, actual: str) -> Any:
        message = f"the link spells parameter '{actual}' as '{wanted}': case matters, so CloudFormation ignores it"
        return self.mistake(["Parameters", actual], message, fix=f"spell it '{wanted}' in both places")
