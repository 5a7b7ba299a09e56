"""Which thing of a list is meant: by id, by name, or the only one."""

from collections.abc import Sequence

from byoaws.errors import UsageError
from byoaws.mail_manager.port import Named

_SHOWN = 10


def chosen(there: Sequence[Named], wanted: str | None, kind: str, option: str = "") -> Named:
    """Return the one whose id or name is `wanted`; where nothing is, the only one there is.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = [item for item in there if wanted is None or wanted in (item.id, item.name)]
    if len(found) == 1:
        return found[0]
    by_id = [item for item in found if item.id == wanted]
    if len(by_id) == 1:
        return by_id[0]
    if not there:
        raise UsageError(f"there is no {kind} in this account and region", hint="is it another region, or account?")
    hint = f"there: {', '.join(map(_shown, there[:_SHOWN]))}" + (" ..." if len(there) > _SHOWN else "")
    if wanted is None:
        raise UsageError(f"there are {len(there)} {kind}s: say which by {option}", hint=hint)
    if not found:
        raise UsageError(f"there is no {kind} '{wanted}' in this account and region", hint=hint)
    raise UsageError(f"there are {len(found)} {kind}s named '{wanted}': give the id", hint=hint)


def _shown(item: Named) -> str:
    text = f"{item.id} ({item.name})" if item.name else item.id
    return "".join(char if char.isprintable() else "?" for char in text)
