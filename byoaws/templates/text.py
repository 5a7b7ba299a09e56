"""A template as text: YAML for people, JSON for machines; the same data either way."""

import json
from collections.abc import Mapping
from typing import Any

MAXIMUM_INLINE_BYTES = 51_200
"""Of a template that is sent itself and not read from S3. Source: CloudFormation quotas."""


def to_json(template: Mapping[str, Any]) -> str:
    """Return the template as JSON, indented by one space so that it may still be sent inline, with a final newline."""
    return json.dumps(template, indent=1, ensure_ascii=False) + "\n"


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

    Dumper.add_representer(str, text)
    return str(yaml.dump(dict(template), Dumper=Dumper, sort_keys=False, width=116, allow_unicode=True))
