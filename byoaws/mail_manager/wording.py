"""The sentences that tell a person what is wrong with a Mail Manager setting, and how to mend it.

Short, and without secrets: of a text that may be one, no sentence says more than its length.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from byoaws.mail_manager.forms import form
from byoaws.mail_manager.hints import hint
from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Shape, Text

_LONGEST_SHOWN = 60
_NEAR = 0.75
# In front of what a person calls by its last word: a rule's action, a policy's statement.
_OWNERS = ("rule", "policy")
# What stands in a list.
_ENTRIES = ("the action", "the condition")

_Steps = Sequence[str | int]


class Said(NamedTuple):
    """What is wrong, and what to do about it."""

    message: str
    fix: str


def noun(shape: Shape) -> str:
    """Return what a sentence calls a value that has no key."""
    if not isinstance(shape, Fields | OneOf):
        return "it"
    words = re.findall(r"[A-Z][a-z0-9]*", shape.name)
    last = words[-1].lower()
    if words[0].lower() in _OWNERS and last in ("condition", "action", "statement"):
        return f"the {last}"
    return f"the {' '.join(words).lower()}"


def plain(value: Any) -> str:
    """Return a scalar as text."""
    try:
        return str(value)
    except ValueError:
        # Python writes no whole number of more than 4,300 digits.
        return "9" * 4300


def wrong_kind(label: str, wanted: Shape, value: Any) -> Said:
    """Say that a value is of another kind than wanted."""
    kinds: tuple[tuple[Any, str], ...] = (
        (Mapping, "an object"),
        (list, "a list"),
        (bool, "true or false"),
        (str, "a text"),
        (int | float, "a number"),
    )
    found = next((name for kind, name in kinds if isinstance(value, kind)), "empty" if value is None else "no text")
    if isinstance(wanted, Number) and isinstance(value, str | int | float) and not isinstance(value, bool):
        found = _quoted(value)
    return Said(f"{label} is {found}", _kind_wanted(wanted, value))


def _kind_wanted(wanted: Shape, value: Any) -> str:
    if isinstance(wanted, Text):
        return f"write {_choice(wanted.values)}" if wanted.values else "write a text"
    if isinstance(wanted, Number):
        return f"write a {'whole ' if wanted.whole else ''}number{_range(wanted)}"
    if isinstance(wanted, Items):
        is_scalar = isinstance(wanted.of, Text) and isinstance(value, str)
        return f"write a list, also for one: [{_cut(value)}]" if is_scalar else "write a list, also for one entry"
    if isinstance(wanted, Fields):
        return "write an object" if wanted.required else "write an object; '{}' will do"
    if isinstance(value, str) and value in wanted.choices:
        return f"write '{value}' as a key, with its settings below it, or {{}}"
    return f"write an object with one of {', '.join(wanted.choices)}"


def not_one_of(label: str, text: str, shape: Text, path: _Steps, *, is_item: bool) -> Said:
    """Say that a text is none of those that there are."""
    near = meant(text, shape.values)
    fix = hint(path, text) or (f"write '{near}'" if near else f"write {_choice(shape.values)}")
    return Said(f"{label} cannot {'hold' if is_item else 'be'} {_quoted(text)}", fix)


def wrong_length(label: str, text: str, shape: Text) -> Said:
    """Say that a text is too short or too long."""
    if not text:
        return Said(f"{label} is empty", f"write {form(shape.pattern) if shape.pattern else 'a text'}")
    has = f"{label} has {_characters(len(text))}"
    if len(text) < shape.shortest and label.endswith("Arn'"):
        return Said(has, "write the whole ARN, which begins with 'arn:'")
    return Said(has, f"AWS takes {_span(shape)}")


def wrong_form(label: str, text: str, shape: Text, path: _Steps, *, is_item: bool) -> Said:
    """Say that a text does not look as it should."""
    fix = hint(path, text) or f"write {form(shape.pattern)}"
    if shape.is_secret:
        return Said(f"{label} holds a character that AWS does not take", fix)
    return Said(f"{label} cannot {'hold' if is_item else 'be'} {_quoted(text)}", fix)


def out_of_range(label: str, value: Any, shape: Number) -> Said:
    """Say that a number is too small or too large."""
    return Said(f"{label} cannot be {_cut(value)}", f"write a number{_range(shape)}")


def too_few(label: str, count: int, shape: Items) -> Said:
    """Say that a list is too short."""
    has = "is empty" if not count else f"has {count}"
    return Said(f"{label} {has}", f"AWS takes no fewer than {shape.fewest}" if count else "write at least one entry")


def too_many(label: str, count: int, shape: Items) -> Said:
    """Say that a list is too long."""
    return Said(f"{label} has {count} entries", f"AWS takes at most {shape.most}")


def twice(label: str, text: str) -> Said:
    """Say that a list has the same text twice."""
    return Said(f"{label} holds {_quoted(text)} twice", "take one out")


def unknown_key(label: str, key: Any, steps: _Steps, *, free: Sequence[str], known: Sequence[str]) -> Said:
    """Say that an object has no such key.

    Args:
        label: What the object is called.
        key: The key.
        steps: Where the object stands, and AWS's name for it.
        free: Keys that are not there yet, any of which may be meant.
        known: All keys that it takes.
    """
    near = meant(key, free)
    takes = f"it takes {', '.join(known)}" if known else "take it out: there is nothing to set"
    return Said(
        f"{label} does not take {_quoted(key)}", hint(steps, plain(key)) or (f"write '{near}'" if near else takes)
    )


def missing_keys(label: str, keys: Sequence[str]) -> Said:
    """Say that an object lacks one or more keys."""
    names = _all([repr(key) for key in keys])
    role = ", the ARN of a role that ses.amazonaws.com may assume" if keys == ["RoleArn"] else ""
    return Said(f"{label} {'has no' if len(keys) == 1 else 'lacks'} {names}", f"add {names}{role}")


def empty_choice(label: str, shape: OneOf) -> Said:
    """Say that an object has none of its keys."""
    return Said(f"{label} is empty", f"write {_choice(tuple(shape.choices))}")


def two_choices(label: str, keys: Sequence[str]) -> Said:
    """Say that an object has more than one of its keys."""
    mend = "make an entry of its own of each" if label in _ENTRIES else "take the other out"
    return Said(f"{label} holds {_all([repr(key) for key in keys])}", f"AWS takes exactly one; {mend}")


def meant(word: Any, known: Sequence[str]) -> str | None:
    """Return which of the known words another is a slip of, if it looks like one."""
    folded = {_folded(name): name for name in known}
    near = difflib.get_close_matches(_folded(plain(word)[:_LONGEST_SHOWN]), folded, n=1, cutoff=_NEAR)
    return folded[near[0]] if near else None


def _folded(word: str) -> str:
    return re.sub(r"[-_. ]", "", word.lower())


def _quoted(value: Any) -> str:
    return f"'{_cut(value)}'"


def _cut(value: Any) -> str:
    text = plain(value)
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."
    return shown if shown.isprintable() else repr(shown)[1:-1]


def _choice(values: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(values[:-1]), values[-1])))


def _all(values: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(values[:-1]), values[-1])))


def _range(shape: Number) -> str:
    if shape.least is None:
        return ""
    return f" from {shape.least} to {shape.most}" if shape.most is not None else f" of at least {shape.least}"


def _span(shape: Text) -> str:
    if shape.longest is None:
        return f"at least {_characters(shape.shortest)}"
    if shape.shortest == shape.longest:
        return f"exactly {_characters(shape.shortest)}"
    return f"{shape.shortest} to {shape.longest} characters"


def _characters(count: int) -> str:
    return f"{count} character{'' if count == 1 else 's'}"
