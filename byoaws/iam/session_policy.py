"""Session policies: what a session may do at most, whatever its role may. AssumeRole takes one as JSON.

They only ever take away, so a pattern that is too wide here gives nobody more than the role has.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from byoaws.errors import PolicyError
from byoaws.iam.compose import packs_of, permission_policy, substitute
from byoaws.iam.documents import parse
from byoaws.vendor_model import Vendor

LIMIT = 2_048
"""Characters. Source: STS AssumeRole, parameter Policy. AWS also packs it into the session, with a limit it names only
as a share (PackedPolicySize)."""


def from_document(document: str | Mapping[str, Any]) -> str:
    """Return a policy document as it is sent.

    Raises:
        PolicyError: not one that AWS would take, or too large.
    """
    policy = parse(document)
    for statement in policy.statements:
        if statement.principals is not None or statement.not_principals is not None:
            place = f"Statement[{statement.index}]"
            raise PolicyError(
                f"{place}: a session policy has no Principal",
                hint="it is about what the session may do; leave it out",
            )
    return _sent(json.loads(document) if isinstance(document, str) else document)


def from_packs(vendor: Vendor, names: Iterable[str], values: Mapping[str, str]) -> str:
    """Return the narrowest document that holds what `names` of permission packs grant, as it is sent.

    Args:
        vendor: Whose own packs may be named, too.
        names: At least one.
        values: What `${...}` stands for in this account.

    Raises:
        UnknownName: no such pack.
        PolicyError: none was named, or the document is too large.
    """
    wanted = tuple(dict.fromkeys(names))
    if not wanted:
        raise PolicyError("the session policy names no pack", hint="without a session policy, leave it out")
    packs = packs_of(replace(vendor, packs=wanted))
    document = permission_policy(packs, lambda text: substitute(text, values))
    # A session policy needs no Sid, and each costs characters.
    document["Statement"] = [
        {key: value for key, value in statement.items() if key != "Sid"} for statement in document["Statement"]
    ]
    return _sent(document)


def _sent(document: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PolicyError(f"the session policy cannot be written as JSON: {error}") from None
    if len(text) > LIMIT:
        raise PolicyError(
            f"the session policy has {len(text):,} characters; AWS allows {LIMIT:,}",
            hint="name fewer packs, or give a shorter document",
        )
    return text
