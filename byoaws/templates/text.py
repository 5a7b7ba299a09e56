"""A template as text: YAML for people, JSON for machines; the same data either way. And back again, from text that
somebody may have tampered with.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

MAXIMUM_INLINE_BYTES = 51_200
"""Of a template that is sent itself and not read from S3. Source: CloudFormation quotas."""

MAXIMUM_BYTES = 1_000_000
"""Of a template in S3. Source: CloudFormation quotas, "Template body size in an S3 object"."""

_ON_ONE_LINE = frozenset({"Ref", "Fn::GetAtt", "Fn::Select", "Fn::Split"})
"""Functions that name something, or a part of its name."""

_DEEPEST = 50
"""Levels of nesting; our own templates have fewer than 20."""


def to_json(template: Mapping[str, Any]) -> str:
    """Return the template as JSON with a final newline: indented, or in lines, if it may then still be sent inline."""
    text = json.dumps(template, indent=1, ensure_ascii=False) + "\n"
    for indent in (0, None):
        if len(text.encode()) > MAXIMUM_INLINE_BYTES:
            text = json.dumps(template, indent=indent, separators=(",", ":"), ensure_ascii=False) + "\n"
    return text


def to_yaml(template: Mapping[str, Any]) -> str:
    """Return the template as YAML, function sources as readable blocks."""
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        """Keeps key order, and writes no anchors: CloudFormation knows none."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    def object_(dumper: Any, value: Mapping[str, Any]) -> Any:
        # A reference on one line: easier to read, and a template that is sent inline has not many bytes.
        node = dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=value.keys() <= _ON_ONE_LINE)
        if node.flow_style:
            for _, inner in node.value:
                inner.flow_style = True
        return node

    Dumper.add_representer(str, text)
    Dumper.add_representer(dict, object_)
    return str(yaml.dump(dict(template), Dumper=Dumper, sort_keys=False, width=116, allow_unicode=True))


def read_template(body: bytes) -> dict[str, Any] | None:
    """Return what a template's bytes say, YAML or JSON; None where they are none that we would write."""
    import yaml

    from byoaws.libyaml import LOADER, load

    try:
        text = body.decode("utf-8")
        if text.lstrip().startswith("{"):
            found = json.loads(text)
        else:
            found = load(text) if _is_plain(yaml.parse(text, Loader=LOADER)) else None
    except (ValueError, TypeError, OverflowError, AttributeError, RecursionError, yaml.YAMLError):
        return None
    return found if isinstance(found, dict) and all(isinstance(key, str) for key in found) else None


def _is_plain(events: Iterable[object]) -> bool:
    """False for YAML that we never write: a few lines of aliases stand for gigabytes, deep nesting takes minutes."""
    import yaml

    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
            return False
    return True
