"""What a secret in the Quick-Create link costs."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from byoaws.lint.expressions import is_no_echo
from byoaws.lint.rule import OurRule


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
        }

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a remark if the link carries the secret in plain text."""
        parameters = cfn.template.get("Parameters")
        name = self.config.get("secret", "")
        if name not in self.config.get("prefilled", []) or not isinstance(parameters, Mapping):
            return
        if name in parameters and not is_no_echo(parameters[name]):
            message = (
                f"the link carries the secret '{name}' in plain text: it stays in browser history and wherever the "
                "link was sent, and DescribeStacks shows it to everyone who may call it in the customer's account"
            )
            yield self.mistake(["Parameters", name], message)
