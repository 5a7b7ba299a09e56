"""How often the forwarder tries again, and where it puts what it cannot post."""

from collections.abc import Iterator
from functools import partial

from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.comparison import NotKnown, differences
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain
from byoaws.templates.names import FORWARDER

_READ = "lambda:GetFunctionEventInvokeConfig"
_DESTINATION = ("DestinationConfig", "OnFailure", "Destination")


def rows(world: World) -> Iterator[Row]:
    """Yield what the forwarder's retries have become."""
    for name in world.of_type("AWS::Lambda::EventInvokeConfig"):
        yield world.row("function-retries", name, _READ, partial(_retries, world, name))


def _retries(world: World, name: str, _: str) -> Iterator[str]:
    wanted = world.wanted(name)
    found = world.reader.ask(
        "lambda", "get_function_event_invoke_config", FunctionName=world.ids.get(FORWARDER), Qualifier="$LATEST"
    )
    yield from differences(
        {key: wanted[key] for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds") if key in wanted}, found
    )
    place = inside(wanted, object, *_DESTINATION)
    if not is_plain(place):
        raise NotKnown("DestinationConfig", place)
    if inside(found, str, *_DESTINATION) != place:
        yield f"what it cannot post goes to {inside(found, str, *_DESTINATION) or 'nowhere'}, not to {place}"
