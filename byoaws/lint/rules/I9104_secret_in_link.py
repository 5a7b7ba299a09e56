"""What a secret in the Quick-Create link costs."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule
from byoaws.lint.worlds.expressions import is_no_echo


class SecretInLink(OurRule):
    """A secret can be hidden or pre-filled, not both."""

    id = "I9104"
    shortdesc = "Secret in the link"
    description = "A link can pre-fill a secret only if the parameter is not NoEcho, so the secret is plain to see"
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
        "cfn-console-create-stacks-quick-create-links.html"
    )
    tags: ClassVar[list[str]] = ["byoaws", "parameters", "link", "secrets"]
    fix = "set 'webhook_secret: generated' in the vendor file: the stack then makes the secret itself"

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {
            "prefilled": {"default": [], "type": "list", "itemtype": "string"},
            "secret": {"default": "", "type": "string"},
            "url": {"default": "", "type": "string"},
        }

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a remark for each secret that the link carries in plain text."""
        from byoaws.lint.quick_create.links import link_parameters, secrets_in
        from byoaws.lint.secrets.disclosure import is_one_time

        parameters = cfn.template.get("Parameters")
        known, url = self.config.get("secret", ""), self.config.get("url", "")
        named = [known] if known in [*self.config.get("prefilled", []), *link_parameters(url)] else []
        for name in dict.fromkeys([*named, *secrets_in(url)]):
            if isinstance(parameters, Mapping) and name in parameters and not is_no_echo(parameters[name]):
                if isinstance(parameters[name], Mapping) and is_one_time(parameters[name]):
                    continue
                message = (
                    f"the link carries the secret '{name}' in plain text: it stays in browser history and wherever the "
                    "link was sent, and DescribeStacks shows it to everyone who may call it in the customer's account"
                )
                yield self.mistake(["Parameters", name], message)
