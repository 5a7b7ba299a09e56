"""In what order CloudFormation makes a template's resources: what surely exists before what."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_VARIABLE = re.compile(r"\$\{\s*([^!}\s][^}]*?)\s*\}")


def mentions(expression: Any) -> Iterator[str]:
    """Yield the names that an expression refers to by `Ref`, `Fn::GetAtt` or `Fn::Sub`, in any branch."""
    if isinstance(expression, list):
        for part in expression:
            yield from mentions(part)
    elif isinstance(expression, Mapping):
        for key, argument in expression.items():
            yield from _named_by(key, argument)


def _named_by(key: Any, argument: Any) -> Iterator[str]:
    if key == "Ref" and isinstance(argument, str):
        yield argument
    elif key == "Fn::GetAtt":
        first = argument[0] if isinstance(argument, list) and argument else argument
        if isinstance(first, str):
            yield first.split(".")[0]
    else:
        if key == "Fn::Sub":
            yield from _named_in_text(argument)
        yield from mentions(argument)


def _named_in_text(argument: Any) -> Iterator[str]:
    parts = argument if isinstance(argument, list) else [argument]
    given = parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    if parts and isinstance(parts[0], str):
        for name in _VARIABLE.findall(parts[0]):
            if name not in given:
                yield name.split(".")[0]


class Order:
    """Which resource waits for which."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        section = template.get("Resources")
        resources = section if isinstance(section, Mapping) else {}
        self._waits = {
            name: {other for other in _waits_for(resource) if other in resources}
            for name, resource in resources.items()
        }

    def before(self, name: str) -> set[str]:
        """Return all resources that are complete before `name` is begun; itself too if they go round in a circle."""
        found: set[str] = set()
        pending = [name]
        while pending:
            for other in self._waits.get(pending.pop(), ()):
                if other not in found:
                    found.add(other)
                    pending.append(other)
        return found

    def is_circular(self, name: str) -> bool:
        """True if `name` waits for itself: CloudFormation refuses the template."""
        return name in self.before(name)


def _waits_for(resource: Any) -> Iterable[str]:
    if not isinstance(resource, Mapping):
        return ()
    listed = resource.get("DependsOn", [])
    depends = [one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, str)]
    return (*depends, *mentions({key: resource[key] for key in ("Properties", "Metadata") if key in resource}))
