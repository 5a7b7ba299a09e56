"""A template without its Mail Manager resources, which MiniStack's CloudFormation refuses, and what was taken out.

What the resources need of the rest of the stack (a role's ARN, a parameter's value, a condition) is asked of the stack
itself: it is given outputs of our own for them, so that CloudFormation's functions are evaluated by MiniStack.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from byoaws.errors import FakeAwsError
from byoaws.libyaml import load

PREFIX = "AWS::SES::MailManager"
ASKED = "ByoawsAsked"
"""Begin of the names of our own outputs."""
BETWEEN = "|byoaws|"
"""Between the items of a list in one of them: an output is a text."""
_NO_VALUE = {"Ref": "AWS::NoValue"}
_IN_SUB = re.compile(r"\$\{(!?)([^}]+)\}")
_SPLIT_HERE = ("Fn::Join", "Fn::Select", "Fn::Split", "Fn::If")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Stands for the value of one of our outputs."""

    name: str
    is_list: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was taken out; functions that concern nothing but the rest of the stack are `Asked`s."""

    resources: Mapping[str, Mapping[str, Any]]
    """By logical name, each after those that it names: `Type`, `Properties`, and `Condition` as an `Asked`."""
    outputs: Mapping[str, Any] = field(default_factory=dict)


def without_mail_manager(template: str) -> tuple[str, Taken | None]:
    """Return the template that MiniStack takes, and what was taken out; None where there was nothing.

    Raises:
        FakeAwsError: something else in the stack names a Mail Manager resource, so that it cannot be made before them.
    """
    if PREFIX not in template:
        return template, None
    document = load(template)
    resources = document["Resources"]
    out = {name: resources.pop(name) for name in [n for n, item in resources.items() if _is_ours(item)]}
    for name, item in resources.items():
        if found := set(_named(item)) & out.keys():
            raise FakeAwsError(f"'{name}' names '{min(found)}', which the embedded AWS makes after it")
    asking = _Asking(document, frozenset(out))
    made = {name: asking.resource(out[name]) for name in _ordered(out)}
    outputs = document.get("Outputs", {})
    ours = {name: outputs.pop(name) for name in [n for n, item in outputs.items() if set(_named(item)) & out.keys()]}
    taken = Taken(resources=made, outputs={name: asking.value(item["Value"]) for name, item in ours.items()})
    document["Outputs"] = {**outputs, **asking.outputs}
    return yaml.safe_dump(document, sort_keys=False), taken


def _is_ours(item: Mapping[str, Any]) -> bool:
    return str(item["Type"]).startswith(PREFIX)


def _named(value: Any) -> Iterator[str]:
    """Logical names in a value, of resources and of anything else."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key in ("Ref", "DependsOn"):
                yield from [item] if isinstance(item, str) else item
            elif key == "Fn::GetAtt":
                yield item.partition(".")[0] if isinstance(item, str) else item[0]
            elif key == "Fn::Sub":
                text = item if isinstance(item, str) else item[0]
                yield from (name.partition(".")[0] for no, name in _IN_SUB.findall(text) if not no)
                yield from _named([] if isinstance(item, str) else item[1:])
            else:
                yield from _named(item)


def _ordered(out: Mapping[str, Any]) -> list[str]:
    """Each after those that it names."""
    done: list[str] = []

    def add(name: str) -> None:
        for other in _named(out[name]):
            if other in out and other not in done and other != name:
                add(other)
        if name not in done:
            done.append(name)

    for name in out:
        add(name)
    return done


class _Asking:
    """Turns functions into outputs of the stack."""

    def __init__(self, document: Mapping[str, Any], ours: frozenset[str]) -> None:
        self._parameters: Mapping[str, Any] = document.get("Parameters", {})
        self._ours = ours
        self.outputs: dict[str, Any] = {}

    def resource(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """A resource, its properties with `Asked`s."""
        made = {"Type": item["Type"], "Properties": self.value(item.get("Properties", {}))}
        return made | ({"Condition": self._condition(item["Condition"])} if "Condition" in item else {})

    def value(self, value: Any) -> Any:
        """A value with `Asked`s."""
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, Mapping) or value == _NO_VALUE:
            return value
        if len(value) == 1 and (name := next(iter(value))) in ("Ref", "Fn::GetAtt", "Fn::Sub", *_SPLIT_HERE):
            return self._function(name, value)
        return {key: self.value(item) for key, item in value.items()}

    def _function(self, name: str, value: Mapping[str, Any]) -> Any:
        if name == "Fn::If":
            condition, yes, no = value[name]
            return {name: [self._condition(condition), self.value(yes), self.value(no)]}
        if not set(_named(value)) & self._ours:
            return self._ask(value)
        if name == "Fn::Sub":
            return self.value(_as_join(value[name]))
        if name in _SPLIT_HERE:
            return {name: self.value(value[name])}
        return dict(value)

    def _condition(self, name: str) -> Asked:
        return self._ask({"Fn::If": [name, "yes", "no"]})

    def _ask(self, value: Mapping[str, Any]) -> Asked:
        asked = Asked(name=f"{ASKED}{len(self.outputs)}", is_list=self._is_list(value))
        self.outputs[asked.name] = {"Value": {"Fn::Join": [BETWEEN, value]} if asked.is_list else value}
        return asked

    def _is_list(self, value: Mapping[str, Any]) -> bool:
        kind = self._parameters.get(value.get("Ref", ""), {}).get("Type", "")
        return "Fn::Split" in value or kind.startswith(("CommaDelimitedList", "List<"))


def _as_join(sub: Any) -> dict[str, Any]:
    """`Fn::Sub` as `Fn::Join` of its pieces."""
    text, values = (sub, {}) if isinstance(sub, str) else sub
    pieces: list[Any] = []
    end = 0
    for found in _IN_SUB.finditer(text):
        pieces.append(text[end : found.start()])
        end = found.end()
        literal, name = found.groups()
        if literal:
            pieces.append(f"${{{name}}}")
        elif name in values:
            pieces.append(values[name])
        else:
            resource, dot, attribute = name.partition(".")
            pieces.append({"Fn::GetAtt": [resource, attribute]} if dot else {"Ref": name})
    return {"Fn::Join": ["", [piece for piece in [*pieces, text[end:]] if piece != ""]]}
