"""Worlds of a template in the order of their likeliness, as many as there is time for.

For rules that look for one world in which something is wrong: what is left out may hide a mistake, and makes none up.
A rule that must know every world asks `expand.variants`, which refuses to leave one out.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from byoaws.lint.worlds.expand import World
from byoaws.lint.worlds.expressions import Undecidable

T = TypeVar("T")

_MOST_WORLDS = 64


def worlds(template: Mapping[str, Any], compute: Callable[[World], T]) -> Iterator[tuple[World, T]]:
    """Run `compute` in up to 64 worlds, those with the fewest deviations first. Where it cannot tell, there is none."""
    pending: deque[dict[tuple[str, str], Any]] = deque([{}])
    for _ in range(_MOST_WORLDS):
        if not pending:
            return
        world = World(template, pending.popleft())
        try:
            result = compute(world)
        except Undecidable:
            continue
        finally:
            pending.extend(world.untried)
        yield world, result
