"""Values of a vendor file to AWS's, as AWS's shapes say; whatever does not fit becomes a problem of the file.

A value may also be `{parameter: NAME}`: the customer's stack is then asked for it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.mail_manager.placed import BROKEN, Placed
from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Shape, Text
from byoaws.mail_manager.words import keys_of, words_of
from byoaws.pipeline import FromParameter, Given, Kind, Part
from byoaws.vendors.document import Document, Path
from byoaws.vendors.words import SECRET, closest, plain

ROLE = "RoleArn"
_REFERENCES = {
    "Relay": Kind.RELAY,
    "TargetArchive": Kind.ARCHIVE,
    "TrafficPolicyId": Kind.TRAFFIC_POLICY,
    "RuleSetId": Kind.RULE_SET,
}
"""Fields that name another part of the pipeline."""
_DMARC = "of DMARC the policy is asked for (none, quarantine, reject); pass and fail are for spf and dkim"
_MISTAKEN: Mapping[tuple[str, ...], str] = {
    ("none", "quarantine", "reject", verdict): _DMARC for verdict in ("pass", "fail")
}
"""What is written by mistake among some words, and what to know of it."""
_NEVER = {
    "role_arn": "the stack makes the role itself, with what the action needs and no more; take it out",
    "smtp_password": "whoever sees the template would have it; keep it in Secrets Manager, and give secret_arn",
}
"""Fields of AWS's that a vendor file does not have, and why."""
_AWS_NAME = re.compile(r"^'[A-Z]\w+'")
_QUOTED_VALUE = re.compile(r"^'[^']*'(?= is )|(?<=cannot be )'[^']*'")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place where a parameter stands."""

    name: str
    path: Path
    shape: Shape
    """What AWS takes there."""


class Reading:
    """The reading of one section: what it has found to be wrong, and what still has to be looked up."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.uses: list[Use] = []
        self.references: list[tuple[Path, Part]] = []
        self.special: dict[int, Callable[[Any, Path], Placed]] = {}
        """Shapes, by identity, that are not written as AWS writes them."""

    def refuse(self, path: Path, message: str) -> Placed:
        """List a problem, and return what stands for the value; what may be a secret is not repeated."""
        variables = self.document.variables.get(path, ())
        if secret := [name for name in variables if SECRET.search(name)]:
            message = f"the value of environment variable {secret[0]} does not fit here (not shown: it may be a secret)"
        elif any(isinstance(key, str) and SECRET.search(key) for key in path[-2:]):
            message = _QUOTED_VALUE.sub("the value given", message)
        self.document.refuse(path, message)
        return Placed(BROKEN, path)

    def refuse_as_aws_has_it(self, path: Path, message: str) -> None:
        """List a problem whose message begins with AWS's name for what the file calls otherwise."""
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        self.refuse(path, _AWS_NAME.sub(f"'{key}'", message))

    def read(self, value: Any, shape: Shape, path: Path) -> Placed:
        """Translate a value; what is refused is `broken`."""
        if path in self.document.unusable:
            return Placed(BROKEN, path)
        if special := self.special.get(id(shape)):
            return special(value, path)
        if isinstance(shape, Fields):
            return self.fields(value, shape, path)
        if isinstance(shape, OneOf):
            return self.one_of(value, shape, path)
        if isinstance(value, Mapping) and "parameter" in value:
            return self.from_parameter(value, shape, path)
        if isinstance(shape, Items):
            return self._items(value, shape, path)
        return self._number(value, path) if isinstance(shape, Number) else self._text(value, shape, path)

    def fields(self, value: Any, shape: Fields, path: Path) -> Placed:
        """Translate keys with values; a role is never among them, since the stack makes it."""
        known = {key: name for key, name in keys_of(shape.fields).items() if name != ROLE}
        required = [key for key, name in known.items() if name in shape.required]
        given = {} if value is None and not required else value
        if not isinstance(given, Mapping):
            return self.expected("keys with values", given, path, nothing=", ".join(required))
        meant = self.unknown_keys(given, known, path)
        for key in required:
            if key not in given and key not in meant:
                self.refuse((*path, key), "is missing")
        found = {
            known[key]: self._field(item, known[key], shape, (*path, key))
            for key, item in given.items()
            if key in known
        }
        absent = {name: Placed(BROKEN, path) for name in shape.required - found.keys()}
        if ROLE in shape.fields:
            absent[ROLE] = Placed(Given.ROLE, path)
        return Placed({**found, **absent}, path)

    def _field(self, value: Any, name: str, shape: Fields, path: Path) -> Placed:
        if kind := _REFERENCES.get(name):
            return self.reference(value, kind, path)
        return self.read(value, shape.fields[name], path)

    def one_of(self, value: Any, shape: OneOf, path: Path) -> Placed:
        """Translate a choice: the key of one member with its value, or that key alone."""
        known = keys_of(shape.choices)
        given = {value: None} if isinstance(value, str) else value
        if not isinstance(given, Mapping) or not given:
            return self.expected(f"one of {', '.join(known)}", given, path)
        self.unknown_keys(given, known, path, word=isinstance(value, str))
        chosen = [key for key in given if key in known]
        if not self.only_one(chosen, path):
            return Placed(BROKEN, path)
        below = [self.read(given[key], shape.choices[known[key]], (*path, key)) for key in chosen]
        return Placed({known[key]: item for key, item in zip(chosen, below, strict=True)} if chosen else BROKEN, path)

    def only_one(self, keys: list[str], path: Path) -> bool:
        """Refuse all keys but the first."""
        for key in keys[1:]:
            self.refuse((*path, key), f"stands beside '{keys[0]}'; make an entry of its own of it")
        return len(keys) <= 1

    def unknown_keys(
        self, given: Mapping[Any, Any], known: Iterable[str], path: Path, *, word: bool = False
    ) -> set[str | None]:
        """Refuse keys that there are not, and return those that were probably meant.

        Args:
            word: True if the one key stands there alone, as a value.
        """
        names = list(known)
        meant = set()
        for key in given:
            if key not in names:
                guess = closest(str(key), names)
                known_here = f"known here: {', '.join(names) or 'none'}"
                instead = _NEVER.get(str(key)) or (f"did you mean '{guess}'?" if guess else known_here)
                about = f"'{plain(str(key))}' is not known" if word else "unknown key"
                self.refuse(path if word else (*path, key), f"{about}; {instead}")
                meant.add(guess)
        return meant

    def reference(self, value: Any, kind: Kind, path: Path) -> Placed:
        """Take the name of another part; whether it is there is seen at the end."""
        if path in self.document.unusable:
            return Placed(BROKEN, path)
        if not isinstance(value, str):
            return self.expected(f"the name of one of {kind.value}", value, path)
        part = Part(kind=kind, name=value)
        self.references.append((path, part))
        return Placed(part, path)

    def expected(self, wanted: str, value: Any, path: Path, *, nothing: str = "") -> Placed:
        """Refuse a value of the wrong kind."""
        kinds = ((str, "is text"), (list, "is a list"), (Mapping, "is a mapping"))
        found = next((words for kind, words in kinds if isinstance(value, kind)), "has no value")
        found = found if value or value is None else "is empty"
        those = f": {nothing}" if nothing and not value else ""
        return self.refuse(path, f"{found}; expected {wanted}{those}")

    def from_parameter(self, value: Mapping[str, Any], shape: Shape, path: Path) -> Placed:
        """Take `{parameter: NAME}`; whether it is declared is seen at the end."""
        self.unknown_keys(value, ["parameter"], path)
        where = (*path, "parameter")
        name = value["parameter"]
        if where in self.document.unusable:
            return Placed(BROKEN, path)
        if not isinstance(name, str):
            return self.expected("the name of a parameter", name, where)
        self.uses.append(Use(name=name, path=where, shape=shape))
        return Placed(FromParameter(name=name), path)

    def _items(self, value: Any, shape: Items, path: Path) -> Placed:
        if not isinstance(value, list):
            mend = ": put [ ] around it" if value and isinstance(value, str) else ""
            return self.expected(f"a list{mend}", value, path)
        return Placed([self.read(item, shape.of, (*path, index)) for index, item in enumerate(value)], path)

    def _text(self, value: Any, shape: Text, path: Path) -> Placed:
        words = words_of(shape.values)
        if not isinstance(value, str):
            return self.expected(" or ".join(words) or "text", value, path)
        if not words:
            return Placed(value, path)
        if value not in words:
            guess = closest(value, words) if any(char.isalpha() for char in value) else None
            instead = _MISTAKEN.get((*words, value)) or (
                f"did you mean '{guess}'?" if guess else f"known: {', '.join(words)}"
            )
            return self.refuse(path, f"'{plain(value)}' is not known here; {instead}")
        return Placed(words[value], path)

    def _number(self, value: Any, path: Path) -> Placed:
        if not isinstance(value, str):
            return self.expected("a number", value, path)
        if not _NUMBER.fullmatch(value):
            return self.refuse(path, f"'{plain(value)}' is not a number")
        return Placed(float(value) if "." in value else int(value), path)
