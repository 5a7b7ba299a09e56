"""Resources of a template that cannot be made in the region that a Quick-Create link opens."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from byoaws.lint.quick_create.link_values import LinkMistake
from byoaws.regions import has_mail_manager, receives

_Elsewhere = tuple[str, Callable[[str], bool], str, str]
_KINDS: tuple[_Elsewhere, ...] = (
    (
        "AWS::SES::Receipt",
        receives,
        "SES receives no mail by receipt rules",
        "link to a region that can, such as eu-central-1 or us-east-1, or use Mail Manager",
    ),
    (
        "AWS::SES::MailManager",
        has_mail_manager,
        "there is no Mail Manager",
        "link to a region that has it, such as eu-central-1 or us-east-1",
    ),
)


def region_mistakes(region: str, template: Mapping[str, Any]) -> Iterator[LinkMistake]:
    """Yield one mistake for each kind of resource that `region` does not have; one under a Condition may be none."""
    resources = template.get("Resources")
    declared = resources.values() if isinstance(resources, Mapping) else ()
    types = [str(one.get("Type")) for one in declared if isinstance(one, Mapping) and "Condition" not in one]
    for prefix, is_in, what, fix in _KINDS:
        if any(kind.startswith(prefix) for kind in types) and not is_in(region):
            yield LinkMistake(message=f"the link opens region '{region}', where {what}", fix=fix)
