"""Which expressions show a secret: what a stack's outputs, and other places that many can read, must not hold."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from byoaws.lint.worlds.expressions import is_no_echo
from byoaws.lint.worlds.intrinsics import is_intrinsic
from byoaws.lint.worlds.literals import SECRET_NAME, points_elsewhere
from byoaws.quickcreate.registration_token import PATTERN

_EXTERNAL_ID_NAME = re.compile(r"external_?id$", re.IGNORECASE)
# Of `ssm-secure` cfn-lint says (E1027) that AWS resolves it in a few properties only.
_SECRET_REFERENCE = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure):")
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
# Parameters that hold where a secret is. Source: CloudFormation user guide, parameter types.
_POINTER_TYPE = "AWS::SSM::Parameter::Name"
_ARN_PATTERN = re.compile(r"\^?\(?arn:")
# Attributes that are secrets. Source: the read-only properties of the CloudFormation registry's schemas.
_SECRET_ATTRIBUTES = frozenset(
    {
        ("AWS::AppSync::ApiKey", "ApiKey"),
        ("AWS::Cognito::UserPoolClient", "ClientSecret"),
        ("AWS::IAM::AccessKey", "SecretAccessKey"),
        ("AWS::ManagedBlockchain::Accessor", "BillingToken"),
    }
)
_Path = tuple[str | int, ...]
_Attribute = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A secret that an expression shows."""

    path: _Path
    """The part of the expression that shows it."""
    what: str
    """What secret it is, in words."""
    is_guess: bool = False
    """True if nothing but its name says that it is one."""


class Secrets:
    """What is secret in one template."""

    def __init__(
        self, template: Mapping[str, Any], *, secret: str = "", external_id: str = "", is_id_secret: bool = True
    ) -> None:
        """Read the template's parameters and resources.

        Args:
            template: A CloudFormation template.
            secret: The parameter that holds a secret, whatever its name.
            external_id: The parameter that holds the ExternalId, whatever its name.
            is_id_secret: Whether to tell of the ExternalId too, which is no secret but need not be shown around.
        """
        self._parameters = _section(template, "Parameters")
        self._resources = _section(template, "Resources")
        self._secret = secret
        self._external_id = external_id
        self._is_id_secret = is_id_secret

    def shown_by(self, expression: Any) -> list[str]:
        """Say what secrets `expression` shows, each once; empty where it shows none."""
        return [one.what for one in self.places(expression, ())]

    def places(self, expression: Any, path: _Path) -> list[Shown]:
        """Return what secrets `expression`, which stands at `path`, shows: each once, where it first does."""
        first: dict[str, Shown] = {}
        for shown in self._shown(expression, path, frozenset()):
            first.setdefault(shown.what, shown)
        return list(first.values())

    def _shown(self, expression: Any, path: _Path, seen: frozenset[_Attribute]) -> Iterator[Shown]:
        if isinstance(expression, str):
            if _SECRET_REFERENCE.search(expression):
                yield Shown(path=path, what="the value of a secret ('{{resolve:...}}')")
        elif isinstance(expression, list):
            for index, part in enumerate(expression):
                yield from self._shown(part, (*path, index), seen)
        elif isinstance(expression, Mapping):
            for name, argument in expression.items():
                # cfn-lint knows the lines of a list's items, and not those of `!Ref` within.
                below = path if is_intrinsic(name) and path and isinstance(path[-1], int) else (*path, name)
                yield from self._shown_by_intrinsic(name, argument, below, seen)

    def _shown_by_intrinsic(
        self, name: Any, argument: Any, path: _Path, seen: frozenset[_Attribute]
    ) -> Iterator[Shown]:
        if name == "Ref":
            yield from self._parameter(argument, path)
        elif name == "Fn::GetAtt":
            yield from self._attribute(*_attribute(argument), path, seen)
        else:
            yield from self._shown(argument, path, seen)
        if name == "Fn::Sub":
            for variable in _variables(argument):
                intrinsic = "Fn::GetAtt" if "." in variable else "Ref"
                yield from self._shown_by_intrinsic(intrinsic, variable, path, seen)

    def _parameter(self, name: Any, path: _Path) -> Iterator[Shown]:
        if not isinstance(name, str) or name not in self._parameters:
            return
        if name == self._external_id or _EXTERNAL_ID_NAME.search(name):
            if self._is_id_secret:
                yield Shown(path=path, what=f"the ExternalId (parameter '{name}')")
        elif is_no_echo(self._parameters[name]):
            yield Shown(path=path, what=f"the NoEcho parameter '{name}'")
        elif name == self._secret or is_secret_parameter(name, self._parameters[name]):
            yield Shown(path=path, what=f"the secret parameter '{name}'", is_guess=name != self._secret)

    def _attribute(self, name: str, attribute: str, path: _Path, seen: frozenset[_Attribute]) -> Iterator[Shown]:
        resource = self._resources.get(name)
        if (name, attribute) in seen or not isinstance(resource, Mapping):
            return
        kind = str(resource.get("Type", ""))
        custom = kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"
        if (kind, attribute) in _SECRET_ATTRIBUTES or (custom and SECRET_NAME.search(attribute)):
            yield Shown(path=path, what=f"the secret attribute '{name}.{attribute}'")
        # Many attributes give back the property of the same name, as an SSM parameter's Value does.
        properties = resource.get("Properties")
        if isinstance(properties, Mapping) and attribute in properties:
            for shown in self._shown(properties[attribute], (), seen | {(name, attribute)}):
                yield replace(shown, path=path)


def is_secret_parameter(name: str, parameter: Any) -> bool:
    """True for a parameter named like a secret, unless it holds where the secret is, or one for a single use."""
    if not SECRET_NAME.search(name) or not isinstance(parameter, Mapping):
        return False
    default, kind = parameter.get("Default"), str(parameter.get("Type", "String"))
    if kind == _POINTER_TYPE or is_one_time(parameter) or _ARN_PATTERN.match(str(parameter.get("AllowedPattern", ""))):
        return False
    is_pointer = isinstance(default, str) and default != "" and points_elsewhere(default)
    return not is_pointer or kind.startswith("AWS::SSM::Parameter::Value")


def is_one_time(parameter: Mapping[str, Any]) -> bool:
    """True for a parameter that takes nothing but a one-time token: it opens nothing once it was used."""
    return PATTERN.pattern in str(parameter.get("AllowedPattern", ""))


def _section(template: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = template.get(name)
    return found if isinstance(found, Mapping) else {}


def _attribute(argument: Any) -> tuple[str, str]:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts):
        return parts[0], parts[1]
    return "", ""


def _variables(argument: Any) -> Iterable[str]:
    """Names that an `Fn::Sub` takes from the template: not those it is given itself."""
    parts = argument if isinstance(argument, list) else [argument]
    text = parts[0] if parts and isinstance(parts[0], str) else ""
    given = parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    return [name for name in map(str.strip, _VARIABLE.findall(text)) if name not in given]
