"""SES API v1 and v2 call the same things by different IAM actions: which is which, as `ses_versions.yaml` says."""

import enum
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from byoaws import shipped
from byoaws.iam.patterns import matches, wild

PREFIX = "ses:"
"""Of both APIs."""


class Api(enum.Enum):
    """A version of the SES API."""

    V1 = "v1"
    V2 = "v2"

    @property
    def other(self) -> "Api":
        """The other one."""
        return Api.V2 if self is Api.V1 else Api.V1


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What one API does with some actions, and the other with others."""

    v1: tuple[str, ...]
    """As IAM writes them: `ses:GetSendQuota`."""
    v2: tuple[str, ...]
    reason: str
    source: str

    def names(self, api: Api) -> tuple[str, ...]:
        """Return the actions of one of the APIs."""
        return self.v1 if api is Api.V1 else self.v2


@functools.cache
def replacements() -> tuple[Replacement, ...]:
    """Every action that goes by another name in the other API."""
    return tuple(
        Replacement(v1=_actions(item["v1"]), v2=_actions(item["v2"]), reason=item["reason"], source=item["source"])
        for item in _table()["replaced"]
    )


@functools.cache
def right_for_either() -> frozenset[str]:
    """Actions that stand in the documents of one API and are right for callers of either."""
    return frozenset(name for item in _table()["either"] for name in _actions(item["actions"]))


def instead_of(action: str, api: Api) -> tuple[str, ...]:
    """Return what the other API checks in place of an action of `api`; empty where it is no mistake to grant it."""
    return _instead(api).get(action.lower(), ())


def granted_by(pattern: str, api: Api) -> tuple[str, ...]:
    """Return the actions of `api` alone that a pattern such as `ses:Get*` grants."""
    wanted = wild(pattern.lower())
    return tuple(name for one in replacements() for name in one.names(api) if matches(wanted, name.lower()))


def called(actions: Iterable[str]) -> frozenset[Api]:
    """Return the APIs that somebody calls who asks for these actions; empty where they could be either's."""
    asked = {action.lower() for action in actions}
    return frozenset(api for api in Api if not asked.isdisjoint(_instead(api)))


@functools.cache
def _instead(api: Api) -> dict[str, tuple[str, ...]]:
    return {name.lower(): one.names(api.other) for one in replacements() for name in one.names(api)}


def _actions(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{PREFIX}{name}" for name in names)


@functools.cache
def _table() -> dict[str, Any]:
    from byoaws.libyaml import load

    text = shipped.folder("byoaws.iam").joinpath("ses_versions.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = load(text)
    return found
