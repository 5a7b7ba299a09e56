"""Traffic policies and rule sets of a vendor file: statements, rules and actions."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from byoaws.mail_manager import actions, rules, traffic
from byoaws.mail_manager.conditions import Conditions
from byoaws.mail_manager.placed import Placed
from byoaws.mail_manager.reading import Reading
from byoaws.mail_manager.shapes import Fields, Text
from byoaws.mail_manager.subjects import OF_POLICIES, OF_RULES
from byoaws.mail_manager.words import words_of
from byoaws.pipeline import Given
from byoaws.vendors.document import Path
from byoaws.vendors.words import plain

_POLICY = Fields(
    name="TrafficPolicy",
    fields={name: shape for name, shape in traffic.TRAFFIC_POLICY.fields.items() if name != "TrafficPolicyName"},
    required=frozenset({"DefaultAction"}),
)
# A name, so that people and later changes can say which rule they mean.
_RULES = replace(rules.RULES, of=replace(rules.RULE, required=frozenset({"Name", "Actions"})))

_S3_ACTION = cast(Fields, actions.ACTION.choices["WriteToS3"])
# AWS takes ids and aliases as well; a role can be let use one key only where the key is named by its ARN.
_KEY = Text(pattern=r"arn:aws(|-cn|-us-gov|-eusc):kms:[a-z0-9-]{1,20}:[0-9]{12}:key/[A-Za-z0-9-]+")
_WRITE_TO_S3 = replace(_S3_ACTION, fields={**_S3_ACTION.fields, "S3SseKmsKeyId": _KEY}, required=frozenset())


class RuleReader:
    """Reads what the reading of other parts does not know."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._of_policies = Conditions(reading, OF_POLICIES)
        self._of_rules = Conditions(reading, OF_RULES)
        reading.special |= {
            id(_POLICY.fields["PolicyStatements"]): self._statements,
            id(rules.CONDITION): lambda value, path: self._of_rules.read(value, path)[0],
            id(_S3_ACTION): self._write_to_s3,
        }

    def policy(self, value: Any, path: Path) -> Placed:
        """Translate a traffic policy."""
        read = self._reading.fields(value, _POLICY, path)
        return read if read.broken else Placed({"PolicyStatements": Placed([], path), **read.value}, path)

    def rule_set(self, value: Any, path: Path) -> Placed:
        """Translate a list of rules."""
        if not isinstance(value, list) or not value:
            return self._reading.expected("a list of rules", value, path)
        read = self._reading.read(value, _RULES, path)
        self._refuse_twins(read.value)
        return Placed({"Rules": read}, path)

    def _refuse_twins(self, read: list[Placed]) -> None:
        names: set[str] = set()
        for rule in read:
            name = None if rule.broken else rule.value["Name"]
            if name is None or not isinstance(name.value, str):
                continue
            if name.value in names:
                self._reading.refuse(name.path, f"'{plain(name.value)}' is the name of another rule of this set")
            names.add(name.value)

    def _statements(self, value: Any, path: Path) -> Placed:
        if not isinstance(value, list):
            return self._reading.expected("a list of statements", value, path)
        found = [one for index, item in enumerate(value) for one in self._statement(item, (*path, index))]
        return Placed(found, path)

    def _statement(self, value: Any, path: Path) -> list[Placed]:
        """Translate `{allow: [CONDITION, ...]}`; all of its conditions must hold."""
        reading = self._reading
        known = words_of(traffic.ALLOW_OR_DENY.values)
        if path in reading.document.unusable:
            return []
        if not isinstance(value, Mapping) or not value:
            reading.expected("a statement, such as allow: [{tls_protocol: {minimum_tls_version: 1.2}}]", value, path)
            return []
        reading.unknown_keys(value, known, path)
        chosen = [word for word in value if word in known]
        reading.only_one(chosen, path)
        return self._conditions(known[chosen[0]], value[chosen[0]], (*path, chosen[0])) if chosen else []

    def _conditions(self, action: str, value: Any, path: Path) -> list[Placed]:
        if path in self._reading.document.unusable:
            return []
        if not isinstance(value, list) or not value:
            self._reading.expected("a list of conditions", value, path)
            return []
        # One that may hold in several ways makes as many statements.
        ways = [self._of_policies.read(item, (*path, index)) for index, item in enumerate(value)]
        return [
            Placed({"Action": Placed(action, path), "Conditions": Placed(list(conditions), path)}, path)
            for conditions in itertools.product(*ways)
        ]

    def _write_to_s3(self, value: Any, path: Path) -> Placed:
        read = self._reading.fields(value, _WRITE_TO_S3, path)
        if read.broken:
            return read
        key = read.value.get("S3SseKmsKeyId")
        if key and isinstance(key.value, str) and not re.fullmatch(_KEY.pattern, key.value):
            self._reading.refuse(key.path, "is not the ARN of a key, such as arn:aws:kms:eu-west-1:111122223333:key/ID")
        if "S3Bucket" in read.value:
            return read
        if key:
            self._reading.refuse(key.path, "is for another bucket: the stack's own is encrypted, with S3's keys")
        return Placed({**read.value, "S3Bucket": Placed(Given.BUCKET, path)}, path)
