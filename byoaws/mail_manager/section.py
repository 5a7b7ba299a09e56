"""The section `mail_manager` of a vendor file: what the pipeline does, read to AWS's properties, every mistake at once.

Whatever the words come to is held against the shapes of AWS's API, so that its limits hold here too.
"""

import functools
import re
from collections.abc import Mapping
from typing import Any

from byoaws.mail_manager.check import check
from byoaws.mail_manager.parameters import stack_parameters
from byoaws.mail_manager.parts import CERTIFICATES, PARTS, ReadFile, certificates
from byoaws.mail_manager.placed import Placed, bare, view
from byoaws.mail_manager.reading import Reading
from byoaws.mail_manager.rule_sets import RuleReader
from byoaws.mail_manager.rules import RULE_SET
from byoaws.mail_manager.traffic import TRAFFIC_POLICY
from byoaws.pipeline import Kind, Part, Pipeline
from byoaws.vendors.document import Document, Path
from byoaws.vendors.words import closest, plain

SECTION: Path = ("mail_manager",)
PARAMETERS = "parameters"
DEFAULT: Mapping[str, Any] = {
    "ingress_points": {
        "public": {"type": "open", "tls_policy": "required", "traffic_policy": "recipients", "rule_set": "store"}
    },
    "traffic_policies": {
        "recipients": {"default_action": "deny", "statements": [{"allow": [{"recipient": "inbound-recipients"}]}]}
    },
    "rule_sets": {"store": [{"name": "keep", "actions": ["write_to_s3"]}]},
}
"""What holds where the section is left out: who has mail to receive is let in, over TLS, and the mail is kept."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*")
_LONGEST_NAME = 31
_MOST = 20
"""Parts of a kind: more than AWS lets an account have of most, and few enough for a stack's 200 outputs."""


def read_pipeline(document: Document, read_file: ReadFile) -> Pipeline | None:
    """Read the section of a vendor file; what is wrong with it becomes the document's problems.

    Args:
        document: The vendor file; a section that is not there stands for `DEFAULT`.
        read_file: Gives the text of a file below the vendor file's folder.

    Returns:
        None where there was something wrong.
    """
    given = document.value.get("mail_manager") if isinstance(document.value, Mapping) else None
    if SECTION in document.unusable:
        return None
    before = len(document.problems)
    reading = Reading(document)
    found = _Section(reading, read_file).read(DEFAULT if given is None else given, written=given)
    return found if len(document.problems) == before else None


class _Section:
    def __init__(self, reading: Reading, read_file: ReadFile) -> None:
        self._reading = reading
        self._rules = RuleReader(reading)
        reading.special[id(CERTIFICATES)] = functools.partial(certificates, reading, read_file)

    def read(self, value: Any, *, written: Any) -> Pipeline | None:
        reading = self._reading
        if not isinstance(value, Mapping):
            reading.expected("keys with values", value, SECTION)
            return None
        reading.unknown_keys(value, [*Kind, PARAMETERS], SECTION)
        if Kind.INGRESS_POINT not in value:
            reading.refuse((*SECTION, Kind.INGRESS_POINT.value), "is missing: by what mail comes in")
        parts = {kind: self._parts(kind, value.get(kind.value)) for kind in Kind}
        self._refuse_twins(parts[Kind.ADDON])
        named = self._named(parts)
        parameters = stack_parameters(reading, value.get(PARAMETERS), (*SECTION, PARAMETERS))
        for kind, placed in parts.items():
            for one in placed.values():
                self._check(kind, one)
        return Pipeline(
            parts={kind: {name: bare(one) for name, one in placed.items()} for kind, placed in parts.items()},
            parameters=parameters,
            unused=tuple(part for part in _all(parts) if part not in named and part.kind is not Kind.INGRESS_POINT),
            written=written,
        )

    def _parts(self, kind: Kind, value: Any) -> dict[str, Placed]:
        reading, path = self._reading, (*SECTION, kind.value)
        if path in reading.document.unusable or (value is None and kind is not Kind.INGRESS_POINT):
            return {}
        if not isinstance(value, Mapping):
            if path in reading.document.marks:
                reading.expected("names, each with what it is", value, path)
            return {}
        if not 1 <= len(value) <= _MOST:
            reading.refuse(path, f"has {len(value)} entries; 1 to {_MOST} make sense")
        found = {}
        for name, item in value.items():
            where = (*path, name)
            if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
                rule = "words of lower-case letters and digits, joined by '-', each beginning with a letter"
                reading.refuse(where, f"is not a name: at most {_LONGEST_NAME} characters, {rule}")
            if where not in reading.document.unusable:
                found[name] = self._part(kind, item, where)
        return found

    def _part(self, kind: Kind, value: Any, path: Path) -> Placed:
        if kind is Kind.TRAFFIC_POLICY:
            return self._rules.policy(value, path)
        if kind is Kind.RULE_SET:
            return self._rules.rule_set(value, path)
        return PARTS[kind][0](self._reading, value, path)

    def _refuse_twins(self, addons: Mapping[str, Placed]) -> None:
        """AWS has one subscription for each add-on in an account."""
        subscribed: dict[str, str] = {}
        for name, placed in addons.items():
            chosen = None if placed.broken else placed.value.get("AddonName")
            if chosen and isinstance(chosen.value, str) and subscribed.setdefault(chosen.value, name) != name:
                self._reading.refuse(chosen.path, f"'{chosen.value}' is what '{subscribed[chosen.value]}' is already")

    def _named(self, parts: Mapping[Kind, Mapping[str, Placed]]) -> set[Part]:
        """Look up every name that stands somewhere, and return the parts that are meant."""
        for path, part in self._reading.references:
            if part.name not in parts[part.kind]:
                known = parts[part.kind]
                guess = closest(part.name, known)
                instead = f"did you mean '{guess}'?" if guess else f"known: {', '.join(known) or 'none'}"
                self._reading.refuse(path, f"'{plain(part.name)}' is not one of {part.kind.value}; {instead}")
        return {part for _, part in self._reading.references}

    def _check(self, kind: Kind, placed: Placed) -> None:
        shapes = {Kind.TRAFFIC_POLICY: TRAFFIC_POLICY, Kind.RULE_SET: RULE_SET}
        for mistake in check(placed, shapes[kind] if kind in shapes else PARTS[kind][1], view=view):
            self._reading.refuse_as_aws_has_it(mistake.path, f"{mistake.message}; {mistake.fix}")


def _all(parts: Mapping[Kind, Mapping[str, Placed]]) -> list[Part]:
    return [Part(kind=kind, name=name) for kind, placed in parts.items() for name in placed]
