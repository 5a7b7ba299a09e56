"""CloudFormation's intrinsic functions: what each comes to in one world.

A function whose outcome only a deployed stack knows comes to an opaque stand-in.
"""

import contextlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from byoaws.lint.worlds.expressions import NOTHING, OWN_ACCOUNT, Undecidable, arguments, canonical, text

_PSEUDO = {
    "AWS::AccountId": OWN_ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": NOTHING,
}
# Resources whose ARN lies in the stack's own account: type to (attribute that is the ARN, resource part).
_OWN_ARNS = {
    "AWS::IAM::Role": ("Arn", "role"),
    "AWS::IAM::User": ("Arn", "user"),
    "AWS::IAM::OIDCProvider": ("Ref", "oidc-provider"),
    "AWS::IAM::SAMLProvider": ("Ref", "saml-provider"),
}
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Values(Protocol):
    """What an intrinsic needs of the world that it is evaluated in."""

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section of the template."""

    def value(self, expression: Any) -> Any:
        """Return what an expression comes to."""

    def parameter(self, name: str) -> Any:
        """Return a parameter's value."""

    def condition(self, name: Any) -> bool:
        """Say whether a condition holds."""

    def opaque(self, expression: Any) -> str:
        """Return the stand-in for an expression."""

    def pick(self, question: tuple[str, str], options: list[Any]) -> Any:
        """Answer a question by one of its options."""


def evaluate(world: Values, name: str, argument: Any) -> Any:
    """Return what the intrinsic `name` comes to.

    Raises:
        Undecidable: a macro, or an intrinsic that is not written as CloudFormation wants it.
    """
    refuse_macros({name: argument})
    known = _INTRINSICS.get(name)
    return known(world, argument) if known else world.opaque({name: argument})


def refuse_macros(found: Mapping[Any, Any]) -> None:
    """Refuse a mapping that a macro adds to: what it puts there may take the place of what stands there.

    Raises:
        Undecidable: there is one among the keys.
    """
    for key in found:
        if str(key).startswith(("Fn::Transform", "Fn::ForEach")):
            raise Undecidable(f"'{key}' can put anything there")


def is_intrinsic(name: Any) -> bool:
    """True for the key of an intrinsic function."""
    return isinstance(name, str) and (name == "Ref" or name.startswith("Fn::"))


def branch(world: Values, argument: Any) -> tuple[int, Any]:
    """Return which branch of an `Fn::If` is taken, 1 or 2, and what stands there."""
    name, *branches = arguments(argument, "Fn::If", 3)
    taken = 1 if world.condition(name) else 2
    return taken, branches[taken - 1]


def _ref(world: Values, name: Any) -> Any:
    if not isinstance(name, str):
        raise Undecidable("a 'Ref' that is not written as CloudFormation wants it")
    if name in _PSEUDO:
        return _PSEUDO[name]
    if isinstance(world.section("Parameters").get(name), Mapping):
        return world.parameter(name)
    return _own_arn(world, name, "Ref") or world.opaque({"Ref": name})


def _get_att(world: Values, argument: Any) -> Any:
    name, attribute = arguments(argument.split(".", 1) if isinstance(argument, str) else argument, "Fn::GetAtt", 2)
    return _own_arn(world, name, attribute) or world.opaque({"Fn::GetAtt": [name, attribute]})


def _own_arn(world: Values, name: Any, attribute: Any) -> str | None:
    resource = world.section("Resources").get(name) if isinstance(name, str) else None
    kind = resource.get("Type") if isinstance(resource, Mapping) else None
    wanted, part = _OWN_ARNS.get(kind, (None, "")) if isinstance(kind, str) else (None, "")
    if wanted is None or attribute != wanted:
        return None
    return f"arn:aws:iam::{OWN_ACCOUNT}:{part}/{world.opaque({'Ref': name})}"


def _sub(world: Values, argument: Any) -> Any:
    template, given = (argument, {}) if isinstance(argument, str) else arguments(argument, "Fn::Sub", 2)
    if not isinstance(template, str) or not isinstance(given, Mapping):
        raise Undecidable("an 'Fn::Sub' that is not written as CloudFormation wants it")

    def replace(found: re.Match[str]) -> str:
        name = found.group(1).strip()
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in given:
            return _in_text(world, given[name])
        return _in_text(world, {"Fn::GetAtt": name} if "." in name else {"Ref": name})

    return world.value(_VARIABLE.sub(replace, template))


def _in_text(world: Values, expression: Any) -> str:
    found = world.value(expression)
    if found is NOTHING:
        return ""
    return world.opaque(expression) if isinstance(found, list | dict) else text(found)


def _join(world: Values, argument: Any) -> str:
    delimiter, parts = arguments(argument, "Fn::Join", 2)
    found = world.value(parts)
    if not isinstance(found, list) or not isinstance(delimiter, str):
        return world.opaque({"Fn::Join": argument})
    return str(world.value(delimiter.join(text(part) for part in found)))


def _select(world: Values, argument: Any) -> Any:
    index, source = arguments(argument, "Fn::Select", 2)
    items = world.value(source)
    with contextlib.suppress(TypeError, ValueError, IndexError):
        if isinstance(items, list) and int(index) >= 0:
            return items[int(index)]
    return world.opaque({"Fn::Select": argument})


def _split(world: Values, argument: Any) -> Any:
    delimiter, source = arguments(argument, "Fn::Split", 2)
    whole = world.value(source)
    if isinstance(whole, str) and isinstance(delimiter, str) and delimiter:
        return whole.split(delimiter)
    return world.opaque({"Fn::Split": argument})


def _if(world: Values, argument: Any) -> Any:
    return world.value(branch(world, argument)[1])


def _find_in_map(world: Values, argument: Any) -> Any:
    """Any value that the mapping can give: a key that is not literal stands for every key."""
    keys = arguments(argument, "Fn::FindInMap", 3, 4)
    level: list[Any] = [world.section("Mappings")]
    for key in keys[:3]:
        level = [
            value
            for entries in level
            if isinstance(entries, Mapping)
            for name, value in entries.items()
            if not isinstance(key, str) or name == key
        ]
    given = keys[3] if len(keys) == 4 and isinstance(keys[3], Mapping) else {}
    fallback = [given["DefaultValue"]] if "DefaultValue" in given else []
    options = {canonical(value): value for value in [*level, *fallback]}
    picked = world.pick(("mapping", canonical(argument)), list(options) or [""])
    return world.value(options[picked]) if picked in options else world.opaque({"Fn::FindInMap": argument})


_INTRINSICS: dict[str, Callable[[Values, Any], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
}
