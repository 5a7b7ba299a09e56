"""Condition keys that AWS has, and which one a misspelt key was meant to be.

Only a key that is close to one that AWS has counts as misspelt: keys of other services, of identity providers and
those that AWS adds tomorrow are none of our business. The keys are in `condition_keys.txt`.
"""

import difflib
import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws import shipped

# Closer than any two different names of the list, but for pairs such as SourceVpc and SourceVpce, which are both known.
_NEAR = 0.88
# Services have short prefixes, so "aws" with two letters of three right is likely one of them.
_SLIP = 0.8
# Whose keys other services are thought to have as well: `ses:SourceArn`, `aws:ExternalId`.
_COMMON = ("aws", "sts")
_ENTRY = re.compile(r"^(?P<prefix>[a-z0-9]+):(?P<names>[^\n]*(?:\n +[^\n]*)*)", re.MULTILINE)
_BASE = re.compile(r"(?P<base>[^/:]*)(?P<rest>.*)", re.DOTALL)
_QUALIFIERS = ("ForAnyValue:", "ForAllValues:")


def meant(key: str) -> str | None:
    """Return the key that a misspelt one was meant to be; None for a key that may be right."""
    prefix, _, name = key.partition(":") if ":" in key else ("", "", key)
    found = _BASE.match(name)
    base, rest = (found["base"].lower(), found["rest"]) if found else ("", "")
    own = _known().get(prefix.lower())
    if own is None:
        owner = next((one for one in _COMMON if base in _known()[one] and _is_slip(prefix.lower(), one)), None)
        return _spelt(owner, base, rest) if owner else None
    if base in own:
        return None if bool(rest) is own[base].endswith("*") else _spelt(prefix.lower(), base, rest)
    for owner in _COMMON:
        if base in _known()[owner]:
            return _spelt(owner, base, rest)
    near = difflib.get_close_matches(base, list(own), n=1, cutoff=_NEAR)
    return _spelt(prefix.lower(), near[0], rest) if near else None


def corrected(conditions: Any) -> Any:
    """Return a Condition block in which every misspelt key is the one that was meant, to judge the rest by."""
    if not isinstance(conditions, Mapping):
        return conditions
    return {
        operator: {meant(str(key)) or key: value for key, value in keys.items()} if isinstance(keys, Mapping) else keys
        for operator, keys in conditions.items()
    }


def keys_in(block: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield the condition keys of a Condition block with their places, also those inside `Fn::If`."""
    if isinstance(block, list):
        for index, item in enumerate(block):
            yield from keys_in(item, (*path, index))
    elif isinstance(block, Mapping):
        for name, item in block.items():
            where = (*path, name)
            is_operator = isinstance(item, Mapping | list) and (":" not in str(name) or name.startswith(_QUALIFIERS))
            if is_operator or str(name).startswith("Fn::"):
                yield from keys_in(item, where)
            elif ":" in str(name):
                yield str(name), where


def _is_slip(prefix: str, owner: str) -> bool:
    """True for no prefix at all, and for one that is no service's but another with a letter more, less or changed."""
    return not prefix or (difflib.SequenceMatcher(None, prefix, owner).ratio() > _SLIP)


def _spelt(prefix: str, base: str, rest: str) -> str:
    name = _known()[prefix][base]
    if not name.endswith("*"):
        return f"{prefix}:{name}"
    return f"{prefix}:{name[:-1]}{rest[1:] or '*'}"


@functools.cache
def _known() -> Mapping[str, Mapping[str, str]]:
    """Prefix to its names: each in lower case, up to where it varies, to how AWS writes it."""
    text = shipped.folder("byoaws.lint.policies").joinpath("condition_keys.txt").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {}
    for entry in _ENTRY.finditer(text):
        names = entry["names"].split()
        found[entry["prefix"]] = {re.split("[/:]", name)[0].lower(): name for name in names}
    return found
