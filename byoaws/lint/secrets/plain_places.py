"""Places that everybody who may describe a resource can read: what must hold no secret."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.secrets.disclosure import Secrets, Shown
from byoaws.lint.worlds.expressions import is_single
from byoaws.lint.worlds.literals import is_secret
from byoaws.lint.worlds.walk import Mistake, Path, named

_EACH = "*"
# Properties that set environment variables. Source: the CloudFormation registry's schemas.
_ENVIRONMENTS: Mapping[str, tuple[str, ...]] = {
    "AWS::Lambda::Function": ("Environment", "Variables"),
    "AWS::Serverless::Function": ("Environment", "Variables"),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions", _EACH, "Environment"),
    "AWS::Batch::JobDefinition": ("ContainerProperties", "Environment"),
    "AWS::CodeBuild::Project": ("Environment", "EnvironmentVariables"),
    "AWS::AppRunner::Service": (
        "SourceConfiguration",
        "ImageRepository",
        "ImageConfiguration",
        "RuntimeEnvironmentVariables",
    ),
}
_READABLE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "AWS::SSM::Parameter": (("Value",),),
    "AWS::StepFunctions::StateMachine": (("DefinitionString",), ("Definition",), ("DefinitionSubstitutions",)),
    "AWS::EC2::Instance": (("UserData",),),
    "AWS::EC2::LaunchTemplate": (("LaunchTemplateData", "UserData"),),
    "AWS::AutoScaling::LaunchConfiguration": (("UserData",),),
    "AWS::ApiGateway::Stage": (("Variables",),),
    "AWS::ApiGatewayV2::Stage": (("StageVariables",),),
    "AWS::Events::Rule": (("Targets", _EACH, "Input"),),
    "AWS::Glue::Job": (("DefaultArguments",),),
}
_READABLE_OF_ALL = (("Tags",), ("Description",))
# CodeBuild's types of variable whose value says where the secret is.
_POINTERS = ("SECRETS_MANAGER", "PARAMETER_STORE")
_SPEAKS_OF_SECRET = re.compile(r"(arn|name|id|path|url|uri|ref|location)s?$", re.IGNORECASE)
_SECURE_STRING = "{{resolve:ssm-secure:"


def open_variables(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the environment variables that hold a secret: one mistake per variable."""
    secrets = Secrets(template, is_id_secret=False)
    found = []
    for name in named(template, *_ENVIRONMENTS):
        body = template["Resources"][name]
        for path, holder in below(body, ("Resources", name), ("Properties", *_ENVIRONMENTS[body["Type"]])):
            for place, variable, value in _variables(holder, path):
                what = _variable_shows(secrets, variable, value, place)
                if what:
                    message = f"environment variable '{variable}' of '{name}' shows {what.what}"
                    found.append(Mistake(path=what.path, message=message))
    return found


def _variables(holder: Any, path: Path) -> Iterator[tuple[Path, str, Any]]:
    """Yield place, name and value of each variable, from a mapping or from a list of pairs."""
    if isinstance(holder, Mapping):
        for name, value in holder.items():
            yield (*path, name), str(name), value
    elif isinstance(holder, list):
        for index, item in enumerate(holder):
            for place, pair in below(item, (*path, index), ()):
                if (
                    isinstance(pair, Mapping)
                    and isinstance(pair.get("Name"), str)
                    and pair.get("Type") not in _POINTERS
                ):
                    yield (*place, "Value"), pair["Name"], pair.get("Value")


def _variable_shows(secrets: Secrets, name: str, value: Any, path: Path) -> Shown | None:
    if isinstance(value, str) and is_secret(name, value):
        return Shown(path=path, what="a secret that is written out")
    is_pointer = is_single(value) and "Ref" in value and _SPEAKS_OF_SECRET.search(name)
    return next((shown for shown in shown_at(secrets, value, path) if not (shown.is_guess and is_pointer)), None)


def open_properties(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the other properties that show a secret to everybody who may describe the resource."""
    secrets = Secrets(template, is_id_secret=False)
    resources = template.get("Resources")
    found = []
    for name, body in resources.items() if isinstance(resources, Mapping) else ():
        kind = body.get("Type") if isinstance(body, Mapping) else None
        for wanted in (*_READABLE.get(str(kind), ()), *_READABLE_OF_ALL):
            for path, value in below(body, ("Resources", name), ("Properties", *wanted)):
                for shown in shown_at(secrets, value, path):
                    message = f"{wanted[0]} of '{name}' shows {shown.what} to everybody who may describe it"
                    found.append(Mistake(path=shown.path, message=message))
    return found


def shown_at(secrets: Secrets, value: Any, path: Path) -> list[Shown]:
    """Return the secrets that a value shows, but for those that AWS refuses to put there."""
    if isinstance(value, str) and _SECURE_STRING in value:
        return []
    return secrets.places(value, path)


def below(expression: Any, path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[Path, Any]]:
    """Yield what stands at `wanted` below an expression, in every branch of `Fn::If`; `*` is each item of a list."""
    if isinstance(expression, Mapping) and "Fn::If" in expression:
        branches = expression["Fn::If"]
        for taken in (1, 2):
            if isinstance(branches, list) and len(branches) > taken:
                yield from below(branches[taken], (*path, "Fn::If", taken), wanted)
        return
    if not wanted:
        yield path, expression
        return
    key, *rest = wanted
    if key == _EACH and isinstance(expression, list):
        for index, item in enumerate(expression):
            yield from below(item, (*path, index), tuple(rest))
    elif isinstance(expression, Mapping) and key in expression:
        yield from below(expression[key], (*path, key), tuple(rest))
