"""ARNs whose partition is written out: `arn:aws:` is another thing in GovCloud, China and the European Sovereign Cloud.

Left alone is what says its partition on purpose: a branch of an `Fn::If` on the partition or region, a list that names
the same thing in several partitions, and an ARN with region *and* account, as that thing exists there only. Source code
is no property of AWS's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.lint.policies.statements import Path

_ARN = re.compile(r"(?<![\w:}])arn:(?P<partition>aws(?:-[a-z]+)*):(?P<rest>[^\s\"']*)")
# After the partition: service, a literal region and an account.
_SOMEWHERE = re.compile(r"[a-z0-9-]+:[a-z]{2,4}(?:-[a-z]+)+-\d:\d{12}:")
_CODE = frozenset({"ZipFile", "InlineCode", "UserData", "Metadata", "Description"})
_PLACE = ("AWS::Partition", "AWS::Region", "AWS::URLSuffix")


@dataclass(frozen=True, slots=True, kw_only=True)
class HardPartition:
    """A text with an ARN whose partition is written out."""

    path: Path
    arn: str
    mended: str
    """How it begins when it is right."""


def hard_partitions(template: Mapping[str, Any]) -> Iterator[HardPartition]:
    """Find them in the properties of resources and in the outputs: one for each text, where it stands."""
    telling = _conditions_on_place(template.get("Conditions"))
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        if isinstance(resource, Mapping):
            yield from _walk(resource.get("Properties"), ("Resources", name, "Properties"), telling)
    outputs = template.get("Outputs")
    for name, output in outputs.items() if isinstance(outputs, Mapping) else ():
        if isinstance(output, Mapping):
            yield from _walk(output.get("Value"), ("Outputs", name, "Value"), telling)


def _walk(node: Any, path: Path, telling: frozenset[str]) -> Iterator[HardPartition]:
    if isinstance(node, str):
        # cfn-lint knows no line of an intrinsic's name, but of the intrinsic.
        where = path[: path.index("Fn::Sub")] if "Fn::Sub" in path[-2:] else path
        yield from _in_text(node, where)
    elif isinstance(node, list):
        if not _names_several(node):
            for index, item in enumerate(node):
                yield from _walk(item, (*path, index), telling)
    elif isinstance(node, Mapping):
        for key, item in node.items():
            decides = key == "Fn::If" and isinstance(item, list) and item and item[0] in telling
            if key not in _CODE and not decides:
                yield from _joined(key, item, (*path, key))
                yield from _walk(item, (*path, key), telling)


def _in_text(text: str, path: Path) -> Iterator[HardPartition]:
    for found in _ARN.finditer(text):
        if not _SOMEWHERE.match(found["rest"]):
            arn = found.group() if len(found.group()) <= 80 else found.group()[:77] + "..."
            yield HardPartition(path=path, arn=arn, mended="arn:${AWS::Partition}:" + found["rest"].split(":")[0])
            return


def _joined(key: Any, item: Any, path: Path) -> Iterator[HardPartition]:
    """Find `!Join [":", [arn, aws, s3, ...]]`."""
    parts = item[1] if key == "Fn::Join" and isinstance(item, list) and len(item) == 2 and item[0] == ":" else []
    if isinstance(parts, list) and len(parts) > 2 and parts[0] == "arn" and parts[1] in ("aws", "aws-cn", "aws-us-gov"):
        service = parts[2] if isinstance(parts[2], str) else "SERVICE"
        yield HardPartition(
            path=(*path, 1, 1), arn=f"arn:{parts[1]}:{service}", mended="arn:${AWS::Partition}:" + service
        )


def _names_several(items: list[Any]) -> bool:
    """True for a list that names one thing in several partitions."""
    texts = [next(iter(item.values())) if isinstance(item, Mapping) and len(item) == 1 else item for item in items]
    found = [match for text in texts if isinstance(text, str) and (match := _ARN.match(text))]
    partitions: dict[str, set[str]] = {}
    for one in found:
        partitions.setdefault(one["rest"], set()).add(one["partition"])
    return bool(found) and all(len(names) > 1 for names in partitions.values())


def _conditions_on_place(conditions: Any) -> frozenset[str]:
    """Return the names of the conditions that ask where the stack is made, also by way of others."""
    found: set[str] = set()
    listed = conditions if isinstance(conditions, Mapping) else {}
    for _ in listed:
        known = len(found)
        found |= {name for name, one in listed.items() if _asks_place(one, found)}
        if len(found) == known:
            break
    return frozenset(found)


def _asks_place(node: Any, known: set[str]) -> bool:
    if isinstance(node, Mapping):
        return any(
            (key == "Ref" and item in _PLACE) or (key == "Condition" and item in known) or _asks_place(item, known)
            for key, item in node.items()
        )
    return isinstance(node, list) and any(_asks_place(item, known) for item in node)
