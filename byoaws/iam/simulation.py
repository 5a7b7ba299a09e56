"""What to ask IAM's policy simulator, so that it says of each action whether the statements that allow it are let work.

It is asked about things, not patterns, and knows nothing of a call but what it is told. Source: IAM API reference,
SimulatePrincipalPolicy.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from byoaws.model import Json

Conditions = Iterable[tuple[str, Sequence[str]]]
"""Keys, and the values of which one must match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """One call of the simulator: every action on every resource, in one context."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: tuple[tuple[str, str], ...]

    @property
    def request(self) -> Mapping[str, Json]:
        """Parameters of the call, but for whose policies they are."""
        return {
            "ActionNames": [*self.actions],
            "ResourceArns": [*self.resources],
            "ContextEntries": [
                {"ContextKeyName": key, "ContextKeyType": "string", "ContextKeyValues": [value]}
                for key, value in self.context
            ],
        }


def simulations(
    statements: Iterable[tuple[Iterable[str], Sequence[str], Conditions]], region: str
) -> Iterator[Simulation]:
    """Yield the calls that put statements to the test: what shares resources and context is asked together.

    Args:
        statements: Of each its actions, resources and conditions, as an allowing statement has them.
        region: Where the calls would be made, which policies of organizations most often ask.
    """
    grouped: dict[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], set[str]] = defaultdict(set)
    for actions, resources, conditions in statements:
        context = {"aws:RequestedRegion": region}
        context |= {key: values[0].replace("*", region) for key, values in conditions if values}
        grouped[tuple(map(_example, resources)), tuple(sorted(context.items()))].update(actions)
    for (examples, entries), names in grouped.items():
        if names:
            yield Simulation(actions=tuple(sorted(names)), resources=examples, context=entries)


def _example(pattern: str) -> str:
    """An ARN that matches a pattern."""
    return pattern if pattern == "*" else pattern.replace("?", "0").replace("*", "x")
