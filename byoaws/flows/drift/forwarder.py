"""What posts received mail to the vendor: the function, its code, and where it puts what it cannot post."""

from collections.abc import Iterator, Mapping
from functools import partial

from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.comparison import NotKnown, differences, missing
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain
from byoaws.model import Json
from byoaws.templates.names import FORWARDER, FORWARDER_DEAD_LETTERS

_READ = "lambda:GetFunction"
_SETTINGS = ("Runtime", "Handler", "Timeout", "MemorySize", "Architectures", "Role")
_QUEUE = ("MessageRetentionPeriod", "SqsManagedSseEnabled")


def rows(world: World) -> Iterator[Row]:
    """Yield what the forwarder has become."""
    if FORWARDER in world.of_type("AWS::Lambda::Function"):
        yield world.row("function", FORWARDER, _READ, partial(_settings, world))
        yield world.row("function-code", FORWARDER, _READ, partial(_code, world))
    for name in world.of_type("AWS::Lambda::EventInvokeConfig"):
        yield world.row("function-retries", name, "lambda:GetFunctionEventInvokeConfig", partial(_retries, world, name))
    if FORWARDER_DEAD_LETTERS in world.of_type("AWS::SQS::Queue"):
        yield world.row("dead-letters", FORWARDER_DEAD_LETTERS, "sqs:GetQueueAttributes", partial(_queue, world))


def _settings(world: World, name: str) -> Iterator[str]:
    found = inside(world.reader.ask("lambda", "get_function", FunctionName=name), dict, "Configuration") or {}
    wanted = world.wanted(FORWARDER)
    known = {key: wanted[key] for key in _SETTINGS if key in wanted and is_plain(wanted[key])}
    yield from differences(known, found)
    variables = inside(wanted, dict, "Environment", "Variables") or {}
    held: Mapping[str, Json] = inside(found, dict, "Environment", "Variables") or {}
    yield from (f"of its environment, {text}" for text in missing(variables, held))
    # Where its mail goes is the one thing that must be right; a secret is not among these variables.
    both = {key: value for key, value in variables.items() if key in held and is_plain(value)}
    yield from differences(both, held)
    if inside(found, list, "Layers"):
        yield "it has layers, and the template gives it none"


def _code(world: World, name: str) -> Iterator[str]:
    wanted = inside(world.wanted(FORWARDER), str, "Code", "ZipFile")
    if wanted is None:
        raise NotKnown("Code")
    files = world.reader.function_code(name)
    if files.get("index.py") is None:
        yield "its code has no index.py"
    elif files["index.py"].strip() != wanted.encode().strip():
        yield "its code is not the template's"
    more = sorted(files.keys() - {"index.py", "cfnresponse.py"})
    if more:
        yield f"its code has further files: {', '.join(more[:5])}"


def _retries(world: World, name: str, _: str) -> Iterator[str]:
    wanted = world.wanted(name)
    found = world.reader.ask(
        "lambda", "get_function_event_invoke_config", FunctionName=world.ids.get(FORWARDER), Qualifier="$LATEST"
    )
    yield from differences(
        {key: wanted[key] for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds") if key in wanted}, found
    )
    path = ("DestinationConfig", "OnFailure", "Destination")
    place = inside(wanted, object, *path)
    if not is_plain(place):
        raise NotKnown("DestinationConfig")
    if inside(found, str, *path) != place:
        yield f"what it cannot post goes to {inside(found, str, *path) or 'nowhere'}, not to {place}"


def _queue(world: World, url: str) -> list[str]:
    answer = world.reader.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    wanted = world.wanted(FORWARDER_DEAD_LETTERS)
    return differences(
        {name: wanted[name] for name in _QUEUE if name in wanted}, inside(answer, dict, "Attributes") or {}
    )
