"""Which expressions show a secret: what a stack's outputs must not hold."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from byoaws.lint.expressions import is_no_echo

_SECRET_NAME = re.compile(
    r"(secret|password|passwd|passphrase|token|api_?key|private_?key|signing_?key|access_?key|credentials?)"
    r"(_?(value|string|key))?$",
    re.IGNORECASE,
)
_EXTERNAL_ID_NAME = re.compile(r"external_?id$", re.IGNORECASE)
_SECRET_REFERENCE = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure):")
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
# Attributes that are secrets. Source: the read-only properties of the CloudFormation registry's schemas.
_SECRET_ATTRIBUTES = frozenset(
    {
        ("AWS::AppSync::ApiKey", "ApiKey"),
        ("AWS::Cognito::UserPoolClient", "ClientSecret"),
        ("AWS::IAM::AccessKey", "SecretAccessKey"),
        ("AWS::ManagedBlockchain::Accessor", "BillingToken"),
    }
)


class Secrets:
    """What is secret in one template."""

    def __init__(self, template: Mapping[str, Any], *, secret: str = "", external_id: str = "") -> None:
        self._parameters = _section(template, "Parameters")
        self._resources = _section(template, "Resources")
        self._secret = secret
        self._external_id = external_id

    def shown_by(self, expression: Any) -> list[str]:
        """Say what secrets `expression` shows, each once; empty where it shows none."""
        return list(dict.fromkeys(self._shown(expression, frozenset())))

    def _shown(self, expression: Any, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        if isinstance(expression, str):
            if _SECRET_REFERENCE.search(expression):
                yield "the value of a secret ('{{resolve:...}}')"
        elif isinstance(expression, list):
            for part in expression:
                yield from self._shown(part, seen)
        elif isinstance(expression, Mapping):
            for name, argument in expression.items():
                yield from self._shown_by_intrinsic(name, argument, seen)

    def _shown_by_intrinsic(self, name: Any, argument: Any, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        if name == "Ref":
            yield from self._parameter(argument)
        elif name == "Fn::GetAtt":
            yield from self._attribute(*_attribute(argument), seen)
        else:
            yield from self._shown(argument, seen)
        if name == "Fn::Sub":
            for variable in _variables(argument):
                intrinsic = "Fn::GetAtt" if "." in variable else "Ref"
                yield from self._shown_by_intrinsic(intrinsic, variable, seen)

    def _parameter(self, name: Any) -> Iterator[str]:
        if not isinstance(name, str) or name not in self._parameters:
            return
        if name == self._external_id or _EXTERNAL_ID_NAME.search(name):
            yield f"the ExternalId (parameter '{name}')"
        elif is_no_echo(self._parameters[name]):
            yield f"the NoEcho parameter '{name}'"
        elif name == self._secret or _SECRET_NAME.search(name):
            yield f"the secret parameter '{name}'"

    def _attribute(self, name: str, attribute: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        resource = self._resources.get(name)
        if (name, attribute) in seen or not isinstance(resource, Mapping):
            return
        kind = str(resource.get("Type", ""))
        custom = kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"
        if (kind, attribute) in _SECRET_ATTRIBUTES or (custom and _SECRET_NAME.search(attribute)):
            yield f"the secret attribute '{name}.{attribute}'"
        # Many attributes give back the property of the same name, as an SSM parameter's Value does.
        properties = resource.get("Properties")
        if isinstance(properties, Mapping) and attribute in properties:
            yield from self._shown(properties[attribute], seen | {(name, attribute)})


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
