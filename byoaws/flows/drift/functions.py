"""The stack's functions: settings, environment and code, whatever they are for."""

from collections.abc import Iterator, Mapping
from functools import partial

from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.comparison import NotKnown, differences, missing
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain
from byoaws.model import Json

_READ = "lambda:GetFunction"
_SETTINGS = ("Runtime", "Handler", "Timeout", "MemorySize", "Architectures", "Role")
_FILES = frozenset({"index.py", "cfnresponse.py"})
"""What CloudFormation makes of code that stands in a template."""


def rows(world: World) -> Iterator[Row]:
    """Yield what each function has become."""
    for function in world.of_type("AWS::Lambda::Function"):
        yield world.row("function", function, _READ, partial(_settings, world, function))
        yield world.row("function-code", function, _READ, partial(_code, world, function))


def _settings(world: World, function: str, name: str) -> Iterator[str]:
    found = inside(world.reader.ask("lambda", "get_function", FunctionName=name), dict, "Configuration") or {}
    wanted = world.wanted(function)
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


def _code(world: World, function: str, name: str) -> Iterator[str]:
    wanted = inside(world.wanted(function), str, "Code", "ZipFile")
    if wanted is None:
        raise NotKnown("Code", world.wanted(function).get("Code"))
    files = world.reader.function_code(name)
    if files.get("index.py") is None:
        yield "its code has no index.py"
    elif files["index.py"].strip() != wanted.encode().strip():
        yield "its code is not the template's"
    more = sorted(files.keys() - _FILES)
    if more:
        yield f"its code has further files: {', '.join(more[:5])}"
