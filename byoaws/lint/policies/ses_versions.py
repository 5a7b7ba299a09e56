"""Policies that grant the actions of one version of the SES API to somebody who calls the other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.iam.ses_versions import Api, called, granted_by, instead_of
from byoaws.lint.policies.permissions import Allowed, Path, Permissions
from byoaws.lint.policies.principals import permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMistake:
    """An action that lets nobody do what it is there for."""

    path: Path
    """Where in the template."""
    message: str
    fix: str
    severity: str
    """`error` if the vendor's packs ask for what is missing, else `warning`."""


def version_mistakes(template: Mapping[str, Any], asked: Iterable[str]) -> list[VersionMistake]:
    """Find the actions of the API that is not called, whose counterparts nothing grants; one mistake per place.

    Args:
        template: A CloudFormation template.
        asked: The actions that the vendor's packs ask for, which tell what API it calls. If they do not, v2 is assumed.
    """
    vendor = _Vendor(asked)
    found: dict[Path, VersionMistake] = {}
    for held in permissions(template):
        for one in held.allowed:
            for mistake in vendor.mistakes(one, held):
                worst = found.setdefault(one.path, mistake)
                if worst.severity != "error":
                    found[one.path] = mistake
    return list(found.values())


class _Vendor:
    """Who will use the permissions."""

    def __init__(self, asked: Iterable[str]) -> None:
        self._asked = {action.lower() for action in asked}
        self._calls = called(self._asked)
        self._api = Api.V1 if self._calls == {Api.V1} else Api.V2

    @property
    def _needs(self) -> str:
        if not self._calls:
            return "a caller of v2 needs"
        return f"the vendor calls {' and '.join(api.value for api in Api if api in self._calls)}, and needs"

    def mistakes(self, one: Allowed, held: Permissions) -> Iterator[VersionMistake]:
        """Yield what is wrong with one entry of an Action element; nothing, or one mistake."""
        # What grants the other names as well, as `ses:*` does, is meant to be wide.
        if granted_by(one.pattern, self._api):
            return
        missing: dict[str, None] = {}
        for name in granted_by(one.pattern, self._api.other):
            missing.update(dict.fromkeys(self._missing(name, held)))
        if missing:
            yield self._mistake(one, list(missing))

    def _missing(self, name: str, held: Permissions) -> list[str]:
        """Return what should be granted in place of `name`, and is not."""
        others = instead_of(name, self._api.other)
        missing = [other for other in others if not held.grants(other)]
        needed = [other for other in missing if other.lower() in self._asked]
        # Who calls both APIs has the other name already, unless a pack asks for this one by name.
        return needed or (missing if missing == [*others] and len(self._calls) < len(Api) else [])

    def _mistake(self, one: Allowed, missing: list[str]) -> VersionMistake:
        is_asked = any(name.lower() in self._asked for name in missing)
        names = " and ".join(filter(None, (", ".join(map(repr, missing[:-1])), repr(missing[-1]))))
        message = (
            f"'{one.pattern}' is of SES API {self._api.other.value} only; {self._needs} {names}, "
            "which nothing here grants: the call ends in AccessDenied"
        )
        hint = "" if self._calls else "; for a vendor that calls v1, lint with --vendor"
        return VersionMistake(
            path=one.path,
            message=message,
            fix=f"grant {names} in place of '{one.pattern}'{hint}",
            severity="error" if is_asked else "warning",
        )
