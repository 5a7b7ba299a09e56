"""Lists of names in a vendor file: packs, blocks and probes, and which probes must not be left out."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from byoaws.vendor_model import Access
from byoaws.vendors.checks import Mistakes
from byoaws.vendors.words import closest

_REPORTS = "registration"
"""The block of stacks that report themselves."""

REQUIRED_PROBES = (
    "role-arn",
    "vendor-identity",
    "external-id-required",
    "external-id-checked",
    "assume-role",
    "caller-identity",
)
"""Without these, `verified` would not mean that the role refuses everyone else."""

REQUIRED_KEY_PROBES = ("key-identity", "key-permissions")
"""The same where access is by a user's keys."""

REQUIRED_OF = {Access.ROLE: REQUIRED_PROBES, Access.USER: REQUIRED_KEY_PROBES}
_ONLY_OF = {
    Access.ROLE: {
        *REQUIRED_PROBES,
        "trust-policy",
        "external-id-rotation",
        "permissions",
        "effective-permissions",
        "bucket",
    },
    Access.USER: {*REQUIRED_KEY_PROBES, "key-lifetime"},
}
"""Probes that make no sense with the other kind of access."""

ON_REQUEST = ("send",)
"""Probes that no vendor file names: they do more than look, and are asked when somebody says so."""

BLOCK_OF = {"events": "notifications", "bucket": "inbound", "inbound": "inbound", "send": "notifications"}
"""Probes of a part of the stack, and the block that makes it."""

PACK_OF = {
    "permissions": "drift-read",
    "effective-permissions": "self-simulate",
    "identities": "health-read",
    "stack": "drift-read",
    "bucket": "drift-read",
    "events": "drift-read",
    "inbound": "drift-read",
}
"""Probes that may look only where a pack lets them, and which does."""

_LONGEST_LIST = 100

# Below the vendor file, and nowhere else: no absolute path, no "..", no hidden file.
_PACK_FILE = re.compile(r"(?:\./)?(?:[A-Za-z0-9_][\w.-]*/)*(?P<name>[a-z][a-z0-9-]{0,62})\.ya?ml", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that a list may hold."""

    kind: str
    """In the singular: `probe`."""
    builtins: Collection[str]
    added: Callable[[], Iterable[str]] = tuple
    """Names that other distributions add; asked only when a name is not built in, because asking is slow."""


def names(given: Sequence[str], known: Names, required: Sequence[str] = ()) -> tuple[str, ...]:
    """A list of known names, none twice, none of `required` left out.

    Raises:
        Mistakes: all that is wrong with the list.
    """
    if len(given) > _LONGEST_LIST:
        raise Mistakes([(None, f"has {len(given)} items; at most {_LONGEST_LIST} make sense")])
    found = [(index, "is named twice") for index, name in enumerate(given) if name in given[:index]]
    guesses = _unknown(given, known)
    found += [(index, message) for index, message, _ in guesses]
    # A misspelt name is one mistake, not two.
    meant = {*given, *(guess for _, _, guess in guesses)}
    whole: list[tuple[int | None, str]] = []
    if left_out := [name for name in required if name not in meant]:
        whole.append((None, f"leaves out {', '.join(left_out)}, without which 'verified' would promise too much"))
    elif not given:
        whole.append((None, f"is empty; name at least one {known.kind}"))
    if found or whole:
        raise Mistakes([*found, *whole])
    return tuple(given)


def is_pack_file(item: str) -> bool:
    """True for a pack of the vendor's own, given as a path, as `--vendor` tells names from paths."""
    return "/" in item or item.lower().endswith((".yaml", ".yml"))


def pack_name(item: str) -> str:
    """Return the name of a pack; a file's is its own, without the suffix."""
    return item.rpartition("/")[2].rpartition(".")[0] if is_pack_file(item) else item


def pack_file_mistake(item: str) -> str | None:
    """What is wrong with the path of a pack; None if nothing is."""
    if not _PACK_FILE.fullmatch(item):
        return (
            "is not a pack beside the vendor file, such as ./packs/metrics-read.yaml (a name of lower-case letters, "
            "digits and '-'; nothing above the vendor file)"
        )
    return None


def packs(given: Sequence[str], known: Names) -> tuple[str, ...]:
    """Names of packs, and paths of the vendor's own, which take no name that is there already.

    Raises:
        Mistakes: all that is wrong with the list.
    """
    found: list[tuple[int | None, str]] = []
    named: list[str] = []
    for index, item in enumerate(given[:_LONGEST_LIST]):
        match = _PACK_FILE.fullmatch(item) if is_pack_file(item) else None
        if is_pack_file(item) and match is None:
            found.append((index, str(pack_file_mistake(item))))
        elif match and match["name"] in known.builtins:
            found.append((index, f"would replace the pack '{match['name']}' that ships with byoaws; rename the file"))
        elif match and match["name"] in named and item not in given[:index]:
            found.append((index, "has the name of another pack in this list; rename the file"))
        named.append(match["name"] if match else item)
    own = {item for item in given if is_pack_file(item)}
    try:
        names(given, replace(known, builtins={*known.builtins, *own}))
    except Mistakes as error:
        found += error.found
    if found:
        raise Mistakes(found)
    return tuple(given)


def probes(given: Sequence[str], known: Names, access: Access) -> tuple[str, ...]:
    """Names of probes that fit the kind of access, none of the required ones left out.

    Raises:
        Mistakes: all that is wrong with the list.
    """
    found = names(given, known, REQUIRED_OF[access])
    other = next(kind for kind in Access if kind is not access)
    strange = [(index, f"asks about access by {other}") for index, name in enumerate(given) if name in _ONLY_OF[other]]
    strange += [
        (index, f"is asked by `byoaws verify --{name}` only: it sends mail")
        for index, name in enumerate(given)
        if name in ON_REQUEST
    ]
    if strange:
        raise Mistakes(strange)
    return found


def _unknown(given: Sequence[str], known: Names) -> list[tuple[int, str, str | None]]:
    """Index, message and the name that was probably meant, for each name that nobody knows."""
    strangers = [index for index, name in enumerate(given) if name not in known.builtins]
    if not strangers:
        return []
    everything = {*known.builtins, *known.added()}
    found: list[tuple[int, str, str | None]] = []
    for index in strangers:
        if given[index] not in everything:
            guess = closest(given[index], everything)
            instead = f"did you mean '{guess}'?" if guess else f"known: {', '.join(sorted(everything)) or 'none'}"
            found.append((index, f"is not a {known.kind}; {instead}", guess))
    return found


def blocks(found: Mapping[str, Any]) -> tuple[str, ...]:
    """The blocks of a checked vendor file: a URL to report to brings the block that reports."""
    named: tuple[str, ...] = tuple(found["stack"]["blocks"])
    reports = found["webhooks"]["registration"] and _REPORTS not in named
    return (*named, _REPORTS) if reports else named
