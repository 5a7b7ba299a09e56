"""YAML read by libyaml, in a tenth of the time, and by PyYAML itself where it was built without that.

Imported where something is to be read: PyYAML takes a while to load.
"""

from typing import Any

import yaml

LOADER: "type[yaml.SafeLoader] | type[yaml.CSafeLoader]" = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""A safe one, either way. For `yaml.parse`, which gives events."""


def load(text: str | bytes) -> Any:
    """Return what a text says that is ours, or that was looked through: aliases are expanded, however many.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader=LOADER)  # noqa: S506  a safe one
