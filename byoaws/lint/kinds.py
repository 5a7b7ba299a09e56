"""Which kinds of resource AWS lets an IAM action be limited to, from the list that cfn-lint ships.

Source of that list: AWS's Service Authorization Reference. Of cfn-lint nothing but
this file is read: to import it takes half a second.
"""

import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from byoaws.errors import UsageError
from byoaws.lint.interface import KindsOfResource

_LIST = "data/AdditionalSpecs/Policies.json"


def kinds_of_resource() -> KindsOfResource:
    """Read the list.

    Raises:
        UsageError: the installed cfn-lint has none, or another than we know.
    """
    try:
        services = json.loads((_folder() / _LIST).read_bytes())
        _kinds(services, "ses:GetAccount")
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise _unreadable() from error
    return lambda action: _kinds(services, action)


def _folder() -> Path:
    spec = find_spec("cfnlint")
    if spec is None or not spec.submodule_search_locations:
        raise _unreadable()
    return Path(spec.submodule_search_locations[0])


def _unreadable() -> UsageError:
    return UsageError(
        "the installed cfn-lint has no list of IAM actions that we can read",
        hint="install another release of cfn-lint, 1.58 or newer",
    )


def _kinds(services: Mapping[str, Any], action: str) -> Sequence[str] | None:
    service, _, name = action.lower().partition(":")
    known = services.get(service, {"Actions": {}})["Actions"].get(name)
    return None if known is None else tuple(known.get("Resources") or ())
