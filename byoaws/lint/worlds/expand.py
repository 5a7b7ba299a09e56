"""What a CloudFormation expression can come to: every combination of parameter values and conditions that matters.

A value that only a deployed stack knows becomes an *opaque* stand-in, the same for the same expression and free of
wildcards. Where a value can differ (a parameter with a default, an `Fn::If`, a mapping), each possibility is tried.
Nothing here knows cfn-lint: a template is plain data.
"""

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from byoaws.lint.worlds.expressions import NOTHING, Undecidable, canonical, is_no_echo, is_single, shown, text
from byoaws.lint.worlds.intrinsics import branch, evaluate, is_intrinsic

T = TypeVar("T")

OPAQUE = re.compile(r"opaque-[0-9a-f]{20}")
"""An opaque stand-in."""

# Judging a trust policy takes some 10 ms in each.
_MOST_WORLDS = 64
_DYNAMIC = re.compile(r"\{\{resolve:[^}]*\}\}")


def variants(template: Mapping[str, Any], compute: "Callable[[World], T]") -> "Iterator[tuple[World, T]]":
    """Run `compute` in every world that makes a difference to it.

    Raises:
        Undecidable: there are more than 64 worlds, or `compute` met something that could be anything.
    """
    pending: list[dict[tuple[str, str], Any]] = [{}]
    for _ in range(_MOST_WORLDS):
        if not pending:
            return
        world = World(template, pending.pop())
        yield world, compute(world)
        pending.extend(world.untried)
    if pending:
        raise Undecidable(f"its parameters and conditions combine in more than {_MOST_WORLDS} ways")


class World:
    """One way in which the template's parameters and conditions can turn out."""

    def __init__(self, template: Mapping[str, Any], answers: dict[tuple[str, str], Any]) -> None:
        self._template = template
        self._answers = answers
        self._evaluating: set[str] = set()
        self.untried: list[dict[tuple[str, str], Any]] = []
        """The answers of the worlds that differ from this one."""
        self.names: dict[str, str] = {}
        """Each opaque stand-in, and the expression it stands for, as a reader would write it."""

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section of the template; empty where it is missing or malformed."""
        found = self._template.get(name)
        return found if isinstance(found, Mapping) else {}

    @property
    def has_empty_parameter(self) -> bool:
        """True if a parameter that mattered is the empty string in this world."""
        return any(question[0] == "parameter" and answer == "" for question, answer in self._answers.items())

    @property
    def assumptions(self) -> list[str]:
        """What this world takes for given, in words: values of parameters that are not opaque, and not NoEcho."""
        given = {name: answer for (kind, name), answer in self._answers.items() if kind == "parameter"}
        return [
            f"parameter '{name}' is '{answer}'"
            for name, answer in given.items()
            if not OPAQUE.fullmatch(answer) and not is_no_echo(self.section("Parameters")[name])
        ]

    def pick(self, question: tuple[str, str], options: Sequence[Any]) -> Any:
        """Answer `question` by one of `options`, the same each time; the others are left for other worlds."""
        if question not in self._answers:
            self.untried.extend({**self._answers, question: other} for other in options[1:])
            self._answers[question] = options[0]
        return self._answers[question]

    def opaque(self, expression: Any) -> str:
        """Return the stand-in for `expression`."""
        token = f"opaque-{hashlib.sha256(canonical(expression).encode()).hexdigest()[:20]}"
        self.names[token] = shown(expression)
        return token

    def value(self, expression: Any) -> Any:
        """Return what `expression` comes to: plain data whose scalars are text, truth values or None; or NOTHING.

        Raises:
            Undecidable: it holds a macro, or an intrinsic that is not written as CloudFormation wants it.
        """
        if isinstance(expression, str):
            return _DYNAMIC.sub(lambda found: self.opaque(found.group()), expression)
        if isinstance(expression, list):
            return [found for found in map(self.value, expression) if found is not NOTHING]
        if not isinstance(expression, Mapping):
            return expression if expression is None or isinstance(expression, bool) else text(expression)
        name = next(iter(expression)) if is_single(expression) else None
        if is_intrinsic(name):
            return evaluate(self, str(name), expression[name])
        items = ((text(key), self.value(item)) for key, item in expression.items())
        return {key: item for key, item in items if item is not NOTHING}

    def follow(self, expression: Any, path: Sequence[str | int]) -> tuple[Any, list[str | int]]:
        """Go down the branches of `Fn::If`, keeping track of where in the template that leads."""
        where = list(path)
        while is_single(expression) and "Fn::If" in expression:
            taken, expression = branch(self, expression["Fn::If"])
            where += ["Fn::If", taken]
        absent = is_single(expression) and expression.get("Ref") == "AWS::NoValue"
        return (NOTHING if absent else expression), where

    def parameter(self, name: str) -> Any:
        """Return a parameter's value; a list where the parameter's type is one."""
        declared = self.section("Parameters")[name]
        chosen = self.pick(("parameter", name), self._possible(name, declared))
        if str(declared.get("Type", "")).startswith(("CommaDelimitedList", "List<")):
            return [part.strip() for part in chosen.split(",")]
        return chosen

    def condition(self, name: Any) -> bool:
        """Say whether the condition of that name holds."""
        expression = self.section("Conditions").get(name) if isinstance(name, str) else None
        if expression is None or name in self._evaluating:
            return bool(self.pick(("condition", canonical(name)), (True, False)))
        self._evaluating.add(name)
        try:
            return self._holds(expression)
        finally:
            self._evaluating.discard(name)

    def _possible(self, name: str, declared: Mapping[str, Any]) -> list[str]:
        allowed = declared.get("AllowedValues")
        if isinstance(allowed, list) and allowed:
            return list(dict.fromkeys(text(value) for value in allowed))
        others = self._compared(name)
        # The default of an SSM parameter is its name, not its value.
        if "Default" in declared and not str(declared.get("Type", "")).startswith("AWS::SSM::"):
            others.append(text(declared["Default"]))
        shortest = 0
        with contextlib.suppress(TypeError, ValueError):
            shortest = int(declared.get("MinLength", 0))
        return [self.opaque({"Ref": name}), *dict.fromkeys(value for value in others if len(value) >= shortest)]

    def _compared(self, name: str) -> list[str]:
        """Values that some condition compares the parameter with."""
        sides = [pair for pair in _equalities(self.section("Conditions")) if {"Ref": name} in pair]
        return [text(side) for pair in sides for side in pair if isinstance(side, str | int | float)]

    def _holds(self, expression: Any) -> bool:
        name, argument = next(iter(expression.items())) if is_single(expression) else ("", None)
        parts = argument if isinstance(argument, list) else []
        if name == "Condition":
            return self.condition(argument)
        if name == "Fn::Not" and len(parts) == 1:
            return not self._holds(parts[0])
        if name == "Fn::And" and parts:
            return all(self._holds(part) for part in parts)
        if name == "Fn::Or" and parts:
            return any(self._holds(part) for part in parts)
        if name == "Fn::Equals" and len(parts) == 2:
            return self._equal(parts[0], parts[1])
        return bool(self.pick(("condition", canonical(expression)), (True, False)))

    def _equal(self, left: Any, right: Any) -> bool:
        if left == right:
            return True
        one, other = self._comparable(left), self._comparable(right)
        if one is None or other is None or (OPAQUE.fullmatch(one) and OPAQUE.fullmatch(other)):
            return bool(self.pick(("equal", canonical([left, right])), (True, False)))
        return one == other

    def _comparable(self, side: Any) -> str | None:
        """Return what a side of an `Fn::Equals` comes to; None where only AWS knows."""
        if isinstance(side, str | int | float):
            return text(side)
        name = side.get("Ref") if is_single(side) else None
        if isinstance(name, str) and isinstance(self.section("Parameters").get(name), Mapping):
            found = self.parameter(name)
            return found if isinstance(found, str) else ",".join(found)
        return None


def _equalities(expression: Any) -> Iterator[list[Any]]:
    if isinstance(expression, Mapping):
        sides = expression.get("Fn::Equals")
        if isinstance(sides, list):
            yield sides
        for part in expression.values():
            yield from _equalities(part)
    elif isinstance(expression, list):
        for part in expression:
            yield from _equalities(part)
