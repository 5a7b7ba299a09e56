"""The alarm on the forwarder's dead-letter queue: what it watches, and whom it tells."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from byoaws.errors import NotFound
from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.comparison import NotKnown, differences
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain

_READ = "cloudwatch:DescribeAlarms"
_WATCHES = ("Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods", "ComparisonOperator")
_NUMBERS = ("Threshold",)


def rows(world: World) -> Iterator[Row]:
    """Yield what each alarm has become."""
    for alarm in world.of_type("AWS::CloudWatch::Alarm"):
        yield world.row("alarm", alarm, _READ, partial(_alarm, world, alarm))


def _alarm(world: World, alarm: str, name: str) -> Iterator[str]:
    wanted = world.wanted(alarm)
    if not is_plain({key: value for key, value in wanted.items() if key != "AlarmActions"}):
        raise NotKnown("Dimensions", {**wanted, "AlarmActions": None})
    answer = world.reader.ask("cloudwatch", "describe_alarms", AlarmNames=[name])
    found = next((one for one in objects(answer, "MetricAlarms") if inside(one, str, "AlarmName") == name), None)
    if found is None:
        raise NotFound(f"there is no alarm '{name}'")
    yield from differences({key: wanted[key] for key in (*_WATCHES, "TreatMissingData") if key in wanted}, found)
    for key in _NUMBERS:
        if key in wanted and float(wanted[key]) != _number(found, key):
            yield f"{key} is {found.get(key)}, not {wanted[key]}"
    if _dimensions(wanted) != _dimensions(found):
        yield f"it watches {_dimensions(found)}, not {_dimensions(wanted)}"
    yield from _tells(wanted, found)


def _dimensions(of: Mapping[str, Any]) -> list[tuple[str | None, str | None]]:
    return sorted((inside(one, str, "Name"), inside(one, str, "Value")) for one in objects(of, "Dimensions"))


def _tells(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    actions = wanted.get("AlarmActions")
    if not is_plain(actions):
        raise NotKnown("AlarmActions", actions)
    ours = [item for item in actions or () if isinstance(item, str)]
    held = [item for item in inside(found, list, "AlarmActions") or () if isinstance(item, str)]
    if ours and inside(found, bool, "ActionsEnabled") is False:
        yield "its actions are switched off: it tells nobody"
    yield from (f"it does not tell {item}" for item in ours if item not in held)
    # A further one the customer may have added: it takes nothing away.


def _number(found: Mapping[str, Any], key: str) -> float | None:
    value = inside(found, object, key)
    return float(value) if isinstance(value, int | float) else None
