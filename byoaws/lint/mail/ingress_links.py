"""What an ingress point refers to: its traffic policy and its rule set."""

from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.mail.ingress_points import INGRESS_POINT
from byoaws.lint.worlds.references import referred
from byoaws.lint.worlds.walk import Mistake, Spot, mistakes_in, named

# Property to the type of resource it names; the attribute that is the id is called as the property is.
_LINKS = {
    "TrafficPolicyId": "AWS::SES::MailManagerTrafficPolicy",
    "RuleSetId": "AWS::SES::MailManagerRuleSet",
}


def wrong_links(template: Mapping[str, Any]) -> list[Mistake]:
    """Find ids that are written out beside the resource that is meant, and references to something else."""

    def look(name: str, properties: Spot) -> Iterator[Mistake]:
        for key, type_ in _LINKS.items():
            spot, there = properties.at(key), named(template, type_)
            if isinstance(spot.written, str) and there and "{{resolve:" not in spot.written:
                yield Mistake(
                    path=spot.path,
                    message=(
                        f"ingress point '{name}' has '{key}' written out, and the template makes '{there[0]}': "
                        "nothing says that it must be made first, or that it is meant"
                    ),
                    fix=f"write '!Ref {there[0]}'",
                )
            yield from _wrong_reference(template, spot, key, type_)

    return mistakes_in(template, [INGRESS_POINT], look)


def _wrong_reference(template: Mapping[str, Any], spot: Spot, key: str, type_: str) -> Iterator[Mistake]:
    name, attribute = referred(spot.written)
    resource = spot.world.section("Resources").get(name)
    actual = str(resource.get("Type", "")) if isinstance(resource, Mapping) else ""
    there = named(template, type_)
    fix = f"write '!Ref {there[0]}'" if there else f"refer to a resource of type {type_}"
    if actual.startswith("AWS::SES::") and actual != type_:
        message = f"'{key}' refers to '{name}', which is of type {actual}"
        yield Mistake(path=spot.path, message=message, fix=fix, severity="error")
    elif actual == type_ and attribute == f"{key.removesuffix('Id')}Arn":
        # Of an attribute that there is not cfn-lint tells (E1010).
        message = f"'{key}' is the {attribute} of '{name}', not its id"
        yield Mistake(path=spot.path, message=message, fix=f"write '!Ref {name}'", severity="error")
