"""An upgrade of one stack on paper: what would change, what must not without being asked for, and how it is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from byoaws.lifecycle.changes import LOSES, Change
from byoaws.model import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParameter:
    """A parameter that the stack does not have yet. The field names are keys of `connections upgrade --format json`."""

    name: str
    value: str
    """In angle brackets where somebody has to fill it in."""
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What an upgrade would do, and the change set that does it."""

    connection_id: str
    stack_name: str
    region: str
    deployed_version: str | None
    """None where it is not known."""
    read_from: str
    """`stack`, `recorded`, or empty where neither could be read."""
    target_version: str
    template_url: str = field(repr=False)
    changes: tuple[Change, ...]
    refused: tuple[str, ...]
    """Names of resources that would be lost, and that nobody allowed."""
    new_parameters: tuple[NewParameter, ...] = ()
    gone_parameters: tuple[str, ...] = ()
    command: str = field(default="", repr=False)
    """Empty where there is nothing to do, it is refused, or the stack is not known."""
    steps: tuple[str, ...] = ()
    """The same in the console."""
    notes: tuple[str, ...] = ()
    up_to_date: bool = False

    recorded_url: str | None = field(default=None, repr=False)
    """Of the template that the customer was given, as far as we know."""

    @property
    def is_news(self) -> bool:
        """True where the stack itself has a published template that is not the one recorded."""
        published = self.template_url.startswith("https://") and self.template_url != self.recorded_url
        return self.up_to_date and self.read_from == "stack" and published

    @property
    def exit_code(self) -> int:
        """0 can be done or is done, 1 refused, 3 could not tell."""
        return 3 if not self.read_from else 1 if self.refused else 0

    def as_json(self) -> dict[str, Json]:
        """The shape of `byoaws connections upgrade --format json`."""
        return {
            "connection_id": self.connection_id,
            "stack_name": self.stack_name,
            "region": self.region,
            "deployed_version": self.deployed_version,
            "read_from": self.read_from or None,
            "target_version": self.target_version,
            "template_url": self.template_url,
            "up_to_date": self.up_to_date,
            "changes": [_change(change) for change in self.changes],
            "refused": [*self.refused],
            "new_parameters": [
                {"name": one.name, "value": one.value, "known": one.known} for one in self.new_parameters
            ],
            "gone_parameters": [*self.gone_parameters],
            "command": self.command or None,
            "steps": [*self.steps],
            "notes": [*self.notes],
        }


def _change(change: Change) -> dict[str, Json]:
    return {
        "resource": change.name,
        "type": change.kind,
        "effect": change.effect.word,
        "properties": [{"path": item.path, "effect": item.effect.word} for item in change.properties],
        "because": change.because,
        "trust": change.trust,
        "permissions": change.permissions,
    }


def refused(changes: Iterable[Change], allowed: Iterable[str]) -> tuple[str, ...]:
    """Names of the resources that would be replaced or deleted, and that are not allowed to be."""
    fine = set(allowed)
    return tuple(change.name for change in changes if change.effect in LOSES and change.name not in fine)


def new_values(
    old: Mapping[str, object], new: Mapping[str, Mapping[str, object]], values: Mapping[str, str]
) -> tuple[NewParameter, ...]:
    """Return the parameters that come, each with what is known of it, its default, or a placeholder."""
    found = []
    for name, declaration in new.items():
        if name in old:
            continue
        default = declaration.get("Default")
        value = values.get(name, None if default is None else str(default))
        found.append(NewParameter(name=name, value=f"<{name}>" if value is None else value, known=value is not None))
    return tuple(found)
